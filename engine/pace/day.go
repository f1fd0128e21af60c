package pace

import "time"

// Over reports that so long has passed since a moment by the computer's clock. Where that was set back behind the moment nobody knows how long
// ago it was: then it is over too.
func Over(now, since time.Time, long time.Duration) bool {
	passed := now.Sub(since)
	return passed >= long || passed < 0
}

// start is the moment since which calls count against the daily allowance.
func (s *state) start(now time.Time) time.Time {
	if s.limits.ResetIn == nil {
		return now.Add(-24 * time.Hour)
	}
	return s.dayStart(now)
}

// dayStart is the midnight before now, in the zone of the reset, or in UTC with a rolling window.
func (s *state) dayStart(now time.Time) time.Time {
	local := now.In(s.zone())
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, s.zone())
}

// reset is when calls come back: the next midnight, or with a rolling window when the oldest counted slot has left it.
func (s *state) reset(now time.Time) time.Time {
	if s.limits.ResetIn != nil {
		local := now.In(s.limits.ResetIn)
		return time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, s.limits.ResetIn)
	}
	oldest := now
	start := s.start(now)
	for _, slots := range [][]spent{s.spent.slots, s.spent.restoredSlots()} {
		for _, counted := range slots {
			if !counted.last.Before(start) && counted.last.Before(oldest) {
				oldest = counted.last
			}
		}
	}
	return oldest.Add(24*time.Hour + 1)
}

func (s *state) zone() *time.Location {
	if s.limits.ResetIn != nil {
		return s.limits.ResetIn
	}
	return time.UTC
}

func (s *state) day(now time.Time) string { return now.In(s.zone()).Format(time.DateOnly) }

// restore puts the calls of an earlier run at the last moment at which they can have been made: a rolling window then
// keeps them too long rather than too short.
func (s *state) restore(now time.Time, day string, used int) {
	start, err := time.ParseInLocation(time.DateOnly, day, s.zone())
	if err != nil || used < 0 || start.After(now) {
		return
	}
	last := time.Date(start.Year(), start.Month(), start.Day()+1, 0, 0, 0, 0, s.zone()).Add(-1)
	if s.limits.ResetIn == nil && last.After(now) {
		last = now
	}
	s.spent.restored[day] = spent{last: last, total: used}
}

func (l *ledger) restoredSlots() []spent {
	var slots []spent
	for _, s := range l.restored {
		slots = append(slots, s)
	}
	return slots
}
