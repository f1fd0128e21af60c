// Package table keeps the sandbox's rows in memory: packed, indexed, and changed in transactions that can be undone.
// The imitated systems put cells in and read rows back in the order of ids, of stamps, or by an indexed text. It knows
// nothing of fields' types or of either system: a cell is a text or null.
//
// A row costs its packed texts plus about 120 bytes; texts that many rows share are kept once. Reading a page costs
// what the page holds, whatever the table's size.
//
// # Locking
//
// All tables of a DB share one lock. Read inside DB.View, write inside DB.Update; neither may be called inside the
// other. A Row is a value that stays as it was read, also after View has ended. Within Update, reads see what the
// transaction has written so far, and ranging over rows while writing them is allowed: a row may then be met in its
// old or new state.
package table

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/btree"
)

// Cell is a text or null.
type Cell struct {
	Text string
	Null bool
}

// Text is a cell that is not null.
func Text(text string) Cell { return Cell{Text: text} }

// Null is the cell that holds nothing.
var Null = Cell{Null: true}

// Spec describes a table.
type Spec struct {
	Name    string
	Columns int
	// Unique columns hold each text once, in any case; null is no text. They are indexed.
	Unique []int
	// Lookup columns are indexed, in any case, and may hold a text many times.
	Lookup []int
	// Hidden rows do not count towards uniqueness (a recycle bin); nil hides none.
	Hidden func(Row) bool
}

// Errors of writing. UniqueError comes beside them.
var (
	ErrExists  = errors.New("table: the id is taken")
	ErrMissing = errors.New("table: no row has this id")
)

// UniqueError tells which row already holds a text that must be unique.
type UniqueError struct {
	Table  string
	Column int
	Holder uint64
}

func (e *UniqueError) Error() string {
	return fmt.Sprintf("table: %s: column %d holds this text already, in row %d", e.Table, e.Column, e.Holder)
}

// DB is a set of tables under one lock.
type DB struct {
	mu   sync.RWMutex
	now  func() time.Time
	last int64 // newest stamp that a commit used
}

// NewDB makes an empty database; now gives the stamps.
func NewDB(now func() time.Time) *DB { return &DB{now: now} }

// View runs fn while nothing is written.
func (db *DB) View(fn func()) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	fn()
}

// Create adds an empty table. It is called while the database is being set up, before it is shared.
func (db *DB) Create(spec Spec) *Table {
	t := &Table{
		spec:    spec,
		bitmap:  (spec.Columns + 7) / 8,
		ids:     btree.NewMap[uint64, *line](64),
		stamps:  newOrder(),
		indexes: make([]*index, spec.Columns),
		shared:  newShared(spec.Columns),
	}
	for _, col := range spec.Lookup {
		t.indexes[col] = newIndex(false)
	}
	for _, col := range spec.Unique {
		t.indexes[col] = newIndex(true)
		t.shared.never(col)
	}
	return t
}

// Table holds rows of one kind.
type Table struct {
	spec    Spec
	bitmap  int // bytes at the head of a packed row: which cells are not null
	ids     *btree.Map[uint64, *line]
	stamps  *order
	indexes []*index // by column; nil where there is none
	shared  *shared
}

// Name is the table's name.
func (t *Table) Name() string { return t.spec.Name }

// Len is the number of rows, hidden ones included.
func (t *Table) Len() int { return t.ids.Len() }

// Get finds a row by its id.
func (t *Table) Get(id uint64) (Row, bool) {
	l, ok := t.ids.Get(id)
	return Row{t, l}, ok
}

// First is the row with the lowest id.
func (t *Table) First() (Row, bool) {
	_, l, ok := t.ids.Min()
	return Row{t, l}, ok
}

// Last is the row with the highest id.
func (t *Table) Last() (Row, bool) {
	_, l, ok := t.ids.Max()
	return Row{t, l}, ok
}

// Find gives the rows, by id, whose column holds the text in any case. The column must be Unique or Lookup.
func (t *Table) Find(col int, text string) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		x := t.indexes[col]
		if x == nil {
			panic(fmt.Sprintf("table: %s: column %d is not indexed", t.spec.Name, col))
		}
		folded := fold(text)
		hash := x.hash(folded)
		for k := range x.order.from(key{hash, 0}, true) {
			if k.hi != hash {
				return
			}
			row, ok := t.Get(k.lo)
			if !ok {
				continue
			}
			if held, ok := row.Get(col); ok && fold(held) == folded && !yield(row) {
				return
			}
		}
	}
}

// Indexed reports whether Find may be asked for the column.
func (t *Table) Indexed(col int) bool { return t.indexes[col] != nil }

// ByID gives the rows with ids above after, in rising order.
func (t *Table) ByID(after uint64) iter.Seq[Row] {
	return chunked(func(from uint64, _ bool, take func(uint64, Row) bool) {
		t.ids.Ascend(from, func(id uint64, l *line) bool {
			return id == from || take(id, Row{t, l})
		})
	}, after)
}

// ByIDBackward gives the rows with ids below before, in falling order; before 0 begins with the highest id.
func (t *Table) ByIDBackward(before uint64) iter.Seq[Row] {
	if before == 0 {
		before = ^uint64(0)
	}
	return chunked(func(from uint64, _ bool, take func(uint64, Row) bool) {
		t.ids.Descend(from, func(id uint64, l *line) bool {
			return id == from || take(id, Row{t, l})
		})
	}, before)
}

// ByStamp gives the rows that follow the key (stamp, afterID), ordered by stamp and then id.
func (t *Table) ByStamp(stamp int64, afterID uint64) iter.Seq[Row] {
	return t.stamped(t.stamps.from(stampKey(stamp, afterID), false))
}

// ByStampBackward gives the rows that precede the key (stamp, beforeID), in falling order.
func (t *Table) ByStampBackward(stamp int64, beforeID uint64) iter.Seq[Row] {
	return t.stamped(t.stamps.backward(stampKey(stamp, beforeID)))
}

func (t *Table) stamped(keys iter.Seq[key]) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for k := range keys {
			if row, ok := t.Get(k.lo); ok && !yield(row) {
				return
			}
		}
	}
}

// fold is the form in which texts are compared.
func fold(text string) string { return strings.ToLower(text) }
