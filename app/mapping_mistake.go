package app

import (
	"errors"
	"strings"

	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/schema"
)

// MappingMistake is what is wrong with one field of a mapping, and what to do.
type MappingMistake struct {
	Field string `json:"field"` // as Lead.Rating; the object alone where the mistake is of no field
	Text  string `json:"text"`

	Said Sentence `json:"-"` // the same, for other languages
}

// MappingError says why a mapping was not taken over. It is an InputError that knows its mistakes one by one.
type MappingError struct {
	InputError
	Mistakes []MappingMistake
}

// Unwrap gives the sentence with all of them.
func (e *MappingError) Unwrap() error { return &e.InputError }

// refusedMapping is the error of a mapping in which something is wrong; nil where nothing is.
func refusedMapping(wrong error) error {
	if wrong == nil {
		return nil
	}
	return &MappingError{InputError{Text: "the mapping was not changed:\n" + wrong.Error(), said: Told(wrong)}, mistakesOf(wrong)}
}

// mistakesOf are the single mistakes that an error joins.
func mistakesOf(err error) (all []MappingMistake) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			all = append(all, mistakesOf(one)...)
		}
		return all
	}
	var wish *schema.WishError
	var entry *rule.EntryError
	switch {
	case errors.As(err, &wish):
		all = append(all, MappingMistake{wish.Field, wish.Text, Sentence(wish.Said)})
	case errors.As(err, &entry):
		object, rest, _ := strings.Cut(entry.Place, ".")
		field, _, _ := strings.Cut(rest, ".")
		all = append(all, MappingMistake{object + "." + field, entry.Text, Sentence(entry.Said)})
	}
	return all
}

// ruledWrongly says which fields of a mapping name rules that are not there or do not fit them.
func ruledWrongly(doc rule.Document, m schema.Mapping, org rule.Org) error {
	_, wrong := rule.Compile(doc, m, org)
	var of []error
	for _, e := range entryErrors(wrong) {
		if !strings.HasPrefix(e.Place, "rules[") { // those are of the rule file, not of the mapping
			of = append(of, e)
		}
	}
	return errors.Join(of...)
}
