// Package report writes what Doppio has to hand to somebody as a page to print, to mail or to keep: HTML, PDF and plain text. What is to
// be said flows in, already decided; pages flow out. It asks nobody anything.
package report

import (
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/setup"
)

// Request is what a Salesforce admin is asked for, on one page.
type Request struct {
	Org, User string
	Asks      []setup.Ask
	Made      time.Time
	// Say puts a sentence into the language of the page; nil leaves it in English.
	Say func(pace.Sentence) string
}

// item is one thing that is asked for, in the page's language.
type item struct{ What, Why, How, By string }

// page is a request in words.
type page struct {
	Lang, Title, Intro, Package, Nothing, Why, How, Made string
	Sections                                             []section // that have something
}

// section is a heading and what stands under it; without what a grave one asks for the sync fails.
type section struct {
	Grave bool
	Head  string
	Items []item
}

func (r Request) page() page {
	say := r.Say
	if say == nil {
		say = pace.Sentence.String
	}
	p := page{
		Lang:    say(pace.Say("request.lang", "en")),
		Title:   say(pace.Say("request.title", "A request to the Salesforce admin of %1", r.Org)),
		Intro:   say(pace.Say("request.intro", "Doppio keeps Salesforce and Marketo in step. It works as the user %1, and needs the following for that. Nothing here lets it delete anything.", r.User)),
		Package: say(pace.Say("request.package", "What is marked with + is done by the package that comes with this page (a zip for Setup or the Metadata API): deploy it, then assign the permission set “Doppio Sync” to %1.", r.User)),
		Nothing: say(pace.Say("request.nothing", "Nothing is missing: %1 may do all that is needed.", r.User)),
		Why:     say(pace.Say("request.why", "Why")),
		How:     say(pace.Say("request.how", "Where")),
		Made:    say(pace.Say("request.made", "As of %1", r.Made.Format("2006-01-02 15:04"))),
	}
	needed, wished := section{Grave: true, Head: say(pace.Say("request.needed", "Without this the sync fails"))}, section{Head: say(pace.Say("request.wished", "Without this it works, less well"))}
	for _, a := range r.Asks {
		it := item{What: say(a.What), Why: say(a.Why), How: say(a.How)}
		if a.Package {
			it.By = "+"
		}
		if a.State == setup.Bad {
			needed.Items = append(needed.Items, it)
		} else {
			wished.Items = append(wished.Items, it)
		}
	}
	for _, s := range []section{needed, wished} {
		if len(s.Items) > 0 {
			p.Sections = append(p.Sections, s)
		}
	}
	return p
}

// Text writes the request for a mail.
func (r Request) Text(w io.Writer) error {
	p := r.page()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", p.Title, p.Intro)
	if len(r.Asks) == 0 {
		fmt.Fprintf(&b, "\n%s\n", p.Nothing)
	} else {
		fmt.Fprintf(&b, "%s\n", p.Package)
	}
	for _, s := range p.Sections {
		fmt.Fprintf(&b, "\n%s\n", s.Head)
		for _, it := range s.Items {
			mark := it.By
			if mark == "" {
				mark = "-"
			}
			fmt.Fprintf(&b, "\n%s %s\n  %s: %s\n  %s: %s\n", mark, it.What, p.Why, it.Why, p.How, it.How)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", p.Made)
	_, err := io.WriteString(w, b.String())
	return err
}

var requestPage = template.Must(template.New("request").Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<title>{{.Title}}</title>
<style>
body { font: 15px/1.5 "Noto Sans", system-ui, sans-serif; color: #2b211b; background: #f6f3ef; margin: 0; }
main { max-width: 760px; margin: 32px auto; padding: 32px; background: #fff; border: 1px solid #e6dfd8; border-radius: 12px; }
h1 { font-size: 22px; margin: 0 0 16px; } h2 { font-size: 16px; margin: 32px 0 8px; }
li { margin: 0 0 16px; list-style: none; padding-left: 12px; border-left: 3px solid #8a5a10; }
.needed li { border-color: #a8322a; } ul { padding: 0; } .what { font-weight: bold; } .why, .how, footer { color: #6a5d54; }
.by { color: #2a7247; font-weight: bold; }
@media print { body { background: #fff; } main { border: 0; margin: 0; padding: 0; } li { break-inside: avoid; } }
</style>
</head>
<body><main>
<h1>{{.Title}}</h1>
<p>{{.Intro}}</p>
{{$p := .}}{{if .Sections}}<p>{{.Package}}</p>{{else}}<p>{{.Nothing}}</p>{{end}}
{{range .Sections}}<h2>{{.Head}}</h2>
<ul{{if .Grave}} class="needed"{{end}}>
{{range .Items}}<li><div class="what">{{if .By}}<span class="by">{{.By}}</span> {{end}}{{.What}}</div>
<div class="why">{{$p.Why}}: {{.Why}}</div><div class="how">{{$p.How}}: {{.How}}</div></li>
{{end}}</ul>
{{end}}<footer>{{.Made}}</footer>
</main></body></html>
`))

// HTML writes the request as a page that stands alone.
func (r Request) HTML(w io.Writer) error { return requestPage.Execute(w, r.page()) }
