package schema

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Wish is one field as a person wants it mapped. Of its texts "" is: no number yet, the object's direction, the object's policy.
type Wish struct {
	Line                int // where it was written, for errors; 0 for nowhere
	Object              string
	Number              *int
	Salesforce, Marketo string
	Direction           string
	Policy              string
	NeverBlank          bool
	Consent             bool
	Rule                string
	Quiet               string
	Nightly             bool
	Why, Owner          string
}

// WishError says what is wrong with one wish and what to do.
type WishError struct {
	Line  int
	Field string // "Lead.Rating"
	Said
}

// Error is the line, the field, and what to do.
func (e *WishError) Error() string {
	text := e.Text
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	if e.Line > 0 {
		text = fmt.Sprintf("line %d: %s", e.Line, text)
	}
	return text
}

// Changes are what a new mapping touches, by field ("Lead.Rating").
type Changes struct {
	// Added are fields that were never agreed upon: both sides are compared afresh, for every linked record of the object.
	Added []string `json:"added"`
	// Removed are fields that no longer travel; both sides keep their values.
	Removed []string `json:"removed"`
	// Changed are fields that travel by other rules than before: from their next change on, and compared afresh where they travel
	// further.
	Changed []string `json:"changed"`
	// Objects are the Salesforce objects of the added fields.
	Objects []record.Object `json:"-"`
}

// Empty reports that nothing changed.
func (c Changes) Empty() bool { return len(c.Added)+len(c.Removed)+len(c.Changed) == 0 }

// With is the mapping as a person wishes it: all wishes together are all that is to be mapped. Nothing of it is taken over when
// one of them cannot be; the error then holds a *WishError for each.
func (m Mapping) With(wishes []Wish, described Schemas, now time.Time) (Mapping, Changes, error) {
	b := &building{old: m, described: described, now: now, byObject: map[record.Object][]Field{}, changes: Changes{Added: []string{}, Removed: []string{}, Changed: []string{}}, twins: m.twins(described)}
	for _, w := range wishes {
		b.add(w)
	}
	b.complete()
	if len(b.errs) > 0 {
		return Mapping{}, Changes{}, errors.Join(b.errs...)
	}
	out := m
	out.Objects = nil
	for _, t := range b.twins {
		old, mapped := m.Object(t.name)
		fields, wished := b.byObject[t.name]
		if !mapped && !wished {
			continue
		}
		object := Object{Name: t.name, Twin: t.twin, Key: t.key}
		for _, f := range b.settle(t.name, old, fields) {
			object.place(f)
		}
		out.Objects = append(out.Objects, object)
	}
	return out, b.changes, nil
}

// building puts a mapping together from wishes.
type building struct {
	old       Mapping
	described Schemas
	twins     []twin // that can be mapped
	now       time.Time
	byObject  map[record.Object][]Field
	lines     map[string]int // "Lead s rating" to the line that mapped it
	changes   Changes
	errs      []error
}

// twinOf finds an object among those that can be mapped, whatever the case of its name.
func (b *building) twinOf(name string) (twin, bool) {
	for _, t := range b.twins {
		if strings.EqualFold(string(t.name), name) {
			return t, true
		}
	}
	return twin{}, false
}

// names are the objects that can be mapped.
func (b *building) names() []record.Object {
	names := make([]record.Object, len(b.twins))
	for i, t := range b.twins {
		names[i] = t.name
	}
	return names
}

func (b *building) fail(w Wish, key, text string, args ...string) {
	b.refuse(w, Say(key, text, args...))
}

func (b *building) refuse(w Wish, why Said) {
	field := w.Object
	if w.Salesforce != "" {
		field += "." + w.Salesforce
	}
	b.errs = append(b.errs, &WishError{w.Line, field, why})
}

// add checks one wish and makes the field of it.
func (b *building) add(w Wish) {
	t, ok := b.twinOf(w.Object)
	switch {
	case !ok:
		b.fail(w, "wish.object", "there is no such object to map; there are %1.", list(b.names()))
		return
	case w.Salesforce == "" || w.Marketo == "":
		b.fail(w, "wish.sides", "name the field on both sides, as \"salesforce\" and \"marketo\".")
		return
	}
	w.Object = string(t.name)
	failed := len(b.errs)
	old, _ := b.old.Object(t.name)
	f, known := b.known(w, old)
	if len(b.errs) > failed {
		return
	}
	e := f.entry()
	s, k, shown := b.sides(w, t, known && (e.State == Gone || e.State == Retyped))
	b.once(w, t)
	b.words(w, t, &f, &e)
	if len(b.errs) > failed {
		return
	}
	f.Salesforce, f.Marketo, f.NeverBlank, f.Consent, f.Rule = w.Salesforce, w.Marketo, w.NeverBlank, w.Consent, w.Rule
	e.Nightly, e.Why, e.Owner = w.Nightly, w.Why, w.Owner
	if shown {
		b.judge(w, t, s, k, known, &f, &e)
	}
	if !known {
		e.Since = b.now
	}
	f.Entry = &e
	b.byObject[t.name] = append(b.byObject[t.name], f)
}

// known finds the field that a wish is about: by its number, else by its names. A field that was removed comes back with its
// number and what was agreed of it, unless its type became another.
func (b *building) known(w Wish, old Object) (Field, bool) {
	same := func(f Field) bool {
		return strings.EqualFold(f.Salesforce, w.Salesforce) && strings.EqualFold(f.Marketo, w.Marketo)
	}
	if w.Number == nil {
		for _, f := range old.everything() {
			if e := f.entry(); same(f) && (e.State != Removed || b.comparable(f, w, old)) {
				return f, true
			}
		}
		return Field{Number: fresh}, false
	}
	f, ok := Field{}, *w.Number >= 0 && *w.Number < fresh
	if ok {
		f, ok = old.Numbered(uint16(*w.Number))
	}
	switch {
	case !ok:
		b.fail(w, "wish.number", "no field of %1 has the number %2. Leave the number out, and the field gets one.", string(old.Name), strconv.Itoa(*w.Number))
	case same(f):
	case f.entry().State != Gone && b.shown(w, old):
		b.fail(w, "wish.number.taken", "number %1 is %2 with %3, and both are there. Leave the number out to map another pair.", strconv.Itoa(int(f.Number)), f.Salesforce, f.Marketo)
	}
	return f, true
}

// shown reports whether both sides show what a wish names.
func (b *building) shown(w Wish, o Object) bool {
	_, onSalesforce := b.described.find(o.Name, w.Salesforce)
	_, onMarketo := b.described.find(o.Twin, w.Marketo)
	return onSalesforce && onMarketo
}

// fresh is the number of a field that has none yet.
const fresh = 0xFFFF

// comparable reports whether what was once agreed of a removed field can still be compared.
func (b *building) comparable(f Field, w Wish, o Object) bool {
	s, _ := b.described.find(o.Name, w.Salesforce)
	k, _ := b.described.find(o.Twin, w.Marketo)
	kind, _ := Fit(s, k)
	return kind != 0 && family(kind) == family(f.Type.Kind)
}

// sides finds both descriptions. A field that is mapped and not shown for the moment may stay so.
func (b *building) sides(w Wish, t twin, hidden bool) (s, k Described, shown bool) {
	s, onSalesforce := b.described.find(t.name, w.Salesforce)
	k, onMarketo := b.described.find(t.twin, w.Marketo)
	if !hidden {
		if !onSalesforce {
			if near := nearest(w.Salesforce, b.described[t.name]); near == "" {
				b.fail(w, "wish.hidden.salesforce", "Salesforce shows no field %1 on %2: it is misspelt, or hidden from the sync user.", w.Salesforce, string(t.name))
			} else {
				b.fail(w, "wish.hidden.salesforce.near", "Salesforce shows no field %1 on %2: it is misspelt, or hidden from the sync user. Did you mean %3?", w.Salesforce, string(t.name), near)
			}
		}
		if !onMarketo {
			if near := nearest(w.Marketo, b.described[t.twin]); near == "" {
				b.fail(w, "wish.hidden.marketo", "Marketo shows no field %1: it is misspelt (the API name counts, not the label), or hidden.", w.Marketo)
			} else {
				b.fail(w, "wish.hidden.marketo.near", "Marketo shows no field %1: it is misspelt (the API name counts, not the label), or hidden. Did you mean %2?", w.Marketo, near)
			}
		}
	}
	return s, k, onSalesforce && onMarketo
}

// once sees to it that nothing is mapped twice.
func (b *building) once(w Wish, t twin) {
	if b.lines == nil {
		b.lines = map[string]int{}
	}
	for _, side := range []struct{ title, name string }{{"Salesforce", w.Salesforce}, {"Marketo", w.Marketo}} {
		if f, ok := b.described.find(t.twin, side.name); ok && side.title == "Marketo" && f.LinksTo != "" {
			continue // a record may hang on a lead or on a contact: of both lookups the one that is filled counts
		}
		key := fmt.Sprintf("%s %s %s", t.name, side.title, strings.ToLower(side.name))
		if line, twice := b.lines[key]; twice && line == 0 {
			b.fail(w, "wish.twice", "%1's %2 is mapped already; a field is mapped once for an object.", side.title, side.name)
		} else if twice {
			b.fail(w, "wish.twice.line", "%1's %2 is mapped already, on line %3; a field is mapped once for an object.", side.title, side.name, strconv.Itoa(line))
		}
		b.lines[key] = w.Line
	}
}

// words reads what the wish says in words.
func (b *building) words(w Wish, t twin, f *Field, e *Entry) {
	e.Wished = t.direction()
	if w.Direction != "" {
		direction, err := ParseDirection(w.Direction)
		switch {
		case err != nil:
			b.fail(w, "wish.direction", "direction \"%1\" is none of both, to_marketo, to_salesforce.", w.Direction)
		case narrow(direction, t.direction().Writes(record.Salesforce), t.direction().Writes(record.Marketo)) != direction:
			b.fail(w, "wish.direction.never", "%1 is never written in Salesforce: direction to_marketo is the only one.", string(t.name))
		}
		e.Wished = direction
	}
	f.Policy = 0
	if w.Policy != "" {
		policy, err := ParsePolicy(w.Policy)
		if err != nil {
			b.fail(w, "wish.policy", "policy \"%1\" is none of salesforce, marketo, newest, hold; leave it empty to go by the workspace's setting.", w.Policy)
		}
		f.Policy = policy
	}
	quiet, err := ParseQuiet(w.Quiet)
	if err != nil {
		b.fail(w, "wish.quiet", "quiet \"%1\" is neither hour nor day; leave it empty to write at once.", w.Quiet)
	}
	f.Quiet = quiet
}

// judge looks whether both sides can hold the field, and in which directions.
func (b *building) judge(w Wish, t twin, s, k Described, known bool, f *Field, e *Entry) {
	*f = f.refers(t.name).hangs(b.twins, t, s, k)
	kind, why := f.fit(s, k)
	k.Writable = k.Writable || f.Key
	switch {
	case kind == 0 && !known:
		b.refuse(w, why)
		return
	case kind != 0 && w.NeverBlank && kind == record.Boolean:
		b.fail(w, "wish.never-blank", "a checkbox is never blank anyway; set never_blank to false.")
		return
	case kind != 0 && w.Consent && kind != record.Boolean:
		b.fail(w, "wish.consent", "only a checkbox can be a consent; set consent to false.")
		return
	case reach(e.Wished, s, k) == 0 && !known:
		b.fail(w, "wish.reach", "neither side takes it in the direction %1. Ask for edit access to the field, or choose another direction.", e.Wished.String())
		return
	}
	e.Nightly = e.Nightly || !known && s.Calculated // otherwise it would never arrive by itself
	if !known {                                     // what is known keeps the kind in which it was agreed upon, which resolve compares
		f.Type.Kind, e.Salesforce, e.Marketo = kind, s, k
	}
	if e.State == Removed {
		e.State = Gone // until resolve has looked
	}
	f.Entry = e
	*f = f.resolve(t, b.described)
	*e = f.entry()
}

// complete checks what only all wishes together show.
func (b *building) complete() {
	for _, t := range b.twins {
		old, mapped := b.old.Object(t.name)
		if !mapped || len(b.errs) > 0 || len(b.byObject[t.name]) == 0 && !t.name.IsPerson() { // without any field it is switched off
			continue
		}
		for _, f := range old.Fields {
			needed := f.Key || f.Needed || t.name.IsPerson() && f.Salesforce == "Email"
			if needed && !slices.ContainsFunc(b.byObject[t.name], func(x Field) bool { return x.Number == f.Number }) {
				b.fail(Wish{Object: string(t.name), Salesforce: f.Salesforce}, "wish.needed", "records are found by it in Marketo, so it stays mapped. Put it back.")
			}
		}
	}
}

// settle gives new fields their numbers, keeps the removed ones, and notes what changed.
func (b *building) settle(name record.Object, old Object, fields []Field) []Field {
	next := max(old.Free(), uint16(len(standard[name])))
	var out []Field
	for _, f := range fields {
		was, known := old.Numbered(f.Number)
		label := string(name) + "." + f.Salesforce
		switch {
		case f.Number == fresh:
			f.Number = next
			next++
			fallthrough
		case known && was.entry().State == Removed:
			b.changes.Added = append(b.changes.Added, label)
			if !slices.Contains(b.changes.Objects, name) {
				b.changes.Objects = append(b.changes.Objects, name)
			}
		case !sameWish(was, f):
			b.changes.Changed = append(b.changes.Changed, label)
		}
		out = append(out, f)
	}
	for _, f := range old.everything() {
		if slices.ContainsFunc(out, func(x Field) bool { return x.Number == f.Number }) {
			continue
		}
		if e := f.entry(); e.State != Removed {
			e.State = Removed
			f.Entry = &e
			b.changes.Removed = append(b.changes.Removed, string(name)+"."+f.Salesforce)
		}
		out = append(out, f)
	}
	sortFields(out)
	return out
}

// sameWish reports whether two fields are wished alike, whatever the sides make of it. Words for people do not count.
func sameWish(a, b Field) bool {
	ea, eb := a.entry(), b.entry()
	return a.Salesforce == b.Salesforce && a.Marketo == b.Marketo && ea.Wished == eb.Wished && a.Policy == b.Policy && a.NeverBlank == b.NeverBlank &&
		a.Consent == b.Consent && a.Rule == b.Rule && a.Quiet == b.Quiet && ea.Nightly == eb.Nightly
}
