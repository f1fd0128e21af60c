package instance

import (
	"slices"
	"strconv"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// ofPeople are the objects whose records hang on people, with the field that names the person.
func (i *Instance) ofPeople(fn func(o *object, person *field)) {
	for _, key := range slices.Concat([]string{"role"}, customNames) {
		o := i.objects[key]
		for _, f := range o.fields {
			if f.name == "leadId" || o.leadsTo(f.name, "Lead") {
				fn(o, f)
			}
		}
	}
}

// dropRecords removes what hangs on a person who is gone.
func (i *Instance) dropRecords(tx *table.Tx, lead uint64) {
	i.ofPeople(func(o *object, person *field) {
		for _, row := range slices.Collect(o.table.Find(person.column, strconv.FormatUint(lead, 10))) {
			must(tx.Delete(o.table, row.ID()))
		}
	})
}

// moveRecords gives the winner of a merge what hangs on a loser. What the winner has already, by its key, is there once.
func (i *Instance) moveRecords(tx *table.Tx, loser, winner uint64) {
	to := strconv.FormatUint(winner, 10)
	i.ofPeople(func(o *object, person *field) {
		for _, row := range slices.Collect(o.table.Find(person.column, strconv.FormatUint(loser, 10))) {
			if slices.Contains(o.dedupe, person.name) {
				texts := make([]string, len(o.dedupe))
				for n, name := range o.dedupe {
					if texts[n], _ = o.value(o.byName[name], row); name == person.name {
						texts[n] = to
					}
				}
				if len(o.findKey(o.dedupe, texts)) > 0 {
					must(tx.Delete(o.table, row.ID()))
					continue
				}
			}
			must(tx.Update(o.table, row.ID(), map[int]table.Cell{person.column: table.Text(to)}))
		}
	})
}
