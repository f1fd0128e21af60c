package org

import (
	"net/http"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// objectRoot answers sobjects/Lead: creation, or what the object is.
func (o *Org) objectRoot(c *call, obj *object) {
	if !c.allow(http.MethodGet, http.MethodPost) {
		return
	}
	if c.method != http.MethodPost {
		c.out.buf = append(c.out.buf, `{"objectDescribe":`...)
		c.out.buf = o.appendObjectSummary(c.out.buf, c, obj)
		c.out.buf = append(c.out.buf, `,"recentItems":[]}`...)
		c.ok(http.StatusOK)
		return
	}
	if obj.name == "PermissionSetAssignment" {
		o.assignSet(c, obj)
		return
	}
	o.create(c, obj)
}

// create answers POST sobjects/Lead.
func (o *Org) create(c *call, obj *object) {
	body, refusal := c.object()
	if refusal == nil {
		refusal = o.mistyped(c, obj, body.members)
	}
	if refusal != nil {
		c.fail(refusal)
		return
	}
	var n uint64
	if errs := o.one(c, func() (errs []rowError) {
		n, errs = o.insert(c, obj, body.members)
		return errs
	}); errs != nil {
		c.refuse(errs)
		return
	}
	o.created(c, obj, n, false)
}

// one runs the write of a single row in a transaction.
func (o *Org) one(c *call, write func() []rowError) []rowError {
	var errs []rowError
	if err := o.update(c, func() error {
		if errs = write(); errs != nil {
			return errRefused
		}
		return nil
	}); err != nil && errs == nil {
		return o.tableFault(nil, err)
	}
	return errs
}

// created answers 201 with the id. upsert adds "created".
func (o *Org) created(c *call, obj *object, n uint64, upsert bool) {
	id := obj.longID(n)
	c.out.set("Location", c.href("sobjects/"+obj.name+"/"+id))
	o.saved(c, id, upsert, true)
	c.ok(http.StatusCreated)
}

func (o *Org) saved(c *call, id string, upsert, created bool) {
	c.out.buf = append(c.out.buf, `{"id":"`...)
	c.out.buf = append(c.out.buf, id...)
	c.out.buf = append(c.out.buf, `","success":true,"errors":[]`...)
	if upsert && c.major >= 46 {
		c.out.buf = append(c.out.buf, map[bool]string{true: `,"created":true`, false: `,"created":false`}[created]...)
	}
	c.out.buf = append(c.out.buf, '}')
}

// rowByPath answers sobjects/Lead/{id}, .../{id}/{relationship}, .../{external id field}/{value}.
func (o *Org) rowByPath(c *call, obj *object, tail []string) {
	of, n, err := o.parseID(tail[0])
	isID := err == nil && of == obj
	if isID && len(tail) <= 2 {
		if len(tail) == 2 {
			o.related(c, obj, n, tail[1])
			return
		}
		o.rowByID(c, obj, n)
		return
	}
	key := obj.field(tail[0])
	if key == nil || !key.idLookup || !c.rights.reads(key) {
		if err == nil && of != nil && of != obj {
			c.fail(errNotFound)
			return
		}
		c.fail(noExternalID(tail[0]))
		return
	}
	switch {
	case len(tail) == 1 && key == obj.id && c.method == http.MethodPost:
		o.create(c, obj)
	case len(tail) == 2:
		o.rowByKey(c, obj, key, tail[1])
	default:
		c.fail(errNotFound)
	}
}

func (o *Org) rowByID(c *call, obj *object, n uint64) {
	if !c.allow(http.MethodGet, http.MethodPatch, http.MethodDelete) {
		return
	}
	switch c.method {
	case http.MethodPatch:
		o.patch(c, obj, n)
	case http.MethodDelete:
		o.delete(c, obj, n)
	default:
		o.view(c, func() {
			row, ok := o.find(c, obj, n)
			if !ok || obj.isDeleted(row) {
				c.fail(errNotFound)
				return
			}
			o.answerRow(c, obj, row)
		})
	}
}

// answerRow answers one row: all readable fields, or those of ?fields=.
func (o *Org) answerRow(c *call, obj *object, row table.Row) {
	fields, refusal := o.fieldList(c, obj, commaList(c.query.Get("fields")))
	if refusal != nil {
		c.fail(refusal)
		return
	}
	if c.unchanged(o, obj, row) {
		return
	}
	c.out.buf = o.appendRow(c.out.buf, c, obj, row, fields)
	c.ok(http.StatusOK)
}

// fieldList finds the named fields, or all that the user may read where none is named.
func (o *Org) fieldList(c *call, obj *object, names []string) ([]*field, *apiError) {
	if len(names) == 0 {
		return slices.DeleteFunc(slices.Clone(obj.fields), func(f *field) bool { return !c.rights.reads(f) }), nil
	}
	var fields []*field
	for _, name := range names {
		f := obj.field(name)
		if !c.rights.reads(f) {
			return nil, badRequest("INVALID_FIELD", "No such column '"+name+"' on entity '"+obj.name+"'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.")
		}
		if !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	if !slices.Contains(fields, obj.id) {
		fields = append(fields, obj.id)
	}
	return fields, nil
}

// patch answers PATCH sobjects/Lead/{id}.
func (o *Org) patch(c *call, obj *object, n uint64) {
	body, refusal := c.object()
	if refusal == nil {
		refusal = o.mistyped(c, obj, body.members)
	}
	if refusal == nil && slices.ContainsFunc(body.members, func(m input) bool { return strings.EqualFold(m.name, "Id") }) {
		refusal = badRequest("INVALID_FIELD", "The Id field should not be specified in the sobject data.")
	}
	if refusal != nil {
		c.fail(refusal)
		return
	}
	missed := false
	errs := o.one(c, func() []rowError {
		row, ok := o.find(c, obj, n)
		if !ok {
			return []rowError{errNotFound.Errors[0]}
		}
		if refusal = c.precondition(o, obj, row); refusal != nil {
			missed = true
			return refusal.Errors
		}
		return o.change(c, obj, n, body.members)
	})
	switch {
	case missed:
		c.fail(refusal)
	case errs != nil:
		c.refuse(errs)
	default:
		c.ok(http.StatusNoContent)
	}
}

func (o *Org) delete(c *call, obj *object, n uint64) {
	errs := o.one(c, func() []rowError {
		if _, ok := o.find(c, obj, n); !ok {
			return []rowError{errNotFound.Errors[0]}
		}
		return o.remove(c, obj, n)
	})
	if errs != nil {
		c.refuse(errs)
		return
	}
	c.ok(http.StatusNoContent)
}

// related answers a friendly address: the parent row, or the list of children.
func (o *Org) related(c *call, obj *object, n uint64, name string) {
	if !c.allow(http.MethodGet) {
		return
	}
	o.view(c, func() {
		row, ok := o.find(c, obj, n)
		if !ok || obj.isDeleted(row) {
			c.fail(errNotFound)
			return
		}
		if f := obj.byRelationship(name); f != nil && c.rights.reads(f) {
			if _, filled := o.value(f, row); !filled {
				c.fail(errNotFound)
				return
			}
			parent, target, found := o.parent(c, f, row)
			if !found {
				c.fail(errNotFound)
				return
			}
			o.answerRow(c, parent, target)
			return
		}
		r, ok := obj.child(name)
		if !ok || !c.rights.sees(r.child) {
			c.fail(errNotFound)
			return
		}
		o.answerChildren(c, obj, n, r)
	})
}

func (o *Org) answerChildren(c *call, obj *object, n uint64, r relation) {
	fields, refusal := o.fieldList(c, r.child, commaList(c.query.Get("fields")))
	if refusal != nil {
		c.fail(refusal)
		return
	}
	var rows [][]byte
	if r.field.indexed {
		for child := range r.child.table.Find(r.field.column, obj.longID(n)) {
			if !r.child.isDeleted(child) && o.visible(c, r.child, child) {
				rows = append(rows, o.appendRow(nil, c, r.child, child, fields))
			}
		}
	}
	c.out.buf = appendList(c.out.buf, rows)
	c.ok(http.StatusOK)
}

// appendList appends a complete result: {"totalSize":n,"done":true,"records":[...]}.
func appendList(b []byte, rows [][]byte) []byte {
	b = append(b, `{"totalSize":`...)
	b = appendInt(b, len(rows))
	b = append(b, `,"done":true,"records":[`...)
	for i, row := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, row...)
	}
	return append(b, "]}"...)
}
