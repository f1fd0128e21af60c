package cycle

import (
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
}

func cargoOf(row *Row) cargo {
	return cargo{
		object: row.Object, creates: row.Target == "", removes: row.Action == Delete || row.Action == Merge,
		reads: row.Side == record.Salesforce && row.Action == Update,
	}
}

// chunkOf is how many rows of a side travel together, and chunksOf how many such chunks a call carries: Marketo takes 300 rows, a composite five
// times 200, or two where each is read beside the write.
func chunkOf(side record.Side) int {
	if side == record.Marketo {
		return marketo.MaxBatch
	}
	return 200
}

func (c cargo) chunksOf(side record.Side) int {
	switch {
	case side == record.Marketo:
		return 1
	case c.reads:
		return 2
	}
	return 5
}

// filled leaves out of a batch what would travel in a call that has room for more, when so much waits that more of its kind is likely to: it
// goes with those. A kind that fills no chunk goes as it is, so that many of one keep nothing of another waiting.
func filled(side record.Side, rows []Row, atOnce int) []Row {
	size := chunkOf(side)
	if len(rows) <= atOnce-size {
		return rows
	}
	counts := map[cargo]int{}
	var kinds []cargo
	for i := range rows {
		c := cargoOf(&rows[i])
		if counts[c] == 0 {
			kinds = append(kinds, c)
		}
		counts[c]++
	}
	going := map[cargo]int{}
	chunks := map[int]int{} // by how many a call carries
	for _, c := range kinds {
		going[c] = counts[c]
		if counts[c] > size {
			going[c] -= counts[c] % size
		}
		chunks[c.chunksOf(side)] += (going[c] + size - 1) / size
	}
	slices.SortStableFunc(kinds, func(a, b cargo) int { return (counts[b] - going[b]) - (counts[a] - going[a]) })
	for _, c := range kinds { // what fills the last call goes along, the largest rest first
		if n := c.chunksOf(side); counts[c] > going[c] && chunks[n]%n != 0 {
			going[c] = counts[c]
			chunks[n]++
		}
	}
	return slices.DeleteFunc(rows, func(row Row) bool {
		c := cargoOf(&row)
		going[c]--
		return going[c] < 0
	})
}
