package app

import (
	"bytes"
	"encoding/csv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// The data dictionary says what stands on both sides, counted by itself: how full a field is, how often it changes, why it is there.
func TestDataDictionary(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a, pair := pairOf(t, home, sandbox.Options{People: 400, Seed: 1})
		cycles(t, a, 2)
		_, err := a.SetMapping(ctx, sampleName, edited(t, a, func(d *MappingDocument) {
			f := mappedField(t, d, record.Lead, "Title")
			f.Why, f.Owner = "=routing", "Ops"
		}))
		must(t, err)
		time.Sleep(7 * 24 * time.Hour)
		edits, err := pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: 50, Seed: 3, Fields: []string{"Title"}})
		must(t, err)
		leads := 0
		for _, e := range edits {
			if e.Object == record.Lead {
				leads++
			}
		}
		cycles(t, a, 2)
		pair.ResetJournal()
		after := dictionaryFieldOf(t, a, record.Lead, "Title")
		if calls := pair.Journal().Of(record.Salesforce).Calls + pair.Journal().Of(record.Marketo).Calls; calls != 0 {
			t.Errorf("the dictionary made %d calls", calls)
		}
		if after.Why != "=routing" || after.Owner != "Ops" || after.Since == nil || after.Salesforce.Length != 128 || after.Marketo.Label != "Job Title" || after.Direction != "both" {
			t.Errorf("the dictionary says %+v", after)
		}
		if got := int(*after.ChangesPerWeek + 0.5); got > leads || got < leads*7/10 { // some of those edited are in no pair
			t.Errorf("%d leads were edited, the dictionary counts %d changes", leads, got)
		}

		filled, of := 0, 0
		for _, person := range linkedPeople(t, a) {
			pair.Instance().Look(record.Person, string(person), func(get func(string) (string, bool)) {
				of++
				if v, ok := get("title"); ok && v != "" {
					filled++
				}
			})
		}
		contact := dictionaryFieldOf(t, a, record.Contact, "Title")
		got := *after.Filled*float64(after.FilledOf) + *contact.Filled*float64(contact.FilledOf)
		// What a side refused, or a person has to decide, is agreed upon by nobody.
		status, err := a.Status(ctx, sampleName)
		must(t, err)
		open := status.Failures + status.Holds
		if after.FilledOf+contact.FilledOf != of || int(got+0.5) > filled || int(got+0.5) < filled-open {
			t.Errorf("of %d people %d have a title; the dictionary says %v of %d", of, filled, got, after.FilledOf+contact.FilledOf)
		}

		d, err := a.Dictionary(ctx, sampleName)
		must(t, err)
		var table, book bytes.Buffer
		must(t, d.WriteCSV(&table), d.WriteXLSX(&book))
		lines, err := csv.NewReader(&table).ReadAll()
		must(t, err)
		if len(lines) != len(d.Fields)+1 || len(lines[0]) != len(dictionaryHead) {
			t.Errorf("the table has %d lines of %d cells", len(lines), len(lines[0]))
		}
		for _, line := range lines {
			if line[0] == "Lead" && line[1] == "Title" && line[20] != "'=routing" {
				t.Errorf("a spreadsheet would calculate %q", line[20])
			}
		}
		opened, err := excelize.OpenReader(&book)
		must(t, err)
		rows, err := opened.GetRows("Fields")
		must(t, err, opened.Close())
		if len(rows) != len(lines) || rows[1][1] != lines[1][1] {
			t.Errorf("the workbook has %d rows, the table %d", len(rows), len(lines))
		}
	})
}

func dictionaryFieldOf(t *testing.T, a *App, object record.Object, name string) DictionaryField {
	t.Helper()
	d, err := a.Dictionary(t.Context(), sampleName)
	must(t, err)
	for _, f := range d.Fields {
		if f.Object == object && f.Salesforce.Name == name {
			if f.Filled == nil || f.ChangesPerWeek == nil {
				t.Fatalf("the dictionary knows no figures: %+v", f)
			}
			return f
		}
	}
	t.Fatalf("%s.%s is not in the dictionary", object, name)
	return DictionaryField{}
}
