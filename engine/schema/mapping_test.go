package schema_test

import (
	"slices"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

func described() map[record.Object][]schema.Described {
	text := func(name string) schema.Described {
		return schema.Described{Name: name, Type: "string", Length: 80, Writable: true}
	}
	return map[record.Object][]schema.Described{
		record.Lead: {
			text("FirstName"), text("LastName"), {Name: "Email", Type: "email", Length: 80, Writable: true},
			{Name: "Rating", Type: "picklist", Picklist: []string{"Hot"}, Writable: true}, {Name: "Title", Type: "string", Length: 128},
		},
		record.Contact: {text("LastName"), {Name: "AccountId", Type: "reference", Writable: true}},
		record.Person: {
			text("firstName"), text("lastName"), {Name: "email", Type: "email", Length: 255, Writable: true},
			text("rating"), text("title"), text("externalCompanyId"),
		},
	}
}

func TestBegin(t *testing.T) {
	m := schema.Begin(described(), noon)
	lead, ok := m.Object(record.Lead)
	if !ok {
		t.Fatal("leads are not mapped")
	}
	if _, ok := m.Object(record.Account); ok {
		t.Error("accounts are mapped, though no side described them")
	}
	names := map[string]schema.Field{}
	for i, f := range lead.Fields {
		names[f.Salesforce] = f
		if lead.Index(f.Number) != i {
			t.Errorf("field %s is not found by its number %d", f.Salesforce, f.Number)
		}
	}
	if lead.Index(999) != -1 {
		t.Error("a number that nobody has was found")
	}
	if got := names["Title"].Direction; got != schema.ToMarketo {
		t.Errorf("a title that Salesforce keeps read-only travels %v", got)
	}
	if got := names["Email"].Type.Length; got != 80 {
		t.Errorf("an e-mail may have %d characters, the shorter side has 80", got)
	}
	if got := names["Rating"].Type.Values; !slices.Equal(got, []string{"Hot"}) {
		t.Errorf("the picklist lost its spellings: %v", got)
	}
	if m.MarketoID != "" || m.SalesforceID != "" {
		t.Error("fields for the other side's id were found where there are none")
	}
	if !slices.Contains(m.Missing, "Lead.Company") || !slices.Contains(m.Missing, "Person.company") {
		t.Errorf("what is missing is not named: %v", m.Missing)
	}
}

// TestNumbersStay fails when a field of the standard mapping moves: every baseline of every workspace would then speak of
// another field.
func TestNumbersStay(t *testing.T) {
	full := map[record.Object][]schema.Described{}
	before := schema.Begin(described(), noon)
	for object, fields := range described() {
		full[object] = append(fields, schema.Described{Name: "Company", Writable: true}, schema.Described{Name: "Phone", Writable: true}, schema.Described{Name: schema.SalesforceIDField, Writable: true})
	}
	after := schema.Begin(full, noon)
	for _, o := range before.Objects {
		later, _ := after.Object(o.Name)
		for _, f := range o.Fields {
			if i := later.Index(f.Number); i < 0 || later.Fields[i].Salesforce != f.Salesforce {
				t.Errorf("%s.%s lost its number %d when the side got more fields", o.Name, f.Salesforce, f.Number)
			}
		}
	}
	if after.SalesforceID != schema.SalesforceIDField {
		t.Error("the field for Salesforce's id was not found")
	}
}

func TestPersonColumnsAreReadOnce(t *testing.T) {
	m := schema.Begin(described(), noon)
	columns, places := m.PersonColumns()
	seen := map[string]bool{}
	for _, c := range columns {
		if seen[c.Name] {
			t.Errorf("%s is read twice", c.Name)
		}
		seen[c.Name] = true
	}
	for _, name := range []record.Object{record.Lead, record.Contact} {
		o, _ := m.Object(name)
		for i, f := range o.Fields {
			if columns[places[name][i]].Name != f.Marketo {
				t.Errorf("%s.%s is looked for at %s", name, f.Salesforce, columns[places[name][i]].Name)
			}
		}
	}
}
