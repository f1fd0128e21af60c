package org

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/soql"
)

// recordAccessAtMost is how many records one query of UserRecordAccess may name (Object Reference, UserRecordAccess).
const recordAccessAtMost = 200

// recordAccess answers a query of UserRecordAccess, which has no rows: it says what a user may do with records that the filter
// names. Nothing but the one user and the records may be filtered on. Here users may be asked about themselves alone.
func (o *Org) recordAccess(c *call, q *soql.Query) error {
	user, ids, ok := accessFilter(q.Where)
	if !ok || user == "" || len(ids) == 0 {
		return &soql.Error{Code: soql.MalformedQuery, Message: "Can select only RecordId, a Has*Access field and MaxAccessLevel; and must filter on UserId and RecordId of UserRecordAccess"}
	}
	if len(ids) > recordAccessAtMost {
		return &soql.Error{Code: soql.MalformedQuery, Message: "UserRecordAccess may be asked about 200 records at a time"}
	}
	var names []string
	for _, item := range q.Select {
		column, plain := item.(*soql.Column)
		if !plain || column.Func != "" {
			return &soql.Error{Code: soql.MalformedQuery, Message: "UserRecordAccess has plain fields only"}
		}
		names = append(names, column.Path.Last())
	}
	var rows [][]byte
	for _, id := range ids {
		obj, n, err := o.parseID(id)
		if err != nil {
			return &soql.Error{Code: "INVALID_QUERY_FILTER_OPERATOR", Message: "invalid ID field: " + id}
		}
		var read, edit, remove bool
		if user == c.session.user && obj != nil && c.rights.sees(obj) {
			if row, found := o.find(c, obj, n); found {
				read = true
				edit = c.rights.updates(obj) && o.editable(c, obj, row)
				remove = edit && c.rights.removes(obj)
			}
		}
		row, err := appendAccess(names, id, read, edit, remove)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	c.out.buf = appendList(c.out.buf, rows)
	c.ok(http.StatusOK)
	return nil
}

func appendAccess(names []string, id string, read, edit, remove bool) ([]byte, error) {
	level := "None"
	for _, step := range []struct {
		has  bool
		name string
	}{{read, "Read"}, {edit, "Edit"}, {remove, "Delete"}} {
		if step.has {
			level = step.name
		}
	}
	row := []byte(`{"attributes":{"type":"UserRecordAccess"}`)
	for _, name := range names {
		row = append(append(append(row, `,"`...), name...), `":`...)
		switch strings.ToLower(name) {
		case "recordid":
			row = appendString(row, id)
		case "maxaccesslevel":
			row = appendString(row, level)
		case "hasreadaccess":
			row = strconv.AppendBool(row, read)
		case "haseditaccess":
			row = strconv.AppendBool(row, edit)
		case "hasdeleteaccess", "hastransferaccess", "hasallaccess":
			row = strconv.AppendBool(row, remove)
		default:
			return nil, &soql.Error{Code: "INVALID_FIELD", Message: "No such column '" + name + "' on entity 'UserRecordAccess'."}
		}
	}
	return append(row, '}'), nil
}

// accessFilter takes UserId = '…' AND RecordId = '…' or IN ('…', …) apart; ok is false for anything else.
func accessFilter(where soql.Condition) (user string, ids []string, ok bool) {
	for _, term := range conjuncts(where) {
		switch term := term.(type) {
		case *soql.Comparison:
			switch {
			case term.Op != soql.Equal || term.Value.Kind != soql.Text:
				return "", nil, false
			case strings.EqualFold(term.Operand.Path.Last(), "UserId"):
				user = term.Value.Text()
			case strings.EqualFold(term.Operand.Path.Last(), "RecordId"):
				ids = append(ids, term.Value.Text())
			default:
				return "", nil, false
			}
		case *soql.Membership:
			if term.Negated || term.Includes || !strings.EqualFold(term.Operand.Path.Last(), "RecordId") {
				return "", nil, false
			}
			for _, v := range term.Values {
				if id := v.Text(); !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
		default:
			return "", nil, false
		}
	}
	return user, ids, true
}
