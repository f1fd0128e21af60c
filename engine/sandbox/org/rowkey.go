package org

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// errRefused takes back a transaction whose refusals are told elsewhere.
var errRefused = errors.New("org: the write was refused")

func appendInt(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }

// rowByKey answers sobjects/Lead/{external id field}/{value}.
func (o *Org) rowByKey(c *call, obj *object, key *field, value string) {
	if !c.allow(http.MethodGet, http.MethodPatch, http.MethodDelete) {
		return
	}
	if c.method == http.MethodPatch {
		o.upsertByKey(c, obj, key, value)
		return
	}
	var rows []table.Row
	o.view(c, func() {
		rows = o.byKeyValue(c, obj, key, value)
		switch {
		case len(rows) == 0:
			c.fail(errNotFound)
		case len(rows) > 1:
			o.multipleChoices(c, obj, rows)
		case c.method != http.MethodDelete:
			o.answerRow(c, obj, rows[0])
		}
	})
	if c.out.status == 0 {
		o.delete(c, obj, rows[0].ID())
	}
}

// upsertByKey answers PATCH sobjects/Lead/{external id field}/{value}: 201 created, 200 changed (204 before API 46),
// 300 when several rows hold the value.
func (o *Org) upsertByKey(c *call, obj *object, key *field, text string) {
	body, refusal := c.object()
	if refusal == nil {
		refusal = o.mistyped(c, obj, body.members)
	}
	if refusal == nil && slices.ContainsFunc(body.members, func(m input) bool { return obj.field(m.name) == key }) {
		refusal = badRequest("INVALID_FIELD", "The "+key.name+" field should not be specified in the sobject data.")
	}
	if refusal != nil {
		c.fail(refusal)
		return
	}
	if !key.unique && key != obj.id && !c.rights.viewAll {
		c.fail(fault1(http.StatusForbidden, "INSUFFICIENT_ACCESS", "insufficient access rights"))
		return
	}
	var n uint64
	var created, several, missing bool
	errs := o.one(c, func() (errs []rowError) {
		rows := o.byKeyValue(c, obj, key, text)
		if several = len(rows) > 1; several {
			o.multipleChoices(c, obj, rows)
			return []rowError{noRow}
		}
		if missing = len(rows) == 0 && (strings.EqualFold(c.query.Get("updateOnly"), "true") || key == obj.id); missing {
			return []rowError{errNotFound.Errors[0]}
		}
		in := append([]input{{key.name, rawValue(text)}}, body.members...)
		n, created, errs = o.upsert(c, obj, key, in)
		return errs
	})
	switch {
	case several:
	case errs != nil:
		c.refuse(errs)
	case created:
		o.created(c, obj, n, true)
	case c.major >= 46:
		o.saved(c, obj.longID(n), true, false)
		c.ok(http.StatusOK)
	default:
		c.ok(http.StatusNoContent)
	}
}

// multipleChoices answers 300 with the addresses of the rows.
func (o *Org) multipleChoices(c *call, obj *object, rows []table.Row) {
	c.out.buf = append(c.out.buf, '[')
	for i, row := range rows {
		if i > 0 {
			c.out.buf = append(c.out.buf, ',')
		}
		c.out.buf = appendString(c.out.buf, c.href("sobjects/"+obj.name+"/"+obj.longID(row.ID())))
	}
	c.out.buf = append(c.out.buf, ']')
	c.ok(http.StatusMultipleChoices)
}
