package org

import (
	"net/http"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// Limits of sObject Collections (REST API: 200 records a write, 2,000 ids a read by POST, 10 chunks of equal type).
const (
	maxCollection = 200
	maxRetrieve   = 2000
	maxChunks     = 10
)

// outcome is what became of one record of a collection, batch job or tree.
type outcome struct {
	object  *object
	row     uint64
	created bool
	errs    []rowError
}

// collections answers composite/sobjects, composite/sobjects/Lead and composite/sobjects/Lead/{external id field}.
func (o *Org) collections(c *call, tail []string) {
	switch {
	case len(tail) == 0 && c.method == http.MethodPost:
		o.writeMany(c, nil, nil)
	case len(tail) == 0 && c.method == http.MethodPatch:
		o.writeMany(c, nil, nil)
	case len(tail) == 0 && c.method == http.MethodDelete:
		o.deleteMany(c)
	case len(tail) == 0:
		c.allow(http.MethodPost, http.MethodPatch, http.MethodDelete)
	case len(tail) > 2:
		c.fail(errNotFound)
	default:
		obj := o.object(tail[0])
		if !c.rights.sees(obj) {
			c.fail(errNotFound)
			return
		}
		if len(tail) == 1 {
			o.readMany(c, obj)
			return
		}
		key := obj.field(tail[1])
		if key == nil || !key.idLookup || !c.rights.reads(key) {
			c.fail(noExternalID(tail[1]))
			return
		}
		if c.allow(http.MethodPatch) {
			o.writeMany(c, obj, key)
		}
	}
}

// writeMany creates (POST), changes (PATCH) or upserts (PATCH with a key field) up to 200 records. Refused records do
// not stop the others unless allOrNone is set.
func (o *Org) writeMany(c *call, of *object, key *field) {
	body, refusal := c.object()
	if refusal != nil {
		c.fail(refusal)
		return
	}
	list, _ := body.get("records")
	objects, refusal := o.recordObjects(c, list.items, of)
	if refusal != nil {
		c.fail(refusal)
		return
	}
	results := make([]outcome, len(list.items))
	o.allOrNone(c, body.flag("allOrNone"), results, func(i int) outcome {
		in, obj := list.items[i].members, objects[i]
		if obj == nil {
			return outcome{errs: []rowError{rowFault("INVALID_TYPE", "sObject type '"+attributesType(list.items[i])+"' is not supported.")}}
		}
		result := outcome{object: obj}
		switch {
		case key != nil && repeated(list.items, i, key):
			text, _ := list.items[i].get(key.name)
			result.errs = []rowError{rowFault("DUPLICATE_VALUE", "Duplicate external id specified: "+text.text, key.name)}
		case key != nil:
			result.row, result.created, result.errs = o.upsert(c, obj, key, in)
		case c.method == http.MethodPost:
			result.row, result.errs = o.insert(c, obj, in)
		default:
			result.row, result.errs = o.changeByID(c, obj, list.items, i)
		}
		return result
	})
	o.appendOutcomes(c, results, key != nil)
}

// recordObjects checks the envelope of a collection and finds each record's object. Objects that do not exist are nil.
func (o *Org) recordObjects(c *call, items []value, of *object) ([]*object, *apiError) {
	if len(items) == 0 {
		return nil, badRequest("INVALID_INPUT", "records is required and must not be empty")
	}
	if len(items) > maxCollection {
		return nil, tooMany
	}
	objects := make([]*object, len(items))
	chunks := 0
	for i, item := range items {
		if item.kind != '{' {
			return nil, parserError("Cannot deserialize instance of sobject from "+tokenName(item), c.body, item.at)
		}
		kind := attributesType(item)
		if kind == "" && of == nil {
			return nil, badRequest("INVALID_INPUT", "Include 'attributes' with a 'type' in every record")
		}
		objects[i] = of
		if kind != "" {
			objects[i] = o.object(kind)
			if of != nil && objects[i] != of {
				return nil, badRequest("INVALID_INPUT", "All records must be of the type that the address names: "+of.name)
			}
		}
		if !c.rights.sees(objects[i]) {
			objects[i] = nil
		}
		if i == 0 || objects[i] != objects[i-1] {
			chunks++
		}
		if objects[i] == nil {
			continue
		}
		if refusal := o.mistyped(c, objects[i], item.members); refusal != nil {
			return nil, refusal
		}
	}
	if chunks > maxChunks {
		return nil, badRequest("INVALID_INPUT", "The request has more than 10 chunks of records of one type")
	}
	return objects, nil
}

var tooMany = badRequest("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records into this call")

// changeByID changes the record whose id is among its fields.
func (o *Org) changeByID(c *call, obj *object, items []value, i int) (uint64, []rowError) {
	id, ok := items[i].get("Id")
	if !ok || id.text == "" {
		return 0, []rowError{rowFault("MISSING_ARGUMENT", "Id not specified in an update call")}
	}
	of, n, err := o.parseID(id.text)
	if err != nil {
		return 0, []rowError{malformed(id.text)}
	}
	if of != obj {
		return 0, []rowError{rowFault("MALFORMED_ID", obj.label+" ID: id value of incorrect type: "+id.text, "Id")}
	}
	for _, earlier := range items[:i] {
		if other, ok := earlier.get("Id"); ok && len(other.text) >= 15 && len(id.text) >= 15 && other.text[:15] == id.text[:15] {
			return 0, []rowError{rowFault("INVALID_ID_FIELD", "duplicate id in list: "+obj.longID(n), "Id")}
		}
	}
	var in []input
	for _, m := range items[i].members {
		if !strings.EqualFold(m.name, "Id") {
			in = append(in, m)
		}
	}
	return n, o.change(c, obj, n, in)
}

// repeated reports whether another record of the call has the same key: all of them are refused then.
func repeated(items []value, i int, key *field) bool {
	mine, ok := items[i].get(key.name)
	if !ok || mine.text == "" {
		return false
	}
	for j, other := range items {
		if theirs, ok := other.get(key.name); j != i && ok && strings.EqualFold(theirs.text, mine.text) {
			return true
		}
	}
	return false
}

// rolledBack is what the innocent records of an allOrNone collection are told.
var rolledBack = rowFault("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header")

// allOrNone runs write for every result, in one transaction. With all set, one refusal takes everything back.
// A failed collection inside an allOrNone composite marks the call, whatever its own flag says.
func (o *Org) allOrNone(c *call, all bool, results []outcome, write func(i int) outcome) {
	failed := false
	err := o.update(c, func() error {
		for i := range results {
			if o.dice.Roll(fault.PartialFailure) {
				results[i] = outcome{errs: []rowError{rowFault("REQUEST_RUNNING_TOO_LONG", "Your request was running for too long, and has been stopped.")}}
			} else {
				results[i] = write(i)
			}
			failed = failed || results[i].errs != nil
		}
		if failed && all {
			return errRefused
		}
		return nil
	})
	c.rowsFailed = c.rowsFailed || failed
	for i := range results {
		if err != nil && results[i].errs == nil {
			results[i] = outcome{errs: []rowError{rolledBack}}
		}
	}
}

// appendOutcomes answers 200 with the outcomes in the order of the records.
func (o *Org) appendOutcomes(c *call, results []outcome, upsert bool) {
	b := append(c.out.buf, '[')
	for i, r := range results {
		if i > 0 {
			b = append(b, ',')
		}
		if r.errs != nil {
			b = append(b, `{"success":false,"errors":`...)
			b = appendErrors(b, r.errs, "statusCode")
			b = append(b, '}')
			continue
		}
		b = append(b, `{"id":"`...)
		b = r.object.appendID(b, r.row)
		b = append(b, `","success":true,"errors":[]`...)
		if upsert {
			b = append(b, map[bool]string{true: `,"created":true`, false: `,"created":false`}[r.created]...)
		}
		b = append(b, '}')
	}
	c.out.buf = append(b, ']')
	c.ok(http.StatusOK)
}
