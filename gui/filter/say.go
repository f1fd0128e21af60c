package filter

import (
	"strings"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/words"
)

// teller says filters in words: the same ones that the rows use.
type teller struct {
	words    *words.Words
	language app.FilterLanguage
}

// filter says the whole filter, a sentence for each block.
func (t teller) filter(rows app.FilterRows) string {
	var lines []string
	for _, b := range rows.Blocks {
		if b.Top.Text() != "" {
			lines = append(lines, t.words.Say("filter.said", "who", t.about(b.Objects), "what", t.node(b.Objects, b.Top, true)))
		}
	}
	if len(lines) == 0 {
		return t.words.Say("filter.said.everybody")
	}
	return strings.Join(lines, " ")
}

// about names the records that a block is about.
func (t teller) about(objects []record.Object) string {
	if len(objects) == 0 {
		return t.words.Say("filter.about.both")
	}
	var names []string
	for _, o := range objects {
		name := string(o)
		for _, known := range t.language.Objects() {
			if known.Object == o {
				name = known.Plural
			}
		}
		names = append(names, name)
	}
	return t.list(names, "and")
}

// list joins words; last is the key of what stands before the last one.
func (t teller) list(parts []string, last string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	n := len(parts) - 1
	return t.words.Say("filter.list."+last, "some", strings.Join(parts[:n], ", "), "last", parts[n])
}

func (t teller) node(objects []record.Object, n app.FilterNode, top bool) string {
	if n.Join == app.FilterAlone {
		return t.row(objects, n.Row)
	}
	var parts []string
	for _, part := range n.Nodes {
		if part.Text() != "" {
			parts = append(parts, t.node(objects, part, false))
		}
	}
	last := "and"
	if n.Join == app.FilterAnyOf || n.Join == app.FilterNoneOf {
		last = "or"
	}
	said := t.list(parts, last)
	if n.Join == app.FilterNotEachOf || n.Join == app.FilterNoneOf {
		return t.words.Say("filter.said.not", "what", said)
	}
	if !top && len(parts) > 1 {
		return "(" + said + ")"
	}
	return said
}

// row says a row: "Country is one of “NL” or “BE”".
func (t teller) row(objects []record.Object, r app.FilterRow) string {
	said := t.label(objects, r.Field) + " " + t.ask(r.Ask)
	if values := t.values(r, true); values != "" {
		said += " " + values
	}
	return said
}

// label is what people call a field.
func (t teller) label(objects []record.Object, field string) string {
	if offer, known := t.language.Offer(objects, field); known {
		return offer.Label
	}
	return strings.Trim(field, `"`)
}

func (t teller) ask(a app.FilterAsk) string { return t.words.Say("filter.ask." + string(a)) }

// values says the values of a row, texts in quotes where it stands within a sentence.
func (t teller) values(r app.FilterRow, quoted bool) string {
	var said []string
	for _, v := range r.Values {
		switch r.Ask.Takes() {
		case app.FilterTakesNothing:
			continue
		case app.FilterTakesDay:
			v = t.day(v)
		case app.FilterTakesStretch:
			n, unit := stretch(v)
			v = t.words.Say("filter.stretch."+unit, "n", n)
		case app.FilterTakesText, app.FilterTakesTexts:
			if quoted {
				v = "“" + v + "”"
			}
		}
		said = append(said, v)
	}
	if !quoted {
		return strings.Join(said, ", ")
	}
	return t.list(said, "or")
}

// day says a day as a filter writes it.
func (t teller) day(v string) string {
	form, n := dayForm(v)
	if form == "date" {
		if at, err := time.Parse(time.DateOnly, n); err == nil {
			return t.date(at)
		}
		return n
	}
	return t.words.Say("filter.day."+form, "n", n)
}

// date is a day with its year, in the language's way.
func (t teller) date(at time.Time) string {
	return t.words.Say("filter.date", "day", t.words.Date(time.Date(at.Year(), at.Month(), at.Day(), 12, 0, 0, 0, t.words.Zone)), "year", at.Format("2006"))
}

// fact says what a record has in a field: "Country is Sweden".
func (t teller) fact(f app.FilterFact) string {
	value := f.Value
	switch {
	case f.Kind == record.Boolean && value == "true":
		return t.words.Say("filter.fact.ticked", "field", f.Label)
	case f.Kind == record.Boolean:
		return t.words.Say("filter.fact.unticked", "field", f.Label)
	case value == "":
		return t.words.Say("filter.fact.blank", "field", f.Label)
	case f.Kind == record.Date || f.Kind == record.DateTime:
		if at, err := time.Parse(time.DateOnly, value[:min(len(value), len(time.DateOnly))]); err == nil {
			value = t.date(at)
		}
	}
	return t.words.Say("filter.fact", "field", f.Label, "value", value)
}

// The forms in which a day is given, and the units of stretches, as filters write them.
var (
	dayForms = []string{"today", "yesterday", "tomorrow", "date", "days-ago", "weeks-ago", "months-ago", "years-ago", "days-on", "weeks-on", "months-on", "years-on"}
	units    = []string{"hours", "days", "weeks", "months", "years"}
)

// dayForm takes a day apart: its form, and the number or date that goes with it.
func dayForm(v string) (form, n string) {
	parts := strings.Fields(v)
	switch {
	case v == "today" || v == "yesterday" || v == "tomorrow":
		return v, ""
	case len(parts) >= 3 && parts[2] == "ago":
		return plural(parts[1]) + "-ago", parts[0]
	case len(parts) == 4:
		return plural(parts[1]) + "-on", parts[0]
	case len(parts) == 2 && parts[1] == "ago": // the number is not typed yet
		return plural(parts[0]) + "-ago", ""
	case len(parts) == 3 && parts[2] == "now":
		return plural(parts[0]) + "-on", ""
	}
	return "date", v
}

// dayOf puts a day together again.
func dayOf(form, n string) string {
	unit, way, counted := strings.Cut(form, "-")
	switch {
	case form == "date":
		return n
	case !counted:
		return form
	case n == "1":
		unit = strings.TrimSuffix(unit, "s")
	}
	return n + " " + unit + map[string]string{"ago": " ago", "on": " from now"}[way]
}

// stretch takes "24 months" apart.
func stretch(v string) (n, unit string) {
	n, unit, _ = strings.Cut(v, " ")
	return n, plural(unit)
}

func stretchOf(n, unit string) string {
	if n == "1" {
		unit = strings.TrimSuffix(unit, "s")
	}
	return n + " " + unit
}

func plural(unit string) string {
	if strings.HasSuffix(unit, "s") {
		return unit
	}
	return unit + "s"
}
