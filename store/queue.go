package store

import (
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// A bare row is a row of the outbox of which there is nothing to say but what a first sync planned: it was never refused, put off or asked
// for first. It has a table of its own, and an id that follows from its slot and its turn, above all that are given in turn.
const (
	bareRows = 1 << 60
	bareSide = 56 // the side's bits, below them the turn's, and then the link's
	bareTurn = 48
	bareLink = 1<<bareTurn - 1
)

// A queue holds the bare rows towards a side that come in one turn: their ids are its own and the link's above it. It is the id that the row
// of a link with the number 0 would have.
type queue int64

// newQueue gives the queue of a turn. What is written to people has 0 for it, which is no turn in which a bare row waits.
func newQueue(side record.Side, turn int64) queue {
	if turn == turnPerson {
		turn = 0
	}
	return bareRows | queue(side)<<bareSide | queue(turn)<<bareTurn
}

// queues are those of a side, in the order of their turns.
var queues = func() map[record.Side][]queue {
	all := map[record.Side][]queue{record.Salesforce: {newQueue(record.Salesforce, turnPerson)}}
	for _, turn := range []int64{turnSalesPersonCreate, turnCompanyCreate, turnPerson, turnOpportunityCreate, turnOther} {
		all[record.Marketo] = append(all[record.Marketo], newQueue(record.Marketo, turn))
	}
	return all
}()

func (q queue) id(link cycle.LinkID) int64 { return int64(q) + int64(link) }

// last is above every id of the queue.
func (q queue) last() int64 { return int64(q) + bareLink }

func (q queue) people() bool { return q.turn() == turnPerson }

func (q queue) turn() int64 {
	if turn := int64(q) >> bareTurn & (1<<(bareSide-bareTurn) - 1); turn != 0 {
		return turn
	}
	return turnPerson
}

// bareIDs is an SQL list of the ids that bare rows of a link may have, towards a side or, without one, towards either.
func bareIDs(link string, side record.Side) string {
	var ids []string
	for _, of := range sides {
		for _, q := range queues[of] {
			if side == 0 || side == of {
				ids = append(ids, strconv.FormatInt(int64(q), 10)+` + `+link)
			}
		}
	}
	return `(` + strings.Join(ids, `, `) + `)`
}

func isBareID(id int64) bool { return id >= bareRows }

// bareSlot is the slot of a bare row, by its id.
func bareSlot(id int64) slot {
	return slot{cycle.LinkID(id & bareLink), record.Side(id >> bareSide & 3)}
}

func queueOf(id int64) queue { return queue(id &^ bareLink) }

// partBare parts the ids of bare rows from those of others; ids are sorted.
func partBare(ids []int64) (others, bare []int64) {
	at, _ := slices.BinarySearch(ids, bareRows)
	return ids[:at], ids[at:]
}
