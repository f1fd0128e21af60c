package org

import "github.com/doppio-sync/doppio/engine/sandbox/table"

// Look calls fn with one live record, found by its object and id, and reports whether there is one. get is as in Each.
func (o *Org) Look(object, id string, fn func(get func(field string) (string, bool))) bool {
	obj, n, err := o.parseID(id)
	if err != nil || obj == nil || obj.name != object {
		return false
	}
	o.late.settle(o)
	found := false
	o.db.View(func() {
		var row table.Row
		if row, found = obj.table.Get(n); !found {
			return
		}
		if found = !obj.isDeleted(row); !found {
			return
		}
		fn(func(name string) (string, bool) {
			f := obj.field(name)
			if f == nil {
				return "", false
			}
			return o.value(f, row)
		})
	})
	return found
}
