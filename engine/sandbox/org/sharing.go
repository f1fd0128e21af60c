package org

import "github.com/doppio-sync/doppio/engine/sandbox/table"

// visible reports whether the call's user may see the row. Sharing is coarse here: who views all data sees every row;
// anybody else sees all but rows that a queue owns, rows of the one user whose rows are private, and contacts without
// an account that belong to somebody else. Whether the row lies in the bin is not asked.
func (o *Org) visible(c *call, obj *object, row table.Row) bool {
	if c.rights.viewAll || obj.owner == nil {
		return true
	}
	owner, ok := row.Get(obj.owner.column)
	if !ok || (c.session != nil && owner == c.session.user) {
		return true
	}
	if owner == o.people.private || owner[:3] == "00G" {
		return false
	}
	if obj.name == "Contact" {
		_, hasAccount := row.Get(obj.byName["accountid"].column)
		return hasAccount
	}
	return true
}

// editable reports whether the call's user may change a row that it sees: not those of the user whose rows are private.
func (o *Org) editable(c *call, obj *object, row table.Row) bool {
	if c.rights.viewAll || c.rights.modifyAll || obj.owner == nil {
		return true
	}
	owner, _ := row.Get(obj.owner.column)
	return owner != o.people.locked
}

// find is the row of that number, nil-like when it does not exist or the user may not see it. A row in the bin counts
// as existing.
func (o *Org) find(c *call, obj *object, n uint64) (table.Row, bool) {
	if n == 0 {
		return table.Row{}, false
	}
	row, ok := obj.table.Get(n)
	if !ok || !o.visible(c, obj, row) {
		return table.Row{}, false
	}
	return row, true
}

// parent is the row that a reference points to. Rows in the bin and rows that the user may not see count as absent.
func (o *Org) parent(c *call, f *field, row table.Row) (*object, table.Row, bool) {
	id, ok := o.value(f, row)
	if !ok {
		return nil, table.Row{}, false
	}
	obj, n, err := o.parseID(id)
	if err != nil || obj == nil || !c.rights.sees(obj) {
		return nil, table.Row{}, false
	}
	target, ok := o.find(c, obj, n)
	if !ok || obj.isDeleted(target) {
		return nil, table.Row{}, false
	}
	return obj, target, true
}
