package table

import (
	"errors"
	"fmt"
	"time"
)

// Tx is a running transaction. It is used by the func that Update gave it to, and not after.
type Tx struct {
	db      *DB
	now     int64
	undo    []change
	scratch []byte
	cells   []Cell
}

// change is one line put in the place of another; nil where there was or is none.
type change struct {
	table    *Table
	old, new *line
}

// Update runs fn as the only writer. When fn returns an error or panics, all it wrote is taken back.
//
// A write that is refused (an error of Insert, Update, Delete) has changed nothing, and the transaction may go on.
func (db *DB) Update(fn func(tx *Tx) error) (err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	tx := &Tx{db: db, now: max(db.now().Unix(), db.last)}
	done := false
	defer func() {
		if !done {
			tx.rollBack(0)
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	done = true
	if len(tx.undo) > 0 {
		db.last = tx.now
	}
	return nil
}

// Now is the time that the transaction's writes are stamped with, to the second. It never runs backwards.
func (tx *Tx) Now() time.Time { return time.Unix(tx.now, 0).UTC() }

// Try runs fn as a part of the transaction: when it returns an error, what it wrote is taken back, and the transaction
// may go on.
func (tx *Tx) Try(fn func() error) error {
	mark, done := len(tx.undo), false
	defer func() {
		if !done {
			tx.rollBack(mark)
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	done = true
	return nil
}

func (tx *Tx) rollBack(mark int) {
	for i := len(tx.undo) - 1; i >= mark; i-- {
		c := tx.undo[i]
		c.table.put(c.new, c.old)
	}
	tx.undo = tx.undo[:mark]
}

// Insert adds a row. cells holds one cell a column; missing ones at the end are null.
// Errors: ErrExists, *UniqueError.
func (tx *Tx) Insert(t *Table, id uint64, cells []Cell) error {
	return tx.InsertAt(t, id, cells, tx.now)
}

// InsertAt is Insert with a stamp of the past, for rows that were there before the sandbox opened.
func (tx *Tx) InsertAt(t *Table, id uint64, cells []Cell, stamp int64) error {
	if len(cells) > t.spec.Columns {
		return fmt.Errorf("table: %s: %d cells for %d columns", t.spec.Name, len(cells), t.spec.Columns)
	}
	if _, taken := t.ids.Get(id); taken {
		return ErrExists
	}
	l := t.pack(id, stamp, 1, cells, &tx.scratch)
	return tx.replace(t, nil, l)
}

// Update sets some cells of a row and stamps it, also when they held the same texts already.
// Errors: ErrMissing, *UniqueError.
func (tx *Tx) Update(t *Table, id uint64, set map[int]Cell) error {
	old, ok := t.ids.Get(id)
	if !ok {
		return ErrMissing
	}
	row := Row{t, old}
	tx.cells = tx.cells[:0]
	for range t.spec.Columns {
		tx.cells = append(tx.cells, Null)
	}
	row.Each(func(col int, text string) { tx.cells[col] = Cell{Text: text} })
	for col, c := range set {
		tx.cells[col] = c
	}
	return tx.replace(t, old, t.pack(id, tx.now, row.Version()+1, tx.cells, &tx.scratch))
}

// SetStamp gives a row another stamp and changes nothing else, not even its version.
// Errors: ErrMissing.
func (tx *Tx) SetStamp(t *Table, id uint64, stamp int64) error {
	old, ok := t.ids.Get(id)
	if !ok {
		return ErrMissing
	}
	return tx.replace(t, old, &line{id, stamp, old.data})
}

// Delete removes a row for good.
// Errors: ErrMissing.
func (tx *Tx) Delete(t *Table, id uint64) error {
	old, ok := t.ids.Get(id)
	if !ok {
		return ErrMissing
	}
	return tx.replace(t, old, nil)
}

func (tx *Tx) replace(t *Table, old, new *line) error {
	if err := t.unique(old, new); err != nil {
		return err
	}
	t.put(old, new)
	tx.undo = append(tx.undo, change{t, old, new})
	return nil
}

// unique refuses a line that would hold a text which another row holds.
func (t *Table) unique(old, new *line) error {
	if new == nil || len(t.spec.Unique) == 0 {
		return nil
	}
	row := Row{t, new}
	hidden := t.spec.Hidden
	if hidden != nil && hidden(row) {
		return nil
	}
	for _, col := range t.spec.Unique {
		text, ok := row.Get(col)
		if !ok {
			continue
		}
		for other := range t.Find(col, text) {
			if other.ID() != new.id && (hidden == nil || !hidden(other)) {
				return &UniqueError{t.spec.Name, col, other.ID()}
			}
		}
	}
	return nil
}

// put exchanges a line in the table and all its orders.
func (t *Table) put(old, new *line) {
	for col, x := range t.indexes {
		if x == nil {
			continue
		}
		was, had := t.indexKey(x, col, old)
		is, has := t.indexKey(x, col, new)
		if had == has && was == is {
			continue
		}
		if had {
			x.order.remove(was)
		}
		if has {
			x.order.add(is)
		}
	}
	if old != nil && (new == nil || old.stamp != new.stamp) {
		t.stamps.remove(stampKey(old.stamp, old.id))
	}
	if new == nil {
		t.ids.Delete(old.id)
		return
	}
	if old == nil || old.stamp != new.stamp {
		t.stamps.add(stampKey(new.stamp, new.id))
	}
	t.ids.Set(new.id, new)
}

func (t *Table) indexKey(x *index, col int, l *line) (key, bool) {
	if l == nil {
		return key{}, false
	}
	text, ok := Row{t, l}.Get(col)
	if !ok {
		return key{}, false
	}
	return key{x.hash(fold(text)), l.id}, true
}

// IsUnique reports whether an error is a *UniqueError, and gives it.
func IsUnique(err error) (*UniqueError, bool) {
	var unique *UniqueError
	ok := errors.As(err, &unique)
	return unique, ok
}
