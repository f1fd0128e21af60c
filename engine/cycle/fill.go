package cycle

import (
	"maps"
	"slices"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
)

// cargo is what rows have in common that may travel in one call.
type cargo struct {
	object  record.Object
	creates bool
	removes bool
	reads   bool // the record is read beside the write (Salesforce)
	patient bool // a first sync's rows of people: more of them come
}

func cargoOf(row *Row) cargo {
	return cargo{
		object: row.Object, creates: row.Target == "", removes: row.Action == Delete || row.Action == Merge,
		reads: row.Side == record.Salesforce && row.Action == Update, patient: row.First && row.Object.IsPerson(),
	}
}

// chunkOf is how many rows of a side travel together: Marketo takes 300 in a call, a composite five times 200.
func chunkOf(side record.Side) int {
	if side == record.Marketo {
		return marketo.MaxBatch
	}
	return 200
}

// load is how much of each kind goes.
type load map[cargo]int

// chunks counts those in which the records are read beside the write, and the others.
func (l load) chunks(size int) (read, plain int) {
	for c, n := range l {
		if c.reads {
			read += pages(n, size)
		} else {
			plain += pages(n, size)
		}
	}
	return read, plain
}

// calls is how many calls it takes. A chunk whose records are read takes two of a composite's five places.
func (l load) calls(side record.Side) int {
	read, plain := l.chunks(chunkOf(side))
	if side == record.Marketo {
		return read + plain
	}
	calls := pages(read, 2)
	if beside := calls + 2*(read%2); plain > beside {
		calls += pages(plain-beside, 5)
	}
	return calls
}

// without takes a chunk of that of some kinds of which most goes, if it fills more than one.
func (l load) without(kinds []cargo, reads bool, size int) bool {
	var most cargo
	for _, c := range kinds {
		if c.reads == reads && l[c] > max(size, l[most]) {
			most = c
		}
	}
	n, ok := l[most]
	if ok {
		l[most] -= (n-1)%size + 1
	}
	return ok
}

// filled leaves out of a batch what would travel in a call that has room for more, when so much waits that more of its kind is likely to: it
// goes with those. A kind that fills no chunk goes as it is, so that many of one keep nothing of another waiting, but for the people of a
// first sync.
func filled(side record.Side, rows []Row, atOnce int) []Row {
	size := chunkOf(side)
	if len(rows) <= atOnce-size {
		return rows
	}
	counts := load{}
	var kinds []cargo
	for i := range rows {
		c := cargoOf(&rows[i])
		if counts[c] == 0 {
			kinds = append(kinds, c)
		}
		counts[c]++
	}
	going := load{}
	for c, n := range counts {
		if going[c] = n; n > size || c.patient {
			going[c] -= n % size
		}
	}
	calls := going.calls(side)
	if calls == 0 { // many kinds, and a little of each
		return rows
	}
	slices.SortStableFunc(kinds, func(a, b cargo) int { return (counts[b] - going[b]) - (counts[a] - going[a]) })
	for _, c := range kinds { // what fills the last call goes along, the largest rest first
		whole := going[c]
		if going[c] = counts[c]; going.calls(side) > calls {
			going[c] = whole
		}
	}
	if side == record.Salesforce {
		going = going.whole(kinds, calls)
	}
	return slices.DeleteFunc(rows, func(row Row) bool {
		c := cargoOf(&row)
		going[c]--
		return going[c] < 0
	})
}

// whole leaves the last composite away where it has room for another chunk.
func (l load) whole(kinds []cargo, calls int) load {
	for _, last := range []struct {
		reads bool
		most  int // chunks of a composite that has room
	}{{false, 4}, {true, 1}} {
		fewer := maps.Clone(l)
		for n := 0; n < last.most && fewer.without(kinds, last.reads, chunkOf(record.Salesforce)); n++ {
			if fewer.calls(record.Salesforce) < calls {
				return fewer
			}
		}
	}
	return l
}
