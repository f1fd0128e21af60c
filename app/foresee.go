package app

import (
	"context"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// Foreseen are writes that a side will refuse for one cause, by what it says of its fields. Rules, flows and triggers of the org cannot be
// foreseen.
type Foreseen struct {
	Side   record.Side   `json:"side"`
	Object record.Object `json:"object"`
	Code   string        `json:"code"` // as that of a failure
	Field  string        `json:"field,omitempty"`
	Count  int           `json:"count"`
	Title  string        `json:"title"`
	Fixer  Fixer         `json:"fixer"`
	Step   string        `json:"step"`
	// Examples are the records that would be written, or made.
	Examples []Refused `json:"examples"`
}

// Sentence says why the side will refuse them, as of a failure.
func (f Foreseen) Sentence() Sentence {
	return explainCause(f.Side, f.Object, f.Code+":"+f.Field).Sentence()
}

type foreseeable struct {
	side        record.Side
	object      record.Object
	code, field string
}

// The codes under which the sides refuse what can be foreseen (Salesforce: API, Core Data Types, StatusCode; Marketo: REST API, Error Codes).
const (
	codeTooLong  = "STRING_TOO_LONG"
	codeUnlisted = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
	codeRequired = "REQUIRED_FIELD_MISSING"
	codeTaken    = "DUPLICATE_VALUE"
	codeValue    = "1003"
)

// demand asks Salesforce which fields a new record cannot be without, where the plan makes any: the mapping knows only its own.
func (t *rehearsing) demand(ctx context.Context) error {
	if !t.s.settings.CreateInSalesforce {
		return nil
	}
	objects, err := t.s.sf.Describe(ctx, record.Describe, []record.Object{record.Lead})
	if err != nil {
		return err
	}
	for _, o := range objects {
		for _, f := range o.Fields {
			if o.Err == nil && f.Required() && f.Type != "boolean" {
				t.required[o.Object] = append(t.required[o.Object], f.Name)
			}
		}
	}
	return nil
}

// foresee holds a row against what its side says of the fields.
func (t *rehearsing) foresee(row *cycle.Row, object schema.Object) {
	if row.Action != cycle.Create && row.Action != cycle.Update {
		return
	}
	written := make([]string, 0, len(row.Fields))
	for _, c := range row.Fields {
		i := object.Index(c.Field)
		if i < 0 || object.Fields[i].Entry == nil {
			continue
		}
		f := object.Fields[i]
		written = append(written, f.On(row.Side))
		code := ""
		if row.Side == record.Salesforce {
			code = refusedBySalesforce(f.Entry.Salesforce, c.Value)
		} else {
			code = refusedByMarketo(f.Entry.Marketo, c.Value)
		}
		if code != "" {
			t.refused(row, code, f.On(row.Side))
		} else if row.Side == record.Salesforce && f.Entry.Salesforce.Unique && !c.Value.IsBlank() {
			t.unique(row, f, c.Value)
		}
	}
	if row.Action != cycle.Create {
		return
	}
	if row.Object == record.Person && t.s.mapping.SalesforceID == "" && row.Email(object).IsBlank() {
		t.refused(row, marketo.CodeKeyless, "")
	}
	for _, name := range t.required[row.Object] {
		if row.Side == record.Salesforce && !slices.Contains(written, name) {
			t.refused(row, codeRequired, name)
		}
	}
}

func refusedBySalesforce(f schema.Described, v record.Value) string {
	switch {
	case v.IsBlank():
		if f.Required && f.Type != "boolean" {
			return codeRequired
		}
	case f.Length > 0 && isTextType(f.Type) && len(utf16.Encode([]rune(v.Text()))) > f.Length:
		return codeTooLong
	case f.Restricted && !listed(f, v.Text()):
		return codeUnlisted
	}
	return ""
}

// isTextType tells the fields whose length counts characters.
func isTextType(kind string) bool {
	return slices.Contains([]string{"string", "textarea", "email", "phone", "url", "combobox", "encryptedstring"}, kind)
}

// listed tells whether a value, or each of several, is in a field's picklist.
func listed(f schema.Described, text string) bool {
	parts := []string{text}
	if f.Type == "multipicklist" {
		parts = strings.Split(text, ";")
	}
	return !slices.ContainsFunc(parts, func(part string) bool {
		return !slices.ContainsFunc(f.Picklist, func(value string) bool { return strings.EqualFold(value, part) })
	})
}

// refusedByMarketo is refusedBySalesforce for a field of Marketo, whose text areas are counted in bytes.
func refusedByMarketo(f schema.Described, v record.Value) string {
	n := utf8.RuneCountInString(v.Text())
	if f.Type == "text" {
		n = len(v.Text())
	}
	switch f.Type {
	case "string", "text", "email", "phone", "url":
		if f.Length > 0 && n > f.Length {
			return codeValue
		}
	}
	return ""
}

func (t *rehearsing) refused(row *cycle.Row, code, field string) {
	key := foreseeable{row.Side, row.Object, code, field}
	f := t.foreseen[key]
	if f == nil {
		meaning := explainCause(row.Side, row.Object, code+":"+field)
		remedy := remedyOf(row.Side, meaning)
		f = &Foreseen{Side: row.Side, Object: row.Object, Code: code, Field: field, Title: meaning.Sentence().Text, Fixer: remedy.Fixer, Step: remedy.Step, Examples: []Refused{}}
		t.foreseen[key] = f
	}
	if f.Count++; len(f.Examples) < rehearsedExamples {
		f.Examples = append(f.Examples, Refused{row.Object, row.Source, row.Target})
	}
}
