package org

import (
	"net/url"
	"testing"
)

// UserRecordAccess says of single records what the user may do with them, and takes no other filter than the user and the records.
func TestUserRecordAccess(t *testing.T) {
	b := newBench(t, bare)
	b.SetObjectAccess("Lead", true, true, true, false)
	mine := b.lead()
	hidden := b.made("Lead", `{"LastName":"A","Company":"B","OwnerId":"`+b.people.private+`"}`)
	locked := b.made("Lead", `{"LastName":"A","Company":"B","OwnerId":"`+b.people.locked+`"}`)
	rows := b.ask(`SELECT RecordId, HasReadAccess, HasEditAccess, MaxAccessLevel FROM UserRecordAccess WHERE UserId = '` + b.people.sync +
		`' AND RecordId IN ('` + mine + `','` + hidden + `','` + locked + `')`)
	for i, want := range []struct {
		id         string
		read, edit bool
		level      string
	}{{mine, true, true, "Edit"}, {hidden, false, false, "None"}, {locked, true, false, "Read"}} {
		if r := rows[i]; r["RecordId"] != want.id || r["HasReadAccess"] != want.read || r["HasEditAccess"] != want.edit || r["MaxAccessLevel"] != want.level {
			t.Errorf("got %v, want %+v", r, want)
		}
	}
	for _, soql := range []string{
		`SELECT RecordId FROM UserRecordAccess`,
		`SELECT RecordId FROM UserRecordAccess WHERE UserId = '` + b.people.sync + `'`,
		`SELECT RecordId FROM UserRecordAccess WHERE RecordId = '` + mine + `'`,
		`SELECT RecordId FROM UserRecordAccess WHERE UserId = '` + b.people.sync + `' AND RecordId = '` + mine + `' AND HasEditAccess = true`,
	} {
		b.send("GET", "query?q="+url.QueryEscape(soql), "").refused(400, "MALFORMED_QUERY")
	}
}
