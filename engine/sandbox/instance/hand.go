package instance

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// What users do on the screens of the instance, outside its API and journal.

// ErrNoPerson tells that an id names no person.
var ErrNoPerson = errors.New("the id names no such person")

// byHand is who a change on the screen comes from.
var byHand = origin{source: "Lead creation", reason: "Created from database"}

// Create makes a person. Fields are texts by REST name; a name or a value that the instance does not take is an error.
func (i *Instance) Create(fields map[string]string) (id string, err error) {
	i.update(func(tx *table.Tx) {
		var changes []change
		if changes, err = i.typed(fields); err == nil {
			id = strconv.FormatUint(i.create(tx, changes, byHand), 10)
		}
	})
	return id, err
}

// Set changes fields of a person as a user does; an empty text empties the field. A name or a value that the instance does
// not take is an error.
func (i *Instance) Set(id string, fields map[string]string) error {
	var refused error
	return errors.Join(i.byID(func(tx *table.Tx, ids []uint64) {
		var changes []change
		if changes, refused = i.typed(fields); refused != nil {
			return
		}
		row, _ := i.people.Get(ids[0])
		var p person
		i.load(&p, row)
		i.change(tx, &p, changes, origin{source: "Lead update", reason: "Manual person edit"})
	}, id), refused)
}

// typed are the changes that texts typed into a form make.
func (i *Instance) typed(fields map[string]string) ([]change, error) {
	var record inputRecord
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		record = append(record, member{name, raw{'"', fields[name]}})
	}
	changes, refused := i.changesOf(record)
	if refused != nil {
		return nil, fmt.Errorf("%d: %s", refused.code, refused.message)
	}
	return changes, nil
}

// Delete removes a person for good.
func (i *Instance) Delete(id string) error {
	return i.byID(func(tx *table.Tx, ids []uint64) { i.remove(tx, ids[0]) }, id)
}

// Merge merges people into a winner, which takes over what it has blank.
func (i *Instance) Merge(winner string, losers ...string) error {
	if slices.Contains(losers, winner) {
		return ErrNoPerson
	}
	return i.byID(func(tx *table.Tx, ids []uint64) {
		first, rest := i.trueWinner(ids[0], ids[1:])
		i.merge(tx, first, rest)
	}, append([]string{winner}, losers...)...)
}

// byID does something to people who all are there.
func (i *Instance) byID(do func(*table.Tx, []uint64), texts ...string) (err error) {
	ids := make([]uint64, len(texts))
	for n, text := range texts {
		if ids[n], err = strconv.ParseUint(text, 10, 64); err != nil {
			return ErrNoPerson
		}
	}
	i.update(func(tx *table.Tx) {
		for _, id := range ids {
			if _, there := i.people.Get(id); !there {
				err = ErrNoPerson
				return
			}
		}
		do(tx, ids)
	})
	return err
}
