package pace

import (
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// slot is the resolution of the daily count. A slot counts until its last moment has left the day, so a rolling count
// errs by at most this much, on the safe side.
const slot = 15 * time.Minute

// ledger counts calls by quarter of an hour, for somewhat more than a day.
type ledger struct {
	slots    []spent // oldest first
	restored map[string]spent
}

type spent struct {
	last  time.Time // the last moment of the slot
	calls map[record.Purpose]int
	total int
}

func newLedger() ledger { return ledger{restored: map[string]spent{}} }

func (l *ledger) add(now time.Time, purpose record.Purpose) {
	last := now.Truncate(slot).Add(slot - 1)
	if n := len(l.slots); n == 0 || l.slots[n-1].last.Before(last) {
		l.slots = append(l.slots, spent{last: last, calls: map[record.Purpose]int{}})
	}
	s := &l.slots[len(l.slots)-1] // a clock that went back counts into the newest slot
	s.calls[purpose]++
	s.total++
	l.prune(now.Add(-50 * time.Hour))
}

func (l *ledger) prune(before time.Time) {
	n := 0
	for n < len(l.slots) && l.slots[n].last.Before(before) {
		n++
	}
	l.slots = append(l.slots[:0], l.slots[n:]...)
	for day, s := range l.restored {
		if s.last.Before(before) {
			delete(l.restored, day)
		}
	}
}

// since counts the calls that may have been made at or after start.
func (l *ledger) since(start time.Time) int {
	total := 0
	for _, s := range l.slots {
		if !s.last.Before(start) {
			total += s.total
		}
	}
	for _, s := range l.restored {
		if !s.last.Before(start) {
			total += s.total
		}
	}
	return total
}

// byPurpose splits what since counts, but for restored calls.
func (l *ledger) byPurpose(start time.Time) map[record.Purpose]int {
	sum := map[record.Purpose]int{}
	for _, s := range l.slots {
		if s.last.Before(start) {
			continue
		}
		for purpose, n := range s.calls {
			sum[purpose] += n
		}
	}
	return sum
}
