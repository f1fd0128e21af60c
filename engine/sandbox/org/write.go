package org

import (
	"errors"
	"slices"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// noRow is how a batch of rows words a row that does not exist; a single-row call answers 404 instead.
var noRow = rowFault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")

// insert creates a row. It runs inside o.update.
func (o *Org) insert(c *call, obj *object, in []input) (uint64, []rowError) {
	if !c.rights.creates(obj) {
		return 0, []rowError{rowFault("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: "+obj.label)}
	}
	d := &draft{object: obj, cells: map[*field]table.Cell{}}
	errs := o.fill(c, d, in)
	if errs != nil {
		return 0, errs
	}
	for _, f := range obj.fields {
		if _, set := d.cells[f]; !set && f.defaulted && f.defaultValue != "" && f.column >= 0 && f.kind != "boolean" {
			d.cells[f] = table.Text(f.defaultValue)
		}
	}
	if obj.byName["isunreadbyowner"] != nil {
		d.cells[obj.byName["isunreadbyowner"]] = table.Text("true")
	}
	if obj.owner != nil {
		if _, set := d.cells[obj.owner]; !set {
			d.cells[obj.owner] = table.Text(c.session.user)
		}
		o.assign(c, d)
	}
	if errs := o.check(c, d); errs != nil {
		return 0, errs
	}
	n, err := o.insertRow(c, d)
	if err != nil {
		return 0, o.tableFault(obj, err)
	}
	c.wrote++
	o.afterSave(c, d)
	return n, nil
}

// insertRow gives a checked draft its number and its system fields.
func (o *Org) insertRow(c *call, d *draft) (uint64, error) {
	obj := d.object
	obj.nextRow++
	now, user := stampText(c.tx.Now().Unix()), c.session.user
	for f, text := range map[*field]string{obj.created: now, obj.createdBy: user, obj.modified: now, obj.modifiedBy: user} {
		if _, set := d.cells[f]; f != nil && !set {
			d.cells[f] = table.Text(text)
		}
	}
	cells := slices.Repeat([]table.Cell{table.Null}, obj.width)
	for f, cell := range d.cells {
		if f.kind == "boolean" && cell.Text == "false" {
			continue // false is what null means
		}
		cells[f.column] = cell
	}
	d.n = obj.nextRow
	if err := c.tx.Insert(obj.table, d.n, cells); err != nil {
		return 0, err
	}
	d.old, _ = obj.table.Get(d.n)
	return d.n, nil
}

// change saves fields of an existing row; nothing in them is a save all the same: stamps move. It runs inside o.update.
func (o *Org) change(c *call, obj *object, n uint64, in []input) []rowError {
	row, ok := o.find(c, obj, n)
	switch {
	case !ok:
		return []rowError{noRow}
	case obj.isDeleted(row):
		return []rowError{rowFault("ENTITY_IS_DELETED", "entity is deleted")}
	case !c.rights.updates(obj), !o.editable(c, obj, row):
		return []rowError{rowFault("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")}
	case obj.name == "Lead" && o.converted(row) && !c.rights.editConverted:
		return []rowError{rowFault("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")}
	case o.isLocked(obj, n):
		return []rowError{rowFault("ENTITY_IS_LOCKED", "the entity is locked for editing")}
	}
	d := &draft{object: obj, n: n, old: row, cells: map[*field]table.Cell{}}
	if errs := o.fill(c, d, in); errs != nil {
		return errs
	}
	o.assign(c, d)
	if errs := o.check(c, d); errs != nil {
		return errs
	}
	if o.dice.Roll(fault.LockRow) || o.late.holds(obj, n) {
		return []rowError{lockFault(obj, n)}
	}
	if err := o.save(c, d); err != nil {
		return o.tableFault(obj, err)
	}
	o.afterSave(c, d)
	return nil
}

// save writes a checked draft of an existing row with the stamps of a user's edit.
func (o *Org) save(c *call, d *draft) error {
	if d.changed() {
		c.wrote++
	}
	set := d.set()
	if d.object.modified != nil {
		set[d.object.modified.column] = table.Text(stampText(c.tx.Now().Unix()))
		set[d.object.modifiedBy.column] = table.Text(c.session.user)
	}
	return c.tx.Update(d.object.table, d.n, set)
}

// upsert creates or changes the row whose key field holds the key's value among the inputs. It runs inside o.update.
// A key that several rows hold is refused; a single-row call answers 300 before it comes here.
func (o *Org) upsert(c *call, obj *object, key *field, in []input) (n uint64, created bool, errs []rowError) {
	at := slices.IndexFunc(in, func(m input) bool { return obj.field(m.name) == key })
	if at < 0 || in[at].value.kind == 'n' || in[at].value.text == "" {
		if key == obj.id {
			n, errs = o.insert(c, obj, without(in, at))
			return n, true, errs
		}
		return 0, false, []rowError{rowFault("MISSING_ARGUMENT", key.name+" not specified")}
	}
	rows := o.byKeyValue(c, obj, key, in[at].value.text)
	switch {
	case len(rows) == 1:
		return rows[0].ID(), false, o.change(c, obj, rows[0].ID(), without(in, at))
	case len(rows) > 1:
		return 0, false, []rowError{rowFault("DUPLICATE_EXTERNAL_ID", key.name+": more than one record found for external id field: ["+ids(obj, rows)+"]", key.name)}
	case key == obj.id:
		of, row, err := o.parseID(in[at].value.text)
		if err != nil || of != obj {
			return 0, false, []rowError{malformed(in[at].value.text)}
		}
		return row, false, o.change(c, obj, row, without(in, at))
	}
	n, errs = o.insert(c, obj, in)
	return n, true, errs
}

func without(in []input, at int) []input {
	if at < 0 {
		return in
	}
	return slices.Delete(slices.Clone(in), at, at+1)
}

func ids(obj *object, rows []table.Row) string {
	var b []byte
	for i, row := range rows {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = obj.appendID(b, row.ID())
	}
	return string(b)
}

func malformed(id string) rowError { return rowFault("MALFORMED_ID", "malformed id "+id) }

func lockFault(obj *object, n uint64) rowError {
	return rowFault("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records: "+obj.longID(n))
}

// tableFault words what the rows themselves refused; check has looked for all of it before.
func (o *Org) tableFault(obj *object, err error) []rowError {
	if taken := (*table.UniqueError)(nil); errors.As(err, &taken) {
		return []rowError{rowFault("DUPLICATE_VALUE", "duplicate value found: <unknown> duplicates value on record with id: <unknown>")}
	}
	return []rowError{rowFault("UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 1234-56 (-789)")}
}

func (o *Org) converted(row table.Row) bool {
	text, _ := row.Get(o.byName["lead"].byName["isconverted"].column)
	return text == "true"
}
