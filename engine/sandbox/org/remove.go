package org

import (
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// remove puts a row into the recycle bin, and with it the rows that depend on it. It runs inside o.update.
func (o *Org) remove(c *call, obj *object, n uint64) []rowError {
	row, ok := o.find(c, obj, n)
	switch {
	case !ok:
		return []rowError{noRow}
	case obj.isDeleted(row):
		return []rowError{rowFault("ENTITY_IS_DELETED", "entity is deleted")}
	case !c.rights.removes(obj), !o.editable(c, obj, row):
		return []rowError{rowFault("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")}
	case o.isLocked(obj, n):
		return []rowError{rowFault("ENTITY_IS_LOCKED", "the entity is locked for editing")}
	case o.dice.Roll(fault.LockRow) || o.late.holds(obj, n):
		return []rowError{lockFault(obj, n)}
	}
	if err := o.bin(c, obj, n, ""); err != nil {
		return o.tableFault(obj, err)
	}
	return nil
}

// bin marks a row and its dependants as deleted; master is the winner's id when a merge does it.
func (o *Org) bin(c *call, obj *object, n uint64, master string) error {
	now := table.Text(stampText(c.tx.Now().Unix()))
	set := map[int]table.Cell{
		obj.deleted.column: table.Text("true"), obj.modified.column: now, obj.modifiedBy.column: table.Text(c.session.user),
	}
	if master != "" {
		set[obj.master.column] = table.Text(master)
	}
	if err := c.tx.Update(obj.table, n, set); err != nil {
		return err
	}
	c.wrote++
	id := obj.longID(n)
	for _, r := range obj.children {
		if !r.cascade {
			continue
		}
		for child := range r.child.table.Find(r.field.column, id) {
			if r.child.isDeleted(child) {
				continue
			}
			if err := o.bin(c, r.child, child.ID(), ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// unbin takes a row and its dependants out of the recycle bin. A dependant that was deleted on its own, at another
// second, stays there.
func (o *Org) unbin(c *call, obj *object, row table.Row) error {
	now := table.Text(stampText(c.tx.Now().Unix()))
	set := map[int]table.Cell{obj.deleted.column: table.Null, obj.modified.column: now, obj.modifiedBy.column: table.Text(c.session.user)}
	if obj.master != nil {
		set[obj.master.column] = table.Null
	}
	if err := c.tx.Update(obj.table, row.ID(), set); err != nil {
		return err
	}
	c.wrote++
	for _, r := range obj.children {
		if !r.cascade {
			continue
		}
		for child := range r.child.table.Find(r.field.column, obj.longID(row.ID())) {
			if !r.child.isDeleted(child) || child.Stamp() != row.Stamp() {
				continue
			}
			if err := o.unbin(c, r.child, child); err != nil {
				return err
			}
		}
	}
	return nil
}
