package marketo

import (
	"context"
	"errors"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// home is where the records of an object are written, and what they are known by (Marketo REST API, Lead Database: companies,
// opportunities, roles, sales persons and custom objects share one interface).
type home struct {
	path string
	id   string   // the field that Marketo gives a record
	keys []string // the fields by which others name it; a Write's LookupField for objects of one key of its own
}

func homeOf(object record.Object) (home, error) {
	switch object {
	case record.Company:
		return home{"/rest/v1/companies", idField, []string{parentField}}, nil
	case record.MarketoOpportunity:
		return home{"/rest/v1/opportunities", guidField, []string{"externalOpportunityId"}}, nil
	case record.OpportunityRole:
		return home{"/rest/v1/opportunities/roles", guidField, []string{"externalOpportunityId", "leadId", "role"}}, nil
	case record.SalesPerson:
		return home{"/rest/v1/salespersons", idField, []string{"externalSalesPersonId"}}, nil
	}
	if object.IsPerson() || object.Side() != record.Marketo || strings.ContainsAny(string(object), "/?#") {
		return home{}, localError(codeShape, errors.New("not an object that is written by its key"))
	}
	return home{path: "/rest/v1/customobjects/" + string(object), id: guidField}, nil
}

// guidField is the id of the objects that have no number.
const guidField = "marketoGUID"

// WriteRecords creates and changes records of an object other than people, 300 a call: those with an ID are changed by it, the
// others created or changed by their key, which stands in LookupField and LookupValue or, where it has several parts, among
// the fields. See WritePeople for what comes back.
func (c *Client) WriteRecords(ctx context.Context, purpose record.Purpose, object record.Object, rows []Write) ([]Result, error) {
	at, err := homeOf(object)
	if err != nil {
		return nil, err
	}
	w := &writer{client: c, purpose: purpose, path: at.path + ".json", object: object, rows: rows}
	for i := range rows {
		kind := batch{action: "createOrUpdate", dedupe: "dedupeFields", lookup: at.lookup(&rows[i])}
		if rows[i].ID != "" {
			kind = batch{action: "updateOnly", dedupe: "idField", lookup: at.id}
		}
		w.add(kind, i, at.key(&rows[i]))
	}
	return w.run(ctx)
}

// DeleteRecords removes records of an object other than people, 300 a call, by ID where a row has one, else by its key. A record
// that is not there counts as removed. One that others still use is refused with 1022.
func (c *Client) DeleteRecords(ctx context.Context, purpose record.Purpose, object record.Object, rows []Write) ([]Result, error) {
	at, err := homeOf(object)
	if err != nil {
		return nil, err
	}
	w := &writer{client: c, purpose: purpose, path: at.path + "/delete.json", object: object, rows: rows}
	for i := range rows {
		kind := batch{dedupe: "dedupeFields", deletes: true, lookup: at.lookup(&rows[i])}
		if rows[i].ID != "" {
			kind.dedupe, kind.lookup = "idField", at.id
		}
		w.add(kind, i, at.key(&rows[i]))
	}
	return w.run(ctx)
}

// lookup is the one field of a row's key, empty where it has several.
func (h home) lookup(row *Write) string {
	switch {
	case row.LookupField != "":
		return row.LookupField
	case len(h.keys) == 1:
		return h.keys[0]
	}
	return ""
}

// key tells two rows of one call apart; empty for a row that names no record.
func (h home) key(row *Write) string {
	if row.ID != "" {
		return string(row.ID)
	}
	if h.lookup(row) != "" {
		return row.LookupValue
	}
	var parts []string
	for _, name := range h.keys {
		for _, f := range row.Fields {
			if f.Name == name && !f.Value.IsBlank() {
				parts = append(parts, f.Value.Text())
			}
		}
	}
	if len(h.keys) == 0 || len(parts) != len(h.keys) {
		return ""
	}
	return strings.Join(parts, "\x00")
}
