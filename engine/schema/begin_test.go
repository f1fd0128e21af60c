package schema_test

import (
	"slices"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// without leaves a field of an object out of what a side describes.
func without(all schema.Schemas, object record.Object, name string) schema.Schemas {
	out := schema.Schemas{}
	for o, fields := range all {
		out[o] = slices.Clone(fields)
	}
	out[object] = slices.DeleteFunc(out[object], func(f schema.Described) bool { return f.Name == name })
	return out
}

// field finds a mapped field, travelling or not.
func field(t *testing.T, m schema.Mapping, object record.Object, name string) schema.Field {
	t.Helper()
	o, _ := m.Object(object)
	for _, f := range o.All() {
		if f.Salesforce == name {
			return f
		}
	}
	t.Fatalf("%s.%s is not mapped", object, name)
	return schema.Field{}
}

// TestRefresh: what a person decided of a field, and its number, outlive that a side does not show it for a while.
func TestRefresh(t *testing.T) {
	m := schema.Begin(described(), noon)
	before := field(t, m, record.Lead, "Rating")
	m.Objects[0].Fields[m.Objects[0].Index(before.Number)].NeverBlank = true

	for _, gone := range []struct {
		object record.Object
		name   string
	}{{record.Lead, "Rating"}, {record.Person, "rating"}} {
		hidden := m.Refresh(without(described(), gone.object, gone.name), noon.Add(time.Hour))
		lead, _ := hidden.Object(record.Lead)
		if lead.Index(before.Number) >= 0 {
			t.Errorf("a field that %s does not show still travels", gone.object)
		}
		aside := field(t, hidden, record.Lead, "Rating")
		if aside.Number != before.Number || !aside.NeverBlank || aside.Entry.State != schema.Gone {
			t.Errorf("the hidden field became %+v, state %q", aside, aside.Entry.State)
		}
		back := field(t, hidden.Refresh(described(), noon.Add(2*time.Hour)), record.Lead, "Rating")
		if back.Number != before.Number || !back.NeverBlank || back.Entry.State != schema.Travels || !back.Entry.Since.Equal(noon) {
			t.Errorf("the field that is back became %+v, state %q, since %v", back, back.Entry.State, back.Entry.Since)
		}
	}

	readOnly := described()
	for _, object := range []record.Object{record.Lead, record.Person} {
		for i := range readOnly[object] {
			readOnly[object][i].Writable = false
		}
	}
	if got := field(t, m.Refresh(readOnly, noon), record.Lead, "Rating"); got.Entry.State != schema.ReadOnly || got.Number != before.Number {
		t.Errorf("a field that neither side takes became %+v, state %q", got, got.Entry.State)
	}

	unseen := described()
	delete(unseen, record.Lead)
	whole, _ := m.Refresh(unseen, noon).Object(record.Lead)
	if len(whole.Fields) != 0 || len(whole.Aside) != len(m.Objects[0].Fields) {
		t.Errorf("of an object that is hidden %d fields travel and %d are kept", len(whole.Fields), len(whole.Aside))
	}
}

// TestNothingIsAddedUnasked: a field that both sides have is only suggested, once there is a mapping.
func TestNothingIsAddedUnasked(t *testing.T) {
	m := schema.Begin(without(described(), record.Lead, "Rating"), noon)
	lead, _ := m.Refresh(described(), noon).Object(record.Lead)
	for _, f := range lead.All() {
		if f.Salesforce == "Rating" {
			t.Error("a field that appeared on a side was mapped without being asked for")
		}
	}
}

// plus adds a field to what a side describes of an object.
func plus(all schema.Schemas, object record.Object, f schema.Described) schema.Schemas {
	out := without(all, object, "")
	out[object] = append(out[object], f)
	return out
}

// TestNamesThatDifferInCase: where a side has two fields whose names differ in case alone, the one that is spelt as the mapping spells it
// is meant, in whatever order the side shows them.
func TestNamesThatDifferInCase(t *testing.T) {
	other := schema.Described{Name: "RATING", Type: "integer", Writable: true}
	m := schema.Begin(described(), noon)
	before := field(t, m, record.Lead, "Rating")
	shown := plus(described(), record.Person, other)
	for range 2 {
		if got := field(t, m.Refresh(shown, noon), record.Lead, "Rating"); got.Marketo != "rating" || got.Type.Kind != before.Type.Kind || got.Entry.State != schema.Travels {
			t.Errorf("beside a field RATING, rating became %q of type %v, state %q", got.Marketo, got.Type, got.Entry.State)
		}
		slices.Reverse(shown[record.Person])
	}
}
