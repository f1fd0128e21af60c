package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/app/report"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/setup"
)

func request() report.Request {
	return report.Request{
		Org: "Ærøskøbing <Handel> & Søn", User: "sync@acme.example", Made: time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC),
		Asks: []setup.Ask{
			{State: setup.Bad, What: pace.Say("", "Lead: show the sync user <b>Rating</b>"), Why: pace.Say("", "It is mapped."), How: pace.Say("", "Setup > Users"), Package: true},
			{State: setup.Warning, What: pace.Say("", "Contact: make a field"), Why: pace.Say("", "It helps."), How: pace.Say("", "Setup")},
		},
	}
}

func TestRequestPages(t *testing.T) {
	var text, html, pdf bytes.Buffer
	r := request()
	for _, err := range []error{r.Text(&text), r.HTML(&html), r.PDF(&pdf)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"Salesforce admin of Ærøskøbing <Handel> & Søn", "+ Lead: show the sync user <b>Rating</b>", "- Contact: make a field", "Without this the sync fails", "As of 2026-05-04 09:30"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the mail lacks %q:\n%s", want, text.String())
		}
	}
	for _, want := range []string{"&lt;Handel&gt; &amp; Søn", "&lt;b&gt;Rating", `<ul class="needed">`} {
		if !strings.Contains(html.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, html.String())
		}
	}
	if !bytes.HasPrefix(pdf.Bytes(), []byte("%PDF-")) || !bytes.Contains(pdf.Bytes()[pdf.Len()-10:], []byte("%%EOF")) {
		t.Error("the PDF is none")
	}
}

func TestRequestOfNothing(t *testing.T) {
	r := request()
	r.Asks = nil
	r.Say = func(s pace.Sentence) string { return "«" + s.Text + "»" }
	var text, html bytes.Buffer
	if err := r.Text(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.HTML(&html); err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{text.String(), html.String()} {
		if !strings.Contains(said, "«Nothing is missing") || strings.Contains(said, "«Without") || strings.Contains(said, "package") {
			t.Errorf("nothing is asked for, and it says:\n%s", said)
		}
	}
}
