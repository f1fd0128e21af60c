package filter

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/app"
)

// totals are what a filter does to people, or to records of one other object.
type totals struct {
	records, passes, leaves, enters, linked, linkedLeaves int
	roughly, uncounted                                    bool
}

func (n *totals) add(o app.FilterObjectWeight) {
	n.records, n.passes, n.leaves, n.enters = n.records+o.Records, n.passes+o.Passes, n.leaves+o.Leaves, n.enters+o.Enters
	n.linked, n.linkedLeaves = n.linked+o.Linked, n.linkedLeaves+o.LinkedLeaves
	n.roughly, n.uncounted = n.roughly || o.Roughly, n.uncounted || o.Uncounted
}

// people adds up leads and contacts.
func people(w app.FilterWeight) (n totals) {
	for _, o := range w.Objects {
		if o.Object.IsPerson() {
			n.add(o)
		}
	}
	return n
}

// means says what the filter would do, as far as it is known; numbers of an earlier text are marked as old.
func (t teller) means(f facts) Means {
	m := Means{Asking: f.asking, Leaving: f.edit.now.Rows.Leaving, Old: f.weight != nil && f.weighed != f.edit.wanted()}
	for _, mark := range f.sheet.Language.Marks() {
		if strings.EqualFold(mark.Name, f.edit.now.Rows.Mark) || strings.EqualFold(`"`+mark.Label+`"`, f.edit.now.Rows.Mark) || strings.EqualFold(mark.Label, f.edit.now.Rows.Mark) {
			m.Mark = mark.Label
		}
	}
	w := t.words
	if f.weight == nil {
		m.Salesforce.Text, m.Marketo.Text = t.unknown(f), t.unknown(f)
		m.Facts = []Fact{{Name: w.Say("filter.enter"), Of: Entering}, {Name: w.Say("filter.leave"), Of: Leaving}, {Name: w.Say("filter.hanging"), Of: Hanging}}
		return m
	}
	m.Whole = f.weight.Known == app.FilterWeighed
	n := people(*f.weight)
	share := func(part, whole int) float64 {
		if whole == 0 {
			return 0
		}
		return float64(part) / float64(whole)
	}
	m.Salesforce = Side{
		Text: w.Say("filter.pass", "n", w.Number(n.passes), "all", w.Number(n.records)),
		In:   share(n.passes-n.enters, n.records), Entering: share(n.enters, n.records), Going: share(n.leaves, n.records),
	}
	compared := f.weight.Known >= app.FilterCompared
	switch {
	case !f.sheet.Linked:
		m.Marketo.Text = w.Say("filter.marketo.none")
	case !compared:
		m.Marketo.Text = w.Say("filter.counting")
	case n.uncounted:
		m.Marketo.Text = w.Say("filter.marketo.linked", "all", w.Number(n.linked))
	case !f.changed(): // it is set already: who leaves by it does so in the next cycle
		m.Marketo = Side{Text: w.Say("filter.marketo.linked", "all", w.Number(n.linked)), In: share(n.linked, n.linked)}
	default:
		m.Marketo = Side{
			Text: t.roughly("filter.marketo.stay", n.roughly, "n", w.Number(n.linked-n.linkedLeaves), "all", w.Number(n.linked)),
			In:   share(n.linked-n.linkedLeaves, n.linked), Going: share(n.linkedLeaves, n.linked),
		}
	}
	m.Facts = []Fact{t.entering(f, n), t.leaving(f, n, compared), t.hanging(f)}
	for _, o := range f.weight.Objects {
		if !o.Object.IsPerson() {
			m.Others = append(m.Others, w.Say("filter.other", "object", o.Plural, "n", w.Number(o.Passes), "all", w.Number(o.Records)))
		}
	}
	return m
}

// unknown says of what is not known whether it is on its way: a text that is not understood is not counted.
func (t teller) unknown(f facts) string {
	if !f.asking && (f.failed != nil || f.edit.now.wrong != nil) {
		return t.words.Say("filter.uncounted")
	}
	return t.words.Say("filter.counting")
}

// roughly says a number, with "about" where it was not counted one by one.
func (t teller) roughly(key string, roughly bool, args ...string) string {
	if roughly {
		key += ".about"
	}
	return t.words.Say(key, args...)
}

func (t teller) entering(f facts, n totals) Fact {
	w := t.words
	fact := Fact{Name: w.Say("filter.enter"), Number: w.Number(n.enters), Text: w.Say("filter.enter.text"), Of: Entering}
	if !f.sheet.Linked {
		fact.Name, fact.Number, fact.Text = w.Say("filter.first"), w.Number(n.passes), w.Say("filter.first.text")
	}
	return fact
}

func (t teller) leaving(f facts, n totals, compared bool) Fact {
	w := t.words
	fact := Fact{Name: w.Say("filter.leave"), Number: w.Number(n.leaves), Of: Leaving}
	switch {
	case !f.sheet.Linked:
		fact.Name, fact.Number, fact.Text = w.Say("filter.out"), w.Number(n.records-n.passes), w.Say("filter.out.text")
	case !compared:
		fact.Text = w.Say("filter.counting")
	case n.uncounted:
		fact.Text = w.Say("filter.leave.uncounted")
	default:
		fact.Text = t.roughly("filter.leave.linked", n.roughly, "n", w.Number(n.linkedLeaves))
	}
	return fact
}

func (t teller) hanging(f facts) Fact {
	w := t.words
	fact := Fact{Name: w.Say("filter.hanging"), Of: Hanging}
	if f.weight.Known < app.FilterWeighed {
		fact.Text = w.Say("filter.counting")
		return fact
	}
	all := 0
	var parts []string
	var hanging []app.FilterHanging
	for _, h := range f.weight.Hanging { // on leads and on contacts
		all += h.N
		if i := slices.IndexFunc(hanging, func(other app.FilterHanging) bool { return other.Object == h.Object }); i >= 0 {
			hanging[i].N += h.N
		} else {
			hanging = append(hanging, h)
		}
	}
	for _, h := range hanging {
		key := "filter.hanging." + string(h.Object)
		if !w.Has(key) {
			key = "filter.hanging.other"
		}
		parts = append(parts, w.Say(key, "n", w.Number(h.N), "object", string(h.Object)))
	}
	fact.Number, fact.Text = w.Number(all), w.Say("filter.hanging.none")
	if all > 0 {
		fact.Text = w.Say("filter.hanging.text", "what", t.list(parts, "and"))
	}
	return fact
}

// who lists those who would leave or enter.
func (t teller) who(f facts) (list []Who, empty string) {
	w := t.words
	if f.which == Versions {
		return nil, ""
	}
	if f.weight == nil || f.weight.Known < app.FilterNamed {
		return nil, t.unknown(f)
	}
	of := f.weight.Leave
	empty = w.Say("filter.who.none.leave")
	if f.which == WhoEnters {
		of, empty = f.weight.Enter, w.Say("filter.who.none.enter")
	}
	for _, one := range of {
		var facts []string
		for _, fact := range one.Facts {
			facts = append(facts, t.fact(fact))
		}
		name := one.Name
		if name == "" {
			name = string(one.Salesforce)
		}
		key := "filter.who.unlinked"
		if one.Marketo != "" {
			key = "filter.who.linked"
		}
		list = append(list, Who{Name: name, Why: w.Say(key, "object", strings.ToLower(one.Label), "why", t.list(facts, "and"))})
	}
	if len(list) > 0 {
		empty = ""
	}
	return list, empty
}

// notes are what is worth knowing of the filter.
func (t teller) notes(f facts) (notes []string) {
	if f.weight == nil || f.weighed != f.edit.wanted() {
		return nil
	}
	say := func(note string) { // the same may be so of leads and of contacts
		if !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	var unindexed []string
	for _, n := range f.weight.Notes {
		switch n.About {
		case app.FilterIndexNote:
			unindexed = append(unindexed, n.Object)
		case app.FilterFormulaNote:
			say(t.words.Say("filter.note.formula", "field", n.Field))
		case app.FilterValueNote:
			key := "filter.note.value"
			if n.Meant != "" {
				key = "filter.note.value.meant"
			}
			say(t.words.Say(key, "field", n.Field, "value", n.Value, "meant", n.Meant))
		}
	}
	if len(unindexed) > 0 {
		say(t.words.Say("filter.note.index", "objects", t.list(unindexed, "and")))
	}
	return notes
}

// confirm is what is asked before the filter is set: what it does, in numbers.
func (t teller) confirm(f facts) string {
	w := t.words
	if !f.counted() {
		return w.Say("filter.confirm.counting")
	}
	n := people(*f.weight)
	parts := []string{w.Say("filter.confirm.pass", "n", w.Number(n.passes), "all", w.Number(n.records))}
	switch {
	case !f.sheet.Linked:
		parts = append(parts, w.Say("filter.confirm.first"))
	case f.weight.Known < app.FilterCompared || n.uncounted:
		parts = append(parts, w.Say("filter.confirm.moves", "enter", w.Number(n.enters), "leave", w.Number(n.leaves)))
	default:
		parts = append(parts, w.Say("filter.confirm.moves", "enter", w.Number(n.enters), "leave", w.Number(n.leaves)))
		if n.linkedLeaves > 0 {
			parts = append(parts, t.roughly("filter.confirm."+f.edit.now.Rows.Leaving.String(), n.roughly, "n", w.Number(n.linkedLeaves)))
		}
	}
	return strings.Join(parts, " ")
}

// versions are the filter that is set and those before it, each with how it differs from what is edited.
func (t teller) versions(f facts) (list []Version) {
	if f.which != Versions {
		return nil
	}
	w := t.words
	for i, k := range append([]app.KeptFilter{f.sheet.Kept}, f.sheet.Former...) {
		if k.Version == 0 {
			continue
		}
		v := Version{N: k.Version, Now: i == 0, Title: w.Say("filter.version", "n", w.Number(k.Version), "who", k.By, "date", t.date(k.At.In(w.Zone))), Text: k.Why}
		rows, err := f.sheet.Language.Read(k.Text)
		switch {
		case err != nil:
			v.Differs = w.Say("filter.version.unreadable")
		default:
			v.Differs = t.differs(f.edit.now.Rows, rows)
		}
		list = append(list, v)
	}
	return list
}

// differs says in a sentence how a filter differs from the one that is edited.
func (t teller) differs(now, then app.FilterRows) string {
	w := t.words
	if now.Text() == then.Text() {
		return w.Say("filter.version.same")
	}
	conditions := func(rows app.FilterRows) (said []string) {
		for _, b := range rows.Blocks {
			each(b.Top, func(r app.FilterRow) {
				if r.Whole() {
					said = append(said, t.row(b.Objects, r))
				}
			})
		}
		return said
	}
	less := func(a, b []string) []string {
		return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
	}
	was, is := conditions(then), conditions(now)
	var parts []string
	if only := less(was, is); len(only) > 0 {
		parts = append(parts, w.Say("filter.version.more", "what", strings.Join(only, "; ")))
	}
	if only := less(is, was); len(only) > 0 {
		parts = append(parts, w.Say("filter.version.less", "what", strings.Join(only, "; ")))
	}
	if then.Leaving != now.Leaving {
		parts = append(parts, w.Say("filter.version."+then.Leaving.String()))
	}
	if len(parts) == 0 {
		return w.Say("filter.version.joined")
	}
	return strings.Join(parts, " ")
}
