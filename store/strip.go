package store

import (
	"slices"

	"github.com/doppio-sync/doppio/engine/cycle"
)

// strip takes bare rows away, by their ids, and leaves all numbers but their own to the caller.
func (t *tx) strip(ids []int64) (gone int64, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	n, err := t.neighbourhood(ordered(ids))
	if err != nil {
		return 0, err
	}
	return n.strip(t)
}

// ordered gives ids in their order, each once.
func ordered(ids []int64) []int64 {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// stripEach takes bare rows away one by one.
func (t *tx) stripEach(ids []int64) (gone int64, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	gone, err = t.exec(`DELETE FROM outbox_first WHERE id IN (SELECT value FROM json_each(?1))`, numbers(ids))
	t.count(bareTally, -gone)
	return gone, err
}

// neighbours are bare rows that are taken away many as one, at a third of what it takes to look for each.
type neighbours struct {
	runs    [][2]int64 // from the first to the last; nobody else's row is in between
	apart   []int64
	present int // how many there are, -1 where some lie too far apart to have been counted
}

// runLeast is how many neighbours are taken away as one rather than each for itself.
const runLeast = 20

// neighbourhood finds the neighbours among bare rows, whose ids are in their order.
func (t *tx) neighbourhood(ids []int64) (n neighbours, err error) {
	for len(ids) > 0 && err == nil {
		next, _ := slices.BinarySearch(ids, queueOf(ids[0]).last()+1)
		err = t.meet(ids[:next], &n)
		ids = ids[next:]
	}
	return n, err
}

// meet adds the neighbours among rows of one queue.
func (t *tx) meet(ids []int64, n *neighbours) error {
	most, between := len(ids)+len(ids)/4, 0
	begins, at, there := 0, 0, 0 // of ids from begins to at so many are there, and nobody else
	var found neighbours
	end := func() {
		if run := ids[begins:at]; there < runLeast {
			found.apart = append(found.apart, run...)
		} else {
			found.runs = append(found.runs, [2]int64{run[0], run[len(run)-1]})
		}
		found.present += there
		begins, there = at, 0
	}
	err := t.query(`SELECT id FROM outbox_first WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3`, func(r row) error {
		if between++; between > most {
			return nil
		}
		id := r.int(0)
		for ids[at] < id {
			at++
		}
		if ids[at] == id {
			at++
			there++
		} else {
			end()
		}
		return nil
	}, ids[0], ids[len(ids)-1], int64(most)+1)
	if between > most {
		n.apart, n.present = append(n.apart, ids...), -1
		return err
	}
	at = len(ids)
	end()
	n.runs, n.apart = append(n.runs, found.runs...), append(n.apart, found.apart...)
	if n.present >= 0 {
		n.present += found.present
	}
	return err
}

func (n neighbours) strip(t *tx) (gone int64, err error) {
	for _, run := range n.runs {
		more, err := t.exec(`DELETE FROM outbox_first WHERE id BETWEEN ?1 AND ?2`, run[0], run[1])
		t.count(bareTally, -more)
		if gone += more; err != nil {
			return gone, err
		}
	}
	more, err := t.stripEach(n.apart)
	return gone + more, err
}

// finishBare deletes bare rows that are done with. It gives the heads of some: what they were to do, and to which record, their links tell.
// Of those that only arrived none is wanted.
func (p *pen) finishBare(rows, arrived []int64, heads map[int64]*head) error {
	all := ordered(append(slices.Clone(rows), arrived...))
	if len(all) == 0 {
		return nil
	}
	gone, err := p.stripWhole(all)
	if err == nil && int(gone) < len(all) { // some were gone before
		rows, all, err = p.still(rows, all)
		if err == nil {
			_, err = p.strip(all)
		}
	}
	for _, id := range all {
		p.count(rowTally(cycle.Waiting, bareSlot(id).side), -1)
	}
	for _, id := range rows {
		heads[id] = &head{slot: bareSlot(id), id: id, state: cycle.Waiting, first: true}
	}
	return err
}

// still gives those of rows, and of all, that are there still.
func (p *pen) still(rows, all []int64) (_, _ []int64, err error) {
	there := map[int64]bool{}
	err = p.query(`SELECT o.id FROM json_each(?1) j CROSS JOIN outbox_first o ON o.id = j.value`, func(r row) error { there[r.int(0)] = true; return nil }, numbers(all))
	gone := func(id int64) bool { return !there[id] }
	return slices.DeleteFunc(slices.Clone(rows), gone), slices.DeleteFunc(all, gone), err
}

// stripWhole strips rows if each of them is there, as nearly always, and else leaves all as they are. Looking for each first would take as
// long as taking them away.
func (p *pen) stripWhole(ids []int64) (gone int64, err error) {
	n, err := p.neighbourhood(ids)
	switch {
	case err != nil || n.present >= 0 && n.present < len(ids):
		return 0, err
	case n.present >= 0:
		return n.strip(p.tx)
	}
	if _, err := p.exec(`SAVEPOINT strip`); err != nil {
		return 0, err
	}
	gone, err = n.strip(p.tx)
	if err == nil && int(gone) < len(ids) {
		p.count(bareTally, gone)
		gone = 0
		_, err = p.exec(`ROLLBACK TO strip`)
	}
	if err == nil {
		_, err = p.exec(`RELEASE strip`)
	}
	return gone, err
}

// bared parts the answers that say of bare rows no more than that they arrived, as their rows, from the rest.
func bared(answers []cycle.Answer) (rest []cycle.Answer, arrived []int64) {
	if !slices.ContainsFunc(answers, func(a cycle.Answer) bool { return isBareID(a.Row) && a.Bare() }) {
		return answers, arrived
	}
	rest = make([]cycle.Answer, 0, len(answers))
	for _, a := range answers {
		if isBareID(a.Row) && a.Bare() {
			arrived = append(arrived, a.Row)
		} else {
			rest = append(rest, a)
		}
	}
	return rest, arrived
}
