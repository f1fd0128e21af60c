// Package rehearsal is the two pages at the end of a set-up: Rehearsal says what going live will do, before anything is written; Go live
// does it, for a few people to look at first where one wants to.
//
// What the workspace rehearsed, and did, flows in; workbooks, printed pages and the word to go flow out.
package rehearsal

import (
	"cmp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/words"
)

// State is which of a page's faces is shown.
type State uint8

// The faces.
const (
	Loading State = iota
	Empty         // nothing was rehearsed
	Working       // reading, or writing
	Failed
	Full
)

// View is one picture of the page Rehearsal.
type View struct {
	State    State
	Heading  string
	Sub      string
	Share    float64 // of the work that is done; 0: nobody knows
	Rows     []Row
	Examples []Example
	Lost     []Lost
	LostText string
	Points   []Point
	Effort   []string
	Note     string // what was done last
	Foot     string // what is to be said about going on
	Busy     bool
	Problem  *words.Told
}

// Row is the writes of one kind.
type Row struct{ What, Where, Object, Count string }

// Example is one write.
type Example struct{ What, Where, Record, Fields string }

// Lost is a value that is overwritten.
type Lost struct{ Where, Record, Field, Old, New string }

// Point is something to know before one goes on. A grave one keeps something from being written.
type Point struct {
	Grave      bool
	What, Text string
}

// Picture is the view of a rehearsal.
func Picture(w *words.Words, r app.Rehearsal, now time.Time) View {
	return picture(w, facts{loaded: true, rehearsal: &r}, now)
}

func picture(w *words.Words, f facts, now time.Time) View {
	v := View{State: Loading, Heading: w.Say("rehearse.heading"), Sub: w.Say("rehearse.promise"), Busy: f.busy, Note: f.note}
	if f.rehearsal != nil {
		fill(w, &v, *f.rehearsal, now)
	}
	switch {
	case f.progress != nil:
		v.State, v.Heading, v.Sub = Working, w.Say("rehearse.heading.reading"), w.Progress(*f.progress, now)
		if f.progress.Total > 0 {
			v.Share = float64(f.progress.Done) / float64(f.progress.Total)
		}
	case f.failed != nil:
		told := w.Problem(f.failed)
		v.Problem = &told
		if f.rehearsal == nil {
			v.State, v.Heading = Failed, w.Say("rehearse.heading.failed")
		}
	case f.stopped:
		v.Note = w.Say("rehearse.stopped")
		if f.rehearsal == nil {
			v.State, v.Heading = Empty, w.Say("rehearse.heading.stopped")
		}
	case f.loaded && f.rehearsal == nil:
		v.State, v.Heading = Empty, w.Say("rehearse.heading.empty")
	}
	if v.State == Empty || v.State == Failed {
		v.Foot = w.Say("rehearse.foot.none")
	}
	return v
}

// fill says what a rehearsal found.
func fill(w *words.Words, v *View, r app.Rehearsal, now time.Time) {
	v.State, v.Heading = Full, headline(w, r)
	v.Sub = w.Say("rehearse.sub", "when", w.Ago(r.At, now), "linked", w.Number(r.People.Linked), "salesforce", w.Number(r.People.Unlinked.Salesforce), "marketo", w.Number(r.People.Unlinked.Marketo))
	if r.People.Filtered > 0 {
		v.Sub = w.Say("rehearse.sub.out", "sub", v.Sub, "out", w.Number(r.People.Filtered))
	}
	for _, k := range r.Writes {
		v.Rows = append(v.Rows, Row{action(w, k.Action), side(k.Side), w.Object(k.Object), w.Number(k.Count)})
		for _, e := range k.Examples {
			v.Examples = append(v.Examples, Example{action(w, k.Action), side(e.Side), w.Object(e.Object) + " " + string(e.ID), fields(e)})
		}
	}
	for _, o := range r.Overwrites.Examples {
		v.Lost = append(v.Lost, Lost{side(o.Side), w.Object(o.Object) + " " + string(o.ID), words.Field(o.Field), o.Old, o.New})
	}
	v.LostText = w.Say("rehearse.lost.none")
	if r.Overwrites.Count > 0 {
		var most []string
		for _, o := range r.Overwrites.Fields[:min(len(r.Overwrites.Fields), 3)] {
			most = append(most, words.Field(o.Field)+" ("+side(o.Side)+", "+w.Number(o.Count)+")")
		}
		v.LostText = w.Count("rehearse.lost", r.Overwrites.Count, "most", strings.Join(most, ", "))
	}
	v.Points = points(w, r)
	v.Foot = w.Say("rehearse.foot")
	for _, s := range r.Sides {
		v.Effort = append(v.Effort, effort(w, s))
	}
}

// sentence is what the engine says of a record, which may be the first word.
func sentence(w *words.Words, s app.Sentence) string {
	text := w.Sentence(s)
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// named are fields as words, as many as one reads.
func named(fields []string, most int) string {
	var list []string
	for _, f := range fields[:min(len(fields), most)] {
		list = append(list, words.Field(f))
	}
	text := strings.Join(list, ", ")
	if len(fields) > most {
		text += ", …"
	}
	return text
}

// headline is what happens to people, in one sentence.
func headline(w *words.Words, r app.Rehearsal) string {
	people := func(s record.Side, actions ...string) (n int) {
		for _, k := range r.Writes {
			for _, a := range actions {
				if k.Object.IsPerson() && (s == 0 || k.Side == s) && k.Action == a {
					n += k.Count
				}
			}
		}
		return n
	}
	var parts []string
	marketo, salesforce := people(record.Marketo, "create"), people(record.Salesforce, "create")
	if marketo > 0 && salesforce > 0 {
		parts = append(parts, w.Count("rehearse.created.both", salesforce, "marketo", w.Number(marketo)))
		marketo, salesforce = 0, 0
	}
	for _, p := range []struct {
		key string
		n   int
	}{
		{"rehearse.created.marketo", marketo}, {"rehearse.created.salesforce", salesforce},
		{"rehearse.updated", people(0, "update")}, {"rehearse.linked", people(0, app.ActionLink)}, {"rehearse.deleted", people(0, "delete", app.ActionMerge)},
	} {
		if p.n > 0 && len(parts) < 2 { // the table has all
			parts = append(parts, w.Count(p.key, p.n))
		}
	}
	switch {
	case len(r.Writes) == 0:
		return w.Say("rehearse.heading.nothing")
	case len(parts) == 0:
		return w.Count("rehearse.heading.others", r.Count(0, "create", "update", "delete", app.ActionLink, app.ActionMerge))
	case r.Overwrites.Count == 0:
		return w.Say("rehearse.heading.kept", "what", strings.Join(parts, ", "))
	}
	return w.Count("rehearse.heading.lost", r.Overwrites.Count, "what", strings.Join(parts, ", "))
}

func side(s record.Side) string {
	if s == record.Salesforce {
		return "Salesforce"
	}
	return "Marketo"
}

func action(w *words.Words, action string) string {
	switch action {
	case "create":
		return w.Say("rehearse.action.create")
	case "update":
		return w.Say("rehearse.action.update")
	case app.ActionLink:
		return w.Say("rehearse.action.link")
	case app.ActionMerge:
		return w.Say("rehearse.action.merge")
	}
	return w.Say("rehearse.action.delete")
}

// fields are what a write writes, with values, as many as fit on a line.
func fields(p app.Planned) string {
	var texts []string
	for _, f := range p.Fields {
		text := words.Field(f.Name)
		if f.Value != nil && *f.Value != "" {
			text += ": " + *f.Value
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " · ")
}

// pointsAtMost is how many kinds of refusals are told; the workbook has all.
const pointsAtMost = 5

func points(w *words.Words, r app.Rehearsal) (list []Point) {
	if b := r.Brake; b != nil {
		list = append(list, Point{true, w.Say("rehearse.brake"), w.Say("rehearse.brake.text", "updates", w.Number(b.Updates), "deletes", w.Number(b.Deletes), "linked", w.Number(b.Linked), "side", side(b.Side), "limit", w.Number(b.Limit))})
	}
	for i, f := range r.Foreseen {
		if i == pointsAtMost {
			list = append(list, Point{What: w.Count("rehearse.refused.more", len(r.Foreseen)-i)})
			break
		}
		list = append(list, Point{true, w.Count("rehearse.refused", f.Count, "side", side(f.Side)), sentence(w, f.Sentence()) + " " + w.Say("rehearse.fixer", "who", w.Sentence(f.Fixer.Sentence()))})
	}
	for _, h := range r.Holds {
		list = append(list, Point{What: w.Count("rehearse.holds", h.Count), Text: w.Sentence(app.CauseSentence(h.Cause))})
	}
	return list
}

func effort(w *words.Words, s app.RehearsedSide) string {
	if s.Writes == 0 {
		return w.Say("rehearse.effort.none", "side", side(s.Side))
	}
	args := []string{"side", side(s.Side), "writes", w.Number(s.Writes), "calls", w.Number(s.Calls), "left", w.Number(s.Left), "time", w.About(time.Duration(cmp.Or(s.TakesS, 1)) * time.Second), "days", w.Number(s.Days)}
	switch {
	case s.TakesS < 0:
		return w.Say("rehearse.effort.never", args...)
	case s.Days > 1:
		return w.Say("rehearse.effort.days", args...)
	case s.Share == 0:
		return w.Say("rehearse.effort.unknown", args...)
	}
	return w.Say("rehearse.effort", args...)
}
