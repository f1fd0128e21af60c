package cycle

import (
	"context"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// quiet lets a row rest until the hour or the day is over, if all that it writes are fields that may wait so long: ten changes of a score are
// one write then. Whatever else is to be written takes them along at once. A row that rests already keeps its time, so that
// a field that never stops is written all the same.
func (s *sheet) quiet(row *Row, stored *Row) {
	if row.Action != Update || row.Carry != "" || row.First || row.Lane == NowLane || s.tried(stored) {
		return
	}
	var until time.Time
	for _, c := range row.Fields {
		if c.With {
			continue
		}
		i := s.object.Index(c.Field)
		if i < 0 || s.object.Fields[i].Quiet == "" {
			return
		}
		if over := quietOver(s.object.Fields[i].Quiet, s.run.Now()); until.IsZero() || over.Before(until) {
			until = over
		}
	}
	if until.IsZero() {
		return
	}
	row.State, row.Next = Resting, until
	switch {
	case stored == nil || stored.State != Resting:
		s.run.rested[row.Side]++
	case stored.Next.Before(until):
		row.Next = stored.Next
	}
}

// tried reports that a row was sent before and is to be sent again: its quiet time is over.
func (s *sheet) tried(stored *Row) bool {
	return stored != nil && stored.State == Waiting && stored.Tries > 0
}

// quietOver is when the hour, or the day of the computer's clock, is over in which now is.
func quietOver(q schema.Quiet, now time.Time) time.Time {
	if q == schema.QuietHour {
		return now.Truncate(time.Hour).Add(time.Hour)
	}
	y, m, d := now.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, now.Location())
}

// unrest takes the rows that came to rest in this cycle for ordinary ones, because there are more than the brake allows: that they would be
// written later makes the change no smaller.
func (r *run) unrest(ctx context.Context, counts BrakeCounts) (BrakeCounts, error) {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		all := counts
		all.Updates = map[record.Side]int{side: counts.Updates[side] + r.rested[side]}
		if r.rested[side] == 0 || r.within(all) == nil {
			continue
		}
		if err := r.Ledger.Unrest(ctx, side, r.n); err != nil {
			return counts, err
		}
		counts.Updates[side] += r.rested[side]
		r.rested[side] = 0
	}
	return counts, nil
}
