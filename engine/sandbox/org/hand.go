package org

import (
	"errors"
	"fmt"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// What the screens, Apex or SOAP can do and REST cannot. All of it happens as the admin, outside the journal.

// ErrNoRecord tells that an id names no live record of the right object.
var ErrNoRecord = errors.New("the id names no such record")

// Create makes a record as a user does on a page of the screen. Fields are canonical texts by API name; a rule of the org
// that refuses one is an error.
func (o *Org) Create(object string, fields map[string]string) (id string, err error) {
	obj := o.object(object)
	if obj == nil {
		return "", ErrNoRecord
	}
	c := o.internal()
	o.settle()
	err = o.update(c, func() error {
		n, errs := o.insert(c, obj, rawInputs(fields))
		if errs != nil {
			return refusal(errs)
		}
		id = obj.longID(n)
		return nil
	})
	return id, err
}

// live finds a row that is not in the bin and that the user may see, by its id.
func (o *Org) live(c *call, obj *object, id string) (table.Row, error) {
	of, n, err := o.parseID(id)
	if err != nil || of == nil || (obj != nil && of != obj) {
		return table.Row{}, ErrNoRecord
	}
	row, ok := o.find(c, of, n)
	if !ok || of.isDeleted(row) {
		return table.Row{}, ErrNoRecord
	}
	return row, nil
}

// refused is a rule of the org that refused a record, as an error that begins with its code.
type refused struct{ rowError }

func (r refused) Error() string { return r.Code + ": " + r.Message }

func refusal(errs []rowError) error { return refused{errs[0]} }

// Merge merges one or two losers into a winner of the same object, as the screen proposes it: the winner takes over what
// it has blank, the losers go to the bin with the winner's id on them, their children move to the winner.
func (o *Org) Merge(winner string, losers ...string) error {
	o.settle()
	return o.merge(o.internal(), winner, losers, func(d *draft, from []table.Row) []rowError {
		for _, row := range from {
			for _, f := range d.object.fields {
				if text, ok := o.value(f, row); ok && f.column >= 0 && f.updateable && !f.unique && f.kind != "boolean" && !d.has(f) {
					d.cells[f] = table.Text(text)
				}
			}
		}
		return nil
	})
}

// merge merges as the call's user; take puts into the winner's draft what it shall have from now on.
func (o *Org) merge(c *call, winner string, losers []string, take func(d *draft, losers []table.Row) []rowError) error {
	return o.update(c, func() error {
		obj, n, err := o.parseID(winner)
		if err != nil || obj == nil || !obj.flags.mergeable || len(losers) == 0 || len(losers) > 2 {
			return fmt.Errorf("a merge takes a Lead, Contact or Account and one or two others: %w", ErrNoRecord)
		}
		if !c.rights.updates(obj) || !c.rights.removes(obj) {
			return refused{rowFault("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")}
		}
		first, err := o.live(c, obj, winner)
		if err != nil {
			return err
		}
		d := &draft{object: obj, n: n, old: first, cells: map[*field]table.Cell{}}
		var rows []table.Row
		for _, id := range losers {
			row, err := o.live(c, obj, id)
			if err != nil {
				return err
			}
			if row.ID() == n {
				return ErrNoRecord
			}
			rows = append(rows, row)
		}
		if errs := take(d, rows); errs != nil {
			return refusal(errs)
		}
		for _, row := range rows {
			if err := o.reparent(c, obj, row.ID(), obj.longID(n)); err != nil {
				return err
			}
			if err := o.bin(c, obj, row.ID(), obj.longID(n)); err != nil {
				return err
			}
		}
		return o.save(c, d)
	})
}

// reparent moves the children of a loser to the winner.
func (o *Org) reparent(c *call, obj *object, loser uint64, winner string) error {
	for _, r := range obj.children {
		if !r.field.indexed {
			continue
		}
		for child := range r.child.table.Find(r.field.column, obj.longID(loser)) {
			if r.child.name == "CampaignMember" && o.isMember(r.child, child, r.field, winner) {
				if err := o.bin(c, r.child, child.ID(), ""); err != nil {
					return err
				}
				continue
			}
			set := map[int]table.Cell{r.field.column: table.Text(winner)}
			if r.child.modified != nil {
				set[r.child.modified.column] = table.Text(stampText(c.tx.Now().Unix()))
			}
			if err := c.tx.Update(r.child.table, child.ID(), set); err != nil {
				return err
			}
		}
	}
	return nil
}

// isMember reports whether a person is in the campaign of a membership already: nobody is in one twice.
func (o *Org) isMember(members *object, of table.Row, by *field, person string) bool {
	campaign := members.field("CampaignId")
	want, _ := of.Get(campaign.column)
	for other := range members.table.Find(by.column, person) {
		if got, _ := other.Get(campaign.column); got == want && !members.isDeleted(other) {
			return true
		}
	}
	return false
}
