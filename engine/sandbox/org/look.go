package org

import (
	"math"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// Each calls fn with every live record of an object, in the order of ids, until fn answers false. get gives a field's
// canonical text (numbers without zeros at the end, date-times as 2026-01-01T10:00:00Z); ok is false for null and for a
// field that the object lacks. Nothing is written meanwhile, so fn must not write.
func (o *Org) Each(object string, fn func(id string, get func(field string) (string, bool)) bool) {
	obj := o.object(object)
	if obj == nil {
		return
	}
	o.settle()
	o.db.View(func() {
		var row table.Row
		get := o.reader(obj, &row)
		for row = range obj.table.ByID(0) {
			if !obj.isDeleted(row) && !fn(obj.longID(row.ID()), get) {
				return
			}
		}
	})
}

// Counts are the live records by object, without the objects of setup.
func (o *Org) Counts() map[string]int {
	counts := map[string]int{}
	o.settle()
	o.db.View(func() {
		for _, obj := range o.objects {
			if obj.flags.createable {
				counts[obj.name] = obj.table.Len()
				for range obj.inBin() {
					counts[obj.name]--
				}
			}
		}
	})
	return counts
}

// Look calls fn with one live record, whose get is that of Each; it reports whether there is such a record. id has 15
// or 18 characters.
func (o *Org) Look(object, id string, fn func(get func(field string) (string, bool))) bool {
	obj := o.object(object)
	of, n, err := o.parseID(id)
	if obj == nil || err != nil || of != obj {
		return false
	}
	o.settle()
	found := false
	o.db.View(func() {
		row, ok := obj.table.Get(n)
		if found = ok && !obj.isDeleted(row); found {
			fn(o.reader(obj, &row))
		}
	})
	return found
}

// reader reads fields of whatever row it points to.
func (o *Org) reader(obj *object, row *table.Row) func(string) (string, bool) {
	return func(name string) (string, bool) {
		f := obj.field(name)
		if f == nil {
			return "", false
		}
		return o.value(f, *row)
	}
}

// Changed calls fn with the records of an object whose SystemModstamp is since or later, those in the recycle bin too, in
// the order of their stamps, until fn answers false. get is that of Each, and fn must not write either.
func (o *Org) Changed(object string, since time.Time, fn func(id string, deleted bool, get func(field string) (string, bool)) bool) {
	obj := o.object(object)
	if obj == nil {
		return
	}
	from := int64(math.MinInt64)
	if at := since.Unix(); !since.IsZero() {
		from = at
	}
	o.settle()
	o.db.View(func() {
		var row table.Row
		get := o.reader(obj, &row)
		for row = range obj.table.ByStamp(from, 0) {
			if !fn(obj.longID(row.ID()), obj.deleted != nil && obj.isDeleted(row), get) {
				return
			}
		}
	})
}
