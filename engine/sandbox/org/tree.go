package org

import (
	"net/http"
	"strings"
)

// Limits of sObject Tree (REST API: 200 records, 5 types, 5 levels).
const (
	maxTreeLevels = 5
	maxTreeTypes  = 5
)

// planted is one record of a tree.
type planted struct {
	reference string
	object    *object
	parent    int // index of the parent record, -1 at the top
	link      *field
	in        []input
	row       uint64
}

// tree answers POST vNN/composite/tree/Account: nested records, all or nothing.
func (o *Org) tree(c *call, tail []string) {
	if len(tail) != 1 || !c.rights.sees(o.object(tail[0])) {
		c.fail(errNotFound)
		return
	}
	if !c.allow(http.MethodPost) {
		return
	}
	body, refusal := c.object()
	if refusal != nil {
		c.fail(refusal)
		return
	}
	list, _ := body.get("records")
	var records []planted
	types, seen := map[*object]bool{}, map[string]bool{}
	refusal = o.flatten(c, list, o.object(tail[0]), -1, nil, 1, &records, types, seen)
	switch {
	case refusal != nil:
		c.fail(refusal)
		return
	case len(records) == 0:
		c.fail(badRequest("INVALID_INPUT", "records is required and must not be empty"))
		return
	case len(records) > maxCollection:
		c.fail(tooMany)
		return
	case len(types) > maxTreeTypes:
		c.fail(badRequest("INVALID_INPUT", "The request has more than 5 types of records"))
		return
	}
	faults := map[int][]rowError{}
	err := o.update(c, func() error {
		for i := range records {
			r := &records[i]
			in := r.in
			if r.parent >= 0 {
				if faults[r.parent] != nil {
					continue
				}
				up := records[r.parent]
				in = append(in, input{r.link.name, value{kind: '"', text: up.object.longID(up.row)}})
			}
			var errs []rowError
			if r.row, errs = o.insert(c, r.object, in); errs != nil {
				faults[i] = errs
			}
		}
		if len(faults) > 0 {
			return errRefused
		}
		return nil
	})
	b := append(c.out.buf, `{"hasErrors":`...)
	b = append(b, map[bool]string{true: "true", false: "false"}[err != nil]...)
	b = append(b, `,"results":[`...)
	first := true
	for i, r := range records {
		if err != nil && faults[i] == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, '{')
		b = appendPair(b, "referenceId", r.reference)
		if err != nil {
			b = append(b, `,"errors":`...)
			b = appendErrors(b, faults[i], "statusCode")
		} else {
			b = append(b, ',')
			b = appendPair(b, "id", r.object.longID(r.row))
		}
		b = append(b, '}')
	}
	c.out.buf = append(b, "]}"...)
	c.ok(http.StatusCreated)
	if err != nil {
		c.ok(http.StatusBadRequest)
	}
}

// flatten lists the records of a tree, parents first.
func (o *Org) flatten(c *call, list value, obj *object, parent int, link *field, level int, out *[]planted, types map[*object]bool, seen map[string]bool) *apiError {
	if level > maxTreeLevels {
		return badRequest("INVALID_INPUT", "The request has more than 5 levels of records")
	}
	for _, item := range list.items {
		attributes, _ := item.get("attributes")
		reference := attributes.word("referenceId")
		if reference == "" || seen[reference] {
			return badRequest("INVALID_INPUT", "Every record needs a referenceId of its own")
		}
		if kind := attributes.word("type"); !obj.named(kind) {
			return badRequest("INVALID_INPUT", "Include the type "+obj.name+" in the attributes of the record")
		}
		seen[reference], types[obj] = true, true
		at := len(*out)
		*out = append(*out, planted{reference: reference, object: obj, parent: parent, link: link})
		for _, m := range item.members {
			nested, isList := m.value.get("records")
			r, isChild := obj.child(m.name)
			if !isList || !isChild {
				if !strings.EqualFold(m.name, "attributes") {
					(*out)[at].in = append((*out)[at].in, m)
				}
				continue
			}
			if refusal := o.flatten(c, nested, r.child, at, r.field, level+1, out, types, seen); refusal != nil {
				return refusal
			}
		}
		if refusal := o.mistyped(c, obj, (*out)[at].in); refusal != nil {
			return refusal
		}
	}
	return nil
}
