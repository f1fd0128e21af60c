package instance

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

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

// notInProgram is the status by which a user takes a person out of a program. The API does not know it.
const notInProgram = "Not in Program"

// SetProgress changes a person's status in a program as the flow step does: it makes members, never moves one to a lower
// step, and takes one out for "Not in Program". The log tells of each by type 104.
func (i *Instance) SetProgress(program int, person, status string) error {
	var refused error
	return errors.Join(i.byID(func(tx *table.Tx, ids []uint64) {
		one := i.programs.get(strconv.Itoa(program))
		if one == nil {
			refused = fmt.Errorf("there is no program %d", program)
			return
		}
		if status == notInProgram {
			i.leave(tx.Now(), one, ids[0])
			return
		}
		to, known := one.channel.status(status)
		if !known {
			refused = fmt.Errorf("the program has no status %q", status)
			return
		}
		i.setStatus(tx.Now(), one, ids[0], to, "Change Program Status")
	}, person), refused)
}

// Leave takes a person out of a program as the API does: nothing of it stands in the log.
func (i *Instance) Leave(program int, person string) {
	i.update(func(*table.Tx) {
		if one := i.programs.get(strconv.Itoa(program)); one != nil {
			if id, err := strconv.ParseUint(person, 10, 64); err == nil {
				delete(one.members, id)
			}
		}
	})
}

// leave takes a person out of a program, if it is in it.
func (i *Instance) leave(at time.Time, one *program, lead uint64) {
	m := one.members[lead]
	if m == nil {
		return
	}
	delete(one.members, lead)
	i.write(&activity{at: at.Unix(), kind: typeChangeStatus, lead: lead, primary: int64(one.id), text: one.name, attrs: []attr{
		number("Old Status ID", int64(m.status.id)), common("Old Status", m.status.name), common("New Status", notInProgram),
		flag("Success", false), common("Reason", "Change Program Status"), number("Program Member ID", int64(m.number)),
	}})
}

// Act puts into the log what a person did on the web or in a mail: kind is the activity type, asset and name its primary
// attribute, as form 7 "Webinar.Sign-up".
func (i *Instance) Act(person string, kind int, asset int64, name string) error {
	if typesByID[kind] == nil {
		return fmt.Errorf("there is no activity type %d", kind)
	}
	return i.byID(func(tx *table.Tx, ids []uint64) {
		i.write(&activity{at: tx.Now().Unix(), kind: kind, lead: ids[0], primary: asset, text: name, attrs: []attr{common("User Agent", "Mozilla/5.0")}})
	}, person)
}

// Members calls fn with every member of a program, in the order of ids.
func (i *Instance) Members(program int, fn func(person, status string)) {
	i.db.View(func() {
		if one := i.programs.get(strconv.Itoa(program)); one != nil {
			for _, lead := range slices.Sorted(maps.Keys(one.members)) {
				fn(strconv.FormatUint(lead, 10), one.members[lead].status.name)
			}
		}
	})
}

// Changes calls fn with every change of a person's field that the log tells of, in the order of their dates, those made before the sandbox
// opened aside: when it was, to the second, the field's REST name, and what it held before and after.
func (i *Instance) Changes(fn func(at time.Time, person, field, old, new string)) {
	i.db.View(func() {
		var a activity
		for pos := len(i.log.ancient); pos < i.log.end(); pos++ {
			if _, kind, _ := i.log.head(pos); kind != typeChangeDataValue {
				continue
			}
			i.log.get(pos, &a)
			f := i.schema.byID[int(a.primary)]
			if f == nil {
				continue
			}
			var old, now string
			for _, at := range a.attrs {
				switch at.label() {
				case "Old Value":
					old = at.text
				case "New Value":
					now = at.text
				}
			}
			fn(time.Unix(a.at, 0).UTC(), strconv.FormatUint(a.lead, 10), f.name, old, now)
		}
	})
}

// Logged calls fn with every activity of a type that the API can see, oldest first: the person, the primary attribute, and
// the others by name.
func (i *Instance) Logged(kind int, fn func(person, primary string, attributes map[string]string)) {
	i.db.View(func() {
		var a activity
		for pos := len(i.log.ancient); pos < i.log.end(); pos++ {
			if _, of, _ := i.log.head(pos); of != kind {
				continue
			}
			i.log.get(pos, &a)
			attributes := map[string]string{}
			for _, at := range a.attrs {
				attributes[at.label()] = at.text
			}
			fn(strconv.FormatUint(a.lead, 10), i.primaryText(&a), attributes)
		}
	})
}
