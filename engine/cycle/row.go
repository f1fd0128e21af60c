package cycle

import (
	"slices"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// empty reports that a row has nothing to send; unless something of it was refused, putting it removes what is stored in its place.
func (r Row) empty() bool {
	return len(r.Fields) == 0 && r.Carry == "" && r.Action != Create && r.Action != Delete
}

// part parts a list by a question, each part in the order given. Rows are large: where all get one answer, none is copied.
func part[T any](rows []T, asked func(*T) bool) (yes, no []T) {
	n := 0
	for i := range rows {
		if asked(&rows[i]) {
			n++
		}
	}
	switch n {
	case 0:
		return nil, rows
	case len(rows):
		return rows, nil
	}
	yes, no = make([]T, 0, n), make([]T, 0, len(rows)-n)
	for i := range rows {
		if asked(&rows[i]) {
			yes = append(yes, rows[i])
		} else {
			no = append(no, rows[i])
		}
	}
	return yes, no
}

// awaited are rows that were sent and not answered yet, by their ids.
type awaited map[int64]*Row

func await(rows []Row) awaited {
	sent := make(awaited, len(rows))
	for i := range rows {
		sent[rows[i].ID] = &rows[i]
	}
	return sent
}

// take gives a row that was answered.
func (w awaited) take(id int64) (row Row) {
	if sent := w[id]; sent != nil {
		row = *sent
		delete(w, id)
	}
	return row
}

// tried reports that a row may have been sent before, and its answer lost.
func (r *Row) tried() bool {
	return r.Tries > 0 && r.Cause == "" && r.Action == Update && r.Object.IsPerson()
}

// sent reports that a row was sent before, or is being sent: what it says may have arrived. No row is none.
func (r *Row) sent() bool { return r != nil && (r.State == Sending || r.Tries > 0) }

// field finds a row's change of a field. What only goes with another change is none.
func (r *Row) field(number uint16) (Change, bool) {
	if r == nil {
		return Change{}, false
	}
	for i := range r.Fields {
		if c := &r.Fields[i]; c.Field == number && !c.With {
			return *c, true
		}
	}
	for _, f := range r.Refused {
		if f.Field == number && !f.With {
			return f.Change, true
		}
	}
	return Change{}, false
}

// Email is the address that a row writes, blank where it writes none; object is that whose fields it has.
func (r *Row) Email(object schema.Object) record.Value {
	for _, f := range object.Fields {
		if f.Salesforce == "Email" {
			c, _ := r.field(f.Number)
			return c.Value
		}
	}
	return record.Value{}
}

// drop leaves a field out.
func (r *Row) drop(number uint16) {
	r.Fields = slices.DeleteFunc(r.Fields, func(c Change) bool { return c.Field == number })
	r.Refused = slices.DeleteFunc(r.Refused, func(f Refusal) bool { return f.Field == number })
}

// alike reports that two rows would send the same, in the same belief about what stands there and what goes with it.
func (r Row) alike(other Row) bool {
	if r.Action != other.Action || r.Carry != other.Carry || r.Target != other.Target || len(r.Fields) != len(other.Fields) || len(r.Refused) != len(other.Refused) {
		return false
	}
	for i, c := range r.Fields {
		if !c.alike(other.Fields[i]) {
			return false
		}
	}
	for i, f := range r.Refused {
		if !f.alike(other.Refused[i].Change) {
			return false
		}
	}
	return true
}

func (c Change) alike(other Change) bool {
	return c.Field == other.Field && c.Value == other.Value && c.Prior == other.Prior && c.Ruled == other.Ruled && (c.Lost == nil) == (other.Lost == nil)
}

// nothingAgreed is the baseline of a pair that never agreed on anything.
type nothingAgreed struct{}

func (nothingAgreed) Has(uint16) bool                    { return false }
func (nothingAgreed) Same(uint16, record.Value) bool     { return false }
func (nothingAgreed) Print(uint16) uint64                { return 0 }
func (nothingAgreed) Prints(uint16, record.Value) uint64 { return 0 }
