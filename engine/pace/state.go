package pace

import (
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

const (
	// probeEvery is how often a used-up rolling allowance is tried again: what was spent 24 hours ago comes back
	// bit by bit, and only an answer tells.
	probeEvery = 15 * time.Minute
	// keptForPeople is the part of the share, in percent, that only urgent calls may use.
	keptForPeople = 2
	// firstReadStop is the percentage of the side's allowance, used by whomever, above which first reads pause.
	firstReadStop = 90
	// longestClosed is the longest that an allowance can be used up, a day of 25 hours. What is further away was reckoned by a clock
	// that has been set back since.
	longestClosed = 25 * time.Hour
)

// state is the whole of the decision: what was spent, what is under way, what the side said. It knows no clock, every
// question brings its own now, and it never waits.
type state struct {
	limits  Limits
	flying  int         // calls under way
	ended   []time.Time // when the calls of the last Window ended, oldest first
	spent   ledger
	held    time.Time   // nobody calls before then
	closed  *QuotaError // the side said that the allowance is used up
	seen    time.Time   // of the last observe
	used    int         // calls of all programs: as observed, plus ours since
	allowed int         // the side's allowance as observed
}

// decision is the answer to "may this call be sent now".
type decision struct {
	admitted bool
	at       time.Time   // ask again then; zero: when a call under way ends
	refused  *QuotaError // not today
}

func newState(l Limits) state { return state{limits: l, spent: newLedger()} }

// admit decides about one call without changing what is counted.
func (s *state) admit(now time.Time, purpose record.Purpose, urgent bool) decision {
	if refused := s.quota(now, purpose, urgent); refused != nil {
		return decision{refused: refused}
	}
	if now.Before(s.held) && s.held.Sub(now) <= longestClosed {
		if s.held.Sub(now) > s.limits.patience() {
			return decision{refused: &QuotaError{Reason: AskedToWait, Until: s.held}}
		}
		return decision{at: s.held}
	}
	if s.limits.Concurrent > 0 && s.flying >= s.limits.Concurrent {
		return decision{}
	}
	return s.rate(now)
}

// rate counts a call from its start until Window after its end: the side counts on arrival, which lies somewhere
// between the two, so no stretch of Window can see more than PerWindow however long calls take on the way.
func (s *state) rate(now time.Time) decision {
	if s.limits.PerWindow <= 0 || s.limits.Window <= 0 {
		s.ended = s.ended[:0]
		return decision{admitted: true}
	}
	s.expire(now)
	over := s.flying + len(s.ended) - s.limits.PerWindow
	if over < 0 {
		return decision{admitted: true}
	}
	if over >= len(s.ended) {
		return decision{} // only the end of a call under way makes room, and a window after that
	}
	return decision{at: s.ended[over].Add(s.limits.Window)}
}

func (s *state) expire(now time.Time) {
	for i, at := range s.ended { // the clock was set back: what ended "later" ended now at the latest
		if at.After(now) {
			s.ended[i] = now
		}
	}
	n := 0
	for n < len(s.ended) && !now.Before(s.ended[n].Add(s.limits.Window)) {
		n++
	}
	s.ended = append(s.ended[:0], s.ended[n:]...)
}

// recent is what a later run has to count: calls that ended within the last Window, and those under way.
func (s *state) recent(now time.Time) []time.Time {
	if s.limits.PerWindow <= 0 || s.limits.Window <= 0 {
		return nil
	}
	s.expire(now)
	ends := slices.Clone(s.ended)
	for range s.flying {
		ends = append(ends, now)
	}
	return ends
}

func (s *state) resume(now time.Time, recent []time.Time) {
	for _, at := range recent {
		if at.After(now) {
			at = now
		}
		s.ended = append(s.ended, at)
	}
	slices.SortFunc(s.ended, time.Time.Compare)
}

// quota says whether the daily allowances forbid the call.
func (s *state) quota(now time.Time, purpose record.Purpose, urgent bool) *QuotaError {
	if s.closed != nil {
		if now.Before(s.closed.Until) && s.closed.Until.Sub(now) <= longestClosed {
			return s.closed
		}
		s.closed = nil
	}
	own := s.spent.since(s.start(now))
	if share := s.share(); share >= 0 {
		ceiling := share
		if !urgent {
			ceiling -= share * keptForPeople / 100
		}
		if own >= ceiling {
			return &QuotaError{Reason: ShareUsedUp, Until: s.reset(now), Used: own, Limit: share}
		}
		if kept := share * s.limits.Reserve / 100; !urgent && now.Before(s.limits.ReserveUntil) && own >= ceiling-kept {
			return &QuotaError{Reason: Reserved, Until: earlier(s.limits.ReserveUntil, s.reset(now)), Used: own, Limit: share - kept}
		}
	}
	if !s.observed(now) {
		return nil
	}
	if s.used >= s.allowed {
		return &QuotaError{Reason: AllowanceUsedUp, Until: s.probe(now), Used: s.used, Limit: s.allowed}
	}
	if purpose == record.FirstRead && s.used*100 >= s.allowed*firstReadStop {
		return &QuotaError{Reason: NearlyUsedUp, Until: s.probe(now), Used: s.used, Limit: s.allowed}
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// observed reports whether what the side said about its allowance still holds. With a rolling window it is believed
// for probeEvery, then one call may find out.
func (s *state) observed(now time.Time) bool {
	if s.allowed <= 0 {
		return false
	}
	if s.limits.ResetIn != nil {
		return !s.seen.Before(s.start(now))
	}
	return !Over(now, s.seen, probeEvery)
}

func (s *state) probe(now time.Time) time.Time {
	if s.limits.ResetIn != nil {
		return s.reset(now)
	}
	return s.seen.Add(probeEvery)
}

// share is the most calls of Doppio's own, negative for no ceiling.
func (s *state) share() int {
	allowance := s.limits.Allowance
	if s.allowed > 0 {
		allowance = s.allowed
	}
	share := -1
	if allowance > 0 {
		share = allowance
		if s.limits.Share > 0 && s.limits.Share < 100 {
			share = allowance * s.limits.Share / 100
		}
	}
	if s.limits.Daily > 0 && (share < 0 || s.limits.Daily < share) {
		share = s.limits.Daily
	}
	return share
}

func (s *state) begin(now time.Time, purpose record.Purpose) {
	s.flying++
	s.spent.add(now, purpose)
	if s.allowed > 0 {
		s.used++
	}
}

func (s *state) end(now time.Time) {
	s.flying--
	if s.limits.PerWindow > 0 && s.limits.Window > 0 {
		s.ended = append(s.ended, now)
	}
}

func (s *state) hold(until time.Time) {
	if until.After(s.held) {
		s.held = until
	}
}

func (s *state) exhausted(now, until time.Time, cause error) *QuotaError {
	if until.IsZero() {
		until = now.Add(probeEvery)
		if s.limits.ResetIn != nil {
			until = s.reset(now)
		}
	}
	s.closed = &QuotaError{Reason: AllowanceUsedUp, Until: until, Used: s.used, Limit: s.allowed, Cause: cause}
	return s.closed
}

func (s *state) observe(now time.Time, used, limit int) {
	if limit == 0 {
		limit = s.limits.Allowance
	}
	if limit <= 0 || used < 0 {
		return
	}
	s.seen, s.used, s.allowed = now, used, limit
}

func (s *state) usage(now time.Time) Usage {
	u := Usage{
		Day:       s.day(now),
		Used:      s.spent.since(s.start(now)),
		Today:     s.spent.since(s.dayStart(now)),
		Limit:     s.limits.Allowance,
		Share:     max(s.share(), 0),
		ByPurpose: s.spent.byPurpose(s.dayStart(now)),
	}
	if s.allowed > 0 {
		u.Limit = s.allowed
		if s.limits.ResetIn == nil || s.observed(now) {
			u.SideUsed = s.used
		}
	}
	return u
}
