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
	var record inputRecord
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		record = append(record, member{name, raw{'"', fields[name]}})
	}
	i.update(func(tx *table.Tx) {
		changes, refused := i.changesOf(record)
		if refused != nil {
			err = fmt.Errorf("%d: %s", refused.code, refused.message)
			return
		}
		id = strconv.FormatUint(i.create(tx, changes, byHand), 10)
	})
	return id, err
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
