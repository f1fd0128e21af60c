package app

import (
	"slices"

	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/record"
)

// What an editor of filters works with, as package filter defines it: a filter as rows, which write its text and are read from it.
type (
	FilterRows    = filter.Rows
	FilterBlock   = filter.Block
	FilterNode    = filter.Node
	FilterRow     = filter.Row
	FilterJoin    = filter.Join
	FilterAsk     = filter.Ask
	FilterTakes   = filter.Takes
	FilterOffer   = filter.Offer
	FilterNote    = filter.Note
	FilterLeaving = filter.Leaving
	FilterPreset  = filter.Preset
)

// The joins of rows.
const (
	FilterAlone     = filter.Alone
	FilterEachOf    = filter.EachOf
	FilterAnyOf     = filter.AnyOf
	FilterNotEachOf = filter.NotEachOf
	FilterNoneOf    = filter.NoneOf
)

// What stands behind an ask.
const (
	FilterTakesNothing = filter.TakesNothing
	FilterTakesText    = filter.TakesText
	FilterTakesTexts   = filter.TakesTexts
	FilterTakesNumber  = filter.TakesNumber
	FilterTakesNumbers = filter.TakesNumbers
	FilterTakesDay     = filter.TakesDay
	FilterTakesStretch = filter.TakesStretch
)

// What becomes of those who leave.
const (
	FilterFreeze = filter.Freeze
	FilterUnlink = filter.Unlink
	FilterMark   = filter.Mark
)

// What notes are about.
const (
	FilterFormulaNote = filter.FormulaNote
	FilterValueNote   = filter.ValueNote
	FilterIndexNote   = filter.IndexNote
)

// FilterLanguage is what filters may speak of in an org: it reads texts and offers fields. It makes no call, and is safe for concurrent
// use. The zero FilterLanguage knows no object.
type FilterLanguage struct{ catalog filter.Catalog }

// What a language is made of.
type (
	FilterCatalog       = filter.Catalog
	FilterCatalogObject = filter.Object
	FilterCatalogField  = filter.Field
)

// NewFilterLanguage is the language of an org that has what a catalog says.
func NewFilterLanguage(c FilterCatalog) FilterLanguage { return FilterLanguage{c} }

// FilterObjectName is an object that sentences may be about.
type FilterObjectName struct {
	Object        record.Object
	Label, Plural string
}

// Read reads a text as rows; one without a sentence has none. The error is a FilterError.
func (l FilterLanguage) Read(text string) (FilterRows, error) {
	rows, err := filter.Read(text, l.catalog)
	return rows, filterError(err)
}

// Offers are the fields that rows about these objects can ask for; no object is leads and contacts alike.
func (l FilterLanguage) Offers(objects []record.Object) []FilterOffer {
	return l.catalog.Offers(objects)
}

// Offer finds the field that a row names.
func (l FilterLanguage) Offer(objects []record.Object, field string) (FilterOffer, bool) {
	return l.catalog.Offer(objects, field)
}

// Check tells whether a row that is whole can count: its field is there, and takes such values.
func (l FilterLanguage) Check(objects []record.Object, r FilterRow) error {
	if wrong := l.catalog.Check(objects, r); wrong != nil {
		return FilterError{wrong}
	}
	return nil
}

// Objects are those that sentences may be about, leads and contacts first.
func (l FilterLanguage) Objects() []FilterObjectName {
	var names []FilterObjectName
	for _, o := range l.catalog {
		if o.Name == record.Person || slices.Contains(onlyLedTo, o.Name) {
			continue
		}
		plural := o.Plural
		if plural == "" {
			plural = o.Label + "s"
		}
		names = append(names, FilterObjectName{o.Name, o.Label, plural})
	}
	return names
}

// Marks are the checkboxes of a person in Marketo in which those who leave can be marked.
func (l FilterLanguage) Marks() []FilterOffer {
	return slices.DeleteFunc(l.catalog.Offers([]record.Object{record.Person}), func(o FilterOffer) bool { return o.Kind != record.Boolean })
}
