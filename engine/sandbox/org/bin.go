package org

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// Delete puts a record into the recycle bin, as a user does.
func (o *Org) Delete(id string) error {
	c := o.internal()
	o.settle()
	return o.update(c, func() error {
		obj, n, err := o.parseID(id)
		if err != nil || obj == nil {
			return ErrNoRecord
		}
		if errs := o.remove(c, obj, n); errs != nil {
			return refusal(errs)
		}
		return nil
	})
}

// Undelete takes a record out of the recycle bin, with what its deletion took along. A unique value that another record
// has taken over meanwhile is an error.
func (o *Org) Undelete(id string) error {
	o.settle()
	return o.undelete(o.internal(), id)
}

func (o *Org) undelete(c *call, id string) error {
	return o.update(c, func() error {
		obj, n, err := o.parseID(id)
		if err != nil || obj == nil || obj.deleted == nil {
			return ErrNoRecord
		}
		row, ok := o.find(c, obj, n)
		if !ok || !obj.isDeleted(row) {
			return ErrNoRecord
		}
		if !c.rights.removes(obj) {
			return refused{rowFault("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")}
		}
		d := &draft{object: obj, n: n, old: row}
		for _, f := range obj.fields {
			if f.unique {
				if errs := o.taken(c, d, f); errs != nil {
					return refusal(errs)
				}
			}
		}
		return o.unbin(c, obj, row)
	})
}

// EmptyBin removes for good what lies in the recycle bin: nothing tells of it any more.
func (o *Org) EmptyBin() error { return o.purge(1<<62 - 1) }

// purge removes the rows that went to the bin at or before a second.
func (o *Org) purge(until int64) error {
	return o.db.Update(func(tx *table.Tx) error {
		for _, obj := range o.objects {
			for row := range obj.inBin() {
				if row.Stamp() > until {
					continue
				}
				if err := tx.Delete(obj.table, row.ID()); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// inBin are the rows that lie in the recycle bin.
func (obj *object) inBin() iter.Seq[table.Row] {
	if obj.deleted == nil {
		return func(func(table.Row) bool) {}
	}
	return obj.table.Find(obj.deleted.column, "true")
}

// age purges what has lain in the bin for 15 days. It looks once an hour of the org's clock.
func (o *Org) age() {
	now := o.clock.Now()
	o.mu.Lock()
	due := now.Sub(o.aged) >= time.Hour
	if due {
		o.aged = now
	}
	o.mu.Unlock()
	if !due {
		return
	}
	if err := o.purge(now.Add(-recycleBinStays).Unix()); err != nil {
		panic("org: a row that was just read is gone: " + err.Error())
	}
}

// Touch moves SystemModstamp of every record of an object and nothing else, as a renamed picklist value does.
func (o *Org) Touch(object string) error {
	obj := o.object(object)
	if obj == nil {
		return fmt.Errorf("the org has no object %s", object)
	}
	return o.db.Update(func(tx *table.Tx) error {
		for row := range obj.table.ByID(0) {
			if err := tx.SetStamp(obj.table, row.ID(), tx.Now().Unix()); err != nil {
				return err
			}
		}
		return nil
	})
}

// Set changes fields of a record as a user does; the texts are as a CSV file has them, an empty one empties the field.
// A refusal is an error that begins with its code.
func (o *Org) Set(id string, values map[string]string) error {
	c := o.internal()
	o.settle()
	return o.update(c, func() error {
		obj, n, err := o.parseID(id)
		if err != nil || obj == nil {
			return ErrNoRecord
		}
		if errs := o.change(c, obj, n, rawInputs(values)); errs != nil {
			return refusal(errs)
		}
		return nil
	})
}

func rawInputs(values map[string]string) []input {
	in := make([]input, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		in = append(in, input{name, rawValue(values[name])})
	}
	return in
}
