package app

import (
	"context"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// filterObjects are the objects that a filter may speak of, besides those of the mapping and those that only others lead to.
var filterObjects = []record.Object{record.Lead, record.Contact, record.Account, "Opportunity", "Campaign"}

// onlyLedTo are the objects of which a filter may speak as what others lead to.
var onlyLedTo = []record.Object{"User", "Group", "RecordType"}

// catalog asks the org what filters may speak of, in one call. Marketo is asked only where the text marks people there.
func (s *session) catalog(ctx context.Context, text string) (filter.Catalog, error) {
	objects := slices.Concat(filterObjects, onlyLedTo)
	for _, o := range s.mapping.Objects {
		if !slices.Contains(objects, o.Name) {
			objects = append(objects, o.Name)
		}
	}
	described, err := s.sf.Describe(ctx, record.Describe, objects)
	if err != nil {
		return nil, err
	}
	var catalog filter.Catalog
	for _, d := range described {
		if d.Err != nil { // the sync user does not see it, so that no filter can speak of it
			continue
		}
		o := filter.Object{Name: d.Object, Label: d.Label, Plural: d.Plural}
		for _, f := range d.Fields {
			o.Fields = append(o.Fields, filterField(d.Object, f))
		}
		catalog = append(catalog, o)
	}
	if !strings.Contains(strings.ToLower(text), "marked") {
		return catalog, nil
	}
	person, err := s.markable(ctx)
	if err != nil {
		return nil, err
	}
	return append(catalog, person), nil
}

// markable asks Marketo in which fields a person can be marked.
func (s *session) markable(ctx context.Context) (filter.Object, error) {
	instance, err := s.mk.Describe(ctx)
	person := filter.Object{Name: record.Person, Label: "Person", Plural: "People in Marketo"}
	if err != nil {
		return person, err
	}
	for _, f := range instance.Person {
		if f.Updateable && !f.CRMManaged {
			kind := record.Text
			if f.Type == "boolean" {
				kind = record.Boolean
			}
			person.Fields = append(person.Fields, filter.Field{Name: f.Name, Label: f.Label, Kind: kind})
		}
	}
	return person, nil
}

func filterField(object record.Object, f salesforce.FieldInfo) filter.Field {
	field := filter.Field{
		Name: f.Name, Label: f.Label, Kind: filter.KindOf(f.Type), Scale: f.Scale, Picklist: f.Picklist, Hidden: !f.Filterable, Formula: f.Calculated,
		Indexed: indexed(object, f), Relationship: f.Relationship,
	}
	for _, to := range f.ReferenceTo {
		field.To = append(field.To, record.Object(to))
	}
	return field
}

// indexed tells which fields Salesforce keeps an index of by itself: keys, references, what was marked as unique or external id, and a
// few of each object (Salesforce: best practices for deployments with large data volumes, indexes). Others can be asked for.
func indexed(object record.Object, f salesforce.FieldInfo) bool {
	switch {
	case f.IDLookup, f.ExternalID, f.Unique, f.Type == "id", f.Type == "reference" && len(f.ReferenceTo) > 0:
		return true
	}
	switch f.Name {
	case "Name", "CreatedDate", "SystemModstamp":
		return true
	case "Email":
		return object == record.Lead || object == record.Contact
	}
	return false
}

// orgZone is the org's time zone, by its name.
func (s *session) orgZone(ctx context.Context) (zone string, err error) {
	for row, err := range s.sf.Query(ctx, record.Check, "SELECT TimeZoneSidKey FROM Organization") {
		if err != nil {
			return "", err
		}
		zone = row.Get("TimeZoneSidKey")
	}
	return zone, nil
}
