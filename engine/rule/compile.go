package rule

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/assets/places"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// Compile makes the rules of a mapping: those that the document gives to fields, and those that fields of the mapping name. org is what the
// Salesforce org offers of places. The error joins one *EntryError for each thing that is wrong; one about a field of the mapping has the
// field for its place. The rules are usable all the same: what is wrong is left out of them, as of a field that a side hides.
func Compile(doc Document, m schema.Mapping, org Org) (Rules, error) {
	r := Rules{objects: map[record.Object]*Object{}}
	var errs []error
	for i, e := range doc.Rules {
		errs = append(errs, r.give(e, fmt.Sprintf("rules[%d]", i), m, org)...)
	}
	for _, o := range m.Objects {
		for place, f := range o.Fields {
			if f.Rule == "" {
				continue
			}
			e, ok := presets[f.Rule]
			if i := slices.IndexFunc(doc.Rules, func(e Entry) bool { return e.Name == f.Rule }); i >= 0 {
				e, ok = doc.Rules[i], true
			}
			name := string(o.Name) + "." + f.Salesforce
			if !ok {
				errs = append(errs, at(name, "rule.none", "its mapping names the rule \"%1\", which there is none of", f.Rule))
				continue
			}
			if err := r.set(e, o, place, org); err != nil {
				err = under(name, err)
				err.Rule = e.Name
				errs = append(errs, err)
			}
		}
	}
	return r, errors.Join(errs...)
}

// give gives a rule to the fields that it names, as far as that can be done.
func (r *Rules) give(e Entry, place string, m schema.Mapping, org Org) (errs []error) {
	fail := func(err *EntryError) {
		err.Rule = e.Name
		errs = append(errs, err)
	}
	for i, name := range e.Fields {
		here := fmt.Sprintf("%s.fields[%d]", place, i)
		object, field, _ := strings.Cut(name, ".")
		o, ok := m.Object(record.Object(object))
		if !ok {
			fail(at(here, "rule.object", "\"%1\" names no object that is synced; a field is written as Lead.Country", name))
			continue
		}
		at0 := slices.IndexFunc(o.Fields, func(f schema.Field) bool { return strings.EqualFold(f.Salesforce, field) })
		if at0 < 0 {
			fail(at(here, "rule.field", "%1 has no mapped field \"%2\"", object, field))
			continue
		}
		if err := r.set(e, o, at0, org); err != nil {
			err = under(place, err)
			err.Field = name
			fail(err)
		}
	}
	if len(e.Fields) == 0 { // looked at all the same: a mistake is told when it is made
		if _, err := compile(e, schema.Object{}, -1, org); err != nil {
			fail(under(place, err))
		}
	}
	return errs
}

func (r *Rules) set(e Entry, o schema.Object, place int, org Org) *EntryError {
	rules := r.objects[o.Name]
	if rules == nil {
		rules = &Object{fields: make([]*field, len(o.Fields))}
		r.objects[o.Name] = rules
	}
	was := rules.fields[place]
	if was != nil && was.name != "" && was.name != e.Name {
		return at("fields", "rule.field.taken", "%1 has the rule \"%2\" already", string(o.Name)+"."+o.Fields[place].Salesforce, was.name)
	}
	f, err := compile(e, o, place, org)
	if err != nil {
		return err
	}
	if was != nil && f.with < 0 {
		f.with = was.with
	}
	rules.fields[place] = f
	if f.with >= 0 { // and the country goes with its state
		if rules.fields[f.with] == nil {
			rules.fields[f.with] = &field{number: o.Fields[f.with].Number, typ: o.Fields[f.with].Type, with: -1}
		}
		rules.fields[f.with].with = place
	}
	return nil
}

// compile makes an entry ready for the field at a place of an object; a place of -1 only looks whether it is in order.
func compile(e Entry, o schema.Object, place int, org Org) (*field, *EntryError) {
	f := &field{name: e.Name, with: -1, known: map[question]string{}, typ: record.Type{Kind: record.Text}}
	if place >= 0 {
		f.number, f.typ = o.Fields[place].Number, o.Fields[place].Type
	}
	for i, s := range e.Do {
		if f.band != nil {
			return nil, at(fmt.Sprintf("do[%d]", i), "rule.band.last", "a band comes last")
		}
		if err := f.add(s, o, place, org); err != nil {
			return nil, under(fmt.Sprintf("do[%d].%s", i, s.Word), err)
		}
	}
	return f, nil
}

// words are the steps that there are.
var words = map[string]func(f *field, with json.RawMessage, o schema.Object, place int, org Org) error{
	"trim": func(f *field, with json.RawMessage, _ schema.Object, _ int, _ Org) error {
		return f.simple(with, trim{})
	},
	"blank":   (*field).addBlank,
	"case":    (*field).addCase,
	"table":   (*field).addTable,
	"replace": (*field).addReplace,
	"phone":   (*field).addPhone,
	"country": (*field).addCountry,
	"state":   (*field).addState,
	"band":    (*field).addBand,
}

func steps() string {
	return strings.Join([]string{"trim", "blank", "case", "table", "replace", "phone", "country", "state", "band"}, ", ")
}

func (f *field) add(s Step, o schema.Object, place int, org Org) error {
	add, ok := words[s.Word]
	if !ok {
		return wrong("rule.step.none", "there is no step \"%1\"; there are: %2", s.Word, steps())
	}
	return add(f, s.With, o, place, org)
}

func (f *field) simple(with json.RawMessage, s step) error {
	if with != nil && string(with) != "true" {
		return wrong("rule.step.takes-nothing", "this step takes nothing")
	}
	f.steps = append(f.steps, s)
	return nil
}

func (f *field) addBlank(with json.RawMessage, _ schema.Object, _ int, _ Org) error {
	list := nothing
	if with != nil && string(with) != "true" {
		if err := strict(with, &list); err != nil {
			return wrong("rule.blank", "it takes a list of words that mean nothing, as [\"n/a\", \"-\"]: %1", err.Error())
		}
	}
	f.steps = append(f.steps, newBlank(list))
	return nil
}

func (f *field) addCase(with json.RawMessage, _ schema.Object, _ int, _ Org) error {
	var c casing
	if err := strict(with, &c); err != nil || c != lower && c != upper && c != names {
		return wrong("rule.case", "it takes one of lower, upper, names")
	}
	f.steps = append(f.steps, c)
	return nil
}

func (f *field) addTable(with json.RawMessage, _ schema.Object, _ int, _ Org) error {
	var entries map[string]string
	if err := strict(with, &entries); err != nil {
		return wrong("rule.table", "it takes values and what to make of them, as {\"Mgr\": \"Manager\"}: %1", err.Error())
	}
	t, err := newTable(entries)
	if err != nil {
		return err
	}
	f.steps = append(f.steps, t)
	return nil
}

func (f *field) addReplace(with json.RawMessage, _ schema.Object, _ int, _ Org) error {
	var e struct {
		Pattern string `json:"pattern"`
		With    string `json:"with"`
	}
	if err := strict(with, &e); err != nil {
		return wrong("rule.replace", "it takes a pattern and what stands in its place, as {\"pattern\": \"^Mr\\\\.? \", \"with\": \"\"}: %1", err.Error())
	}
	pattern, err := regexp.Compile(e.Pattern)
	if err != nil {
		return misspelt(err)
	}
	f.steps = append(f.steps, replace{pattern, e.With})
	return nil
}

// misspellings are the keys by which other languages say what Go says of a regular expression.
var misspellings = map[syntax.ErrorCode]string{
	syntax.ErrInvalidCharClass:      "rule.pattern.class",
	syntax.ErrInvalidCharRange:      "rule.pattern.range",
	syntax.ErrInvalidEscape:         "rule.pattern.escape",
	syntax.ErrInvalidNamedCapture:   "rule.pattern.name",
	syntax.ErrInvalidPerlOp:         "rule.pattern.unknown",
	syntax.ErrInvalidRepeatOp:       "rule.pattern.repeat.twice",
	syntax.ErrInvalidRepeatSize:     "rule.pattern.repeat.size",
	syntax.ErrInvalidUTF8:           "rule.pattern.utf-8",
	syntax.ErrMissingBracket:        "rule.pattern.square",
	syntax.ErrMissingParen:          "rule.pattern.open",
	syntax.ErrMissingRepeatArgument: "rule.pattern.repeat.nothing",
	syntax.ErrTrailingBackslash:     "rule.pattern.backslash",
	syntax.ErrUnexpectedParen:       "rule.pattern.closed",
	syntax.ErrNestingDepth:          "rule.pattern.deep",
	syntax.ErrLarge:                 "rule.pattern.large",
}

// misspelt says what is wrong with a regular expression, and with which part of it.
func misspelt(err error) *EntryError {
	why := at("pattern", "rule.text", "%1", err.Error())
	var of *syntax.Error
	if errors.As(err, &of) && misspellings[of.Code] != "" {
		why.Key, why.Args = misspellings[of.Code], []string{of.Expr}
	}
	return why
}

// countryEntry is what the steps about places take.
type countryEntry struct {
	Language string `json:"language"`
	As       form   `json:"as"`
	Country  string `json:"country"` // the field with the record's country
	Assume   string `json:"assume"`  // the country of a record that says none
}

func (e *countryEntry) read(with json.RawMessage, keys ...string) error {
	if with != nil && string(with) != "true" {
		var given map[string]json.RawMessage
		if err := json.Unmarshal(with, &given); err != nil {
			return wrong("rule.keys", "it takes an object with %1", strings.Join(keys, ", "))
		}
		for key := range given {
			if !slices.Contains(keys, key) {
				return at(key, "rule.key", "there is nothing of this name; there are: %1", strings.Join(keys, ", "))
			}
		}
		if err := strict(with, e); err != nil {
			return err
		}
	}
	e.Language, e.As = cmp.Or(e.Language, "en"), cmp.Or(e.As, byName)
	if !slices.Contains(places.Languages(), e.Language) {
		return at("language", "rule.choice", "\"%1\" is none of %2", e.Language, strings.Join(places.Languages(), " "))
	}
	if e.As != byName && e.As != iso2 && e.As != iso3 {
		return at("as", "rule.choice", "\"%1\" is none of %2", string(e.As), "name, code, alpha3")
	}
	if e.Assume != "" {
		code := countryCode(e.Assume)
		if code == "" {
			return at("assume", "rule.country", "\"%1\" is no country", e.Assume)
		}
		e.Assume = code
	}
	return nil
}

func (f *field) addCountry(with json.RawMessage, _ schema.Object, _ int, org Org) error {
	var e countryEntry
	if err := e.read(with, "language", "as"); err != nil {
		return err
	}
	f.steps = append(f.steps, &countryStep{newSpelling(e.Language, e.As, org)})
	return nil
}

func (f *field) addState(with json.RawMessage, o schema.Object, place int, org Org) error {
	var e countryEntry
	if err := e.read(with, "language", "as", "country", "assume"); err != nil {
		return err
	}
	at, err := e.place(o, place)
	if err != nil {
		return err
	}
	f.with = at
	f.steps = append(f.steps, &stateStep{newSpelling(e.Language, e.As, org), at, e.Assume})
	return nil
}

func (f *field) addPhone(with json.RawMessage, o schema.Object, place int, _ Org) error {
	var e countryEntry
	if err := e.read(with, "country", "assume"); err != nil {
		return err
	}
	at, err := e.place(o, place)
	if err != nil {
		return err
	}
	f.steps = append(f.steps, &phone{at, e.Assume})
	return nil
}

// place finds the field with the record's country: the one that is named, else the one whose name goes with this field's, else the
// object's first.
func (e *countryEntry) place(o schema.Object, place int) (int, error) {
	find := func(name string) int {
		return slices.IndexFunc(o.Fields, func(f schema.Field) bool { return strings.EqualFold(f.Salesforce, name) })
	}
	switch {
	case place < 0:
		return -1, nil
	case e.Country != "":
		if i := find(e.Country); i >= 0 {
			return i, nil
		}
		return -1, at("country", "rule.field", "%1 has no mapped field \"%2\"", string(o.Name), e.Country)
	}
	for _, name := range []string{strings.Replace(o.Fields[place].Salesforce, "State", "Country", 1), "Country", "MailingCountry", "BillingCountry"} {
		if i := find(name); i >= 0 && i != place {
			return i, nil
		}
	}
	return -1, nil
}

func (f *field) addBand(with json.RawMessage, _ schema.Object, place int, _ Org) error {
	var e bandEntry
	if with != nil && string(with) != "true" {
		if err := strict(with, &e); err != nil {
			return err
		}
	}
	if e.Send != "" && e.Send != "band" && e.Send != "low" && e.Send != "high" {
		return at("send", "rule.choice", "\"%1\" is none of %2", e.Send, "band, low, high")
	}
	b, err := e.compile(f.typ)
	if err != nil {
		return err
	}
	f.band = b
	return nil
}
