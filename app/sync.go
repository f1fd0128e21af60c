package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// SyncOptions are how to run.
type SyncOptions struct {
	// Rehearse plans and writes nothing, whatever the workspace's mode; the result has the plan.
	Rehearse bool
	// Values puts the values into the plan. They are people's data.
	Values bool
	// Planned is given the plan, one write after the other; nil puts it into the result.
	Planned func(Planned) error
	// Now are people, by address or an id of either side, who go before everybody else.
	Now []string
	// NowOnly ends when they are done; else a whole cycle follows.
	NowOnly bool
	// Told is told what came of them as soon as it is known; nil tells nobody.
	Told func([]NowPerson)
	// Since plans like Rehearse, and compares the plan with the last rehearsal instead of putting it in its place.
	Since bool
	// First carries out the last rehearsal for so many people and nobody else, whatever the workspace's mode; App.Share asks whether it may.
	First int
	// AllowBrake lets the cycle change more than the brake allows.
	AllowBrake bool
	// Resume takes up what a brake stopped: the person has looked, and lets it go on.
	Resume bool
	// Every is the time between two cycles of SyncEvery; 0 takes the workspace's setting.
	Every time.Duration
	// Spare lets the day's audit follow the cycle, if quota is to spare, and gives back the memory that the rest after it does not need: whoever
	// runs one cycle after the other has the time for it.
	Spare bool
	// Progress is told what a running cycle does; nil tells nobody. It must return at once.
	Progress func(Doing)
}

// Doing is what a running cycle is doing.
type Doing struct {
	Phase string `json:"phase"` // recovering, reading, matching, pushing
	Side  string `json:"side,omitempty"`
	Done  int    `json:"done"`
	Total int    `json:"total,omitempty"`
}

func doing(p cycle.Progress) Doing {
	d := Doing{Phase: string(p.Phase), Done: p.Done, Total: p.Total}
	if p.Side != 0 {
		d.Side = p.Side.String()
	}
	return d
}

// Sentence says it in English.
func (d Doing) Sentence() string {
	side := map[string]string{"salesforce": " Salesforce", "marketo": " Marketo"}[d.Side]
	switch d.Phase {
	case string(cycle.Recovering):
		return "Looking for writes whose answers were lost"
	case string(cycle.Reading):
		return fmt.Sprintf("Reading%s: %d", side, d.Done)
	case string(cycle.Matching):
		return fmt.Sprintf("Matching people: %d", d.Done)
	}
	return "Writing what waits"
}

// CycleResult is one cycle, as scripts read it.
type CycleResult struct {
	N        int64        `json:"n"`
	Started  time.Time    `json:"started"`
	TookMS   int64        `json:"took_ms"`
	Pulled   cycle.Counts `json:"pulled"`
	Planned  cycle.Counts `json:"planned"`
	Calls    cycle.Counts `json:"calls"`
	Writes   cycle.Counts `json:"writes"`
	Failed   int          `json:"failed"`
	Held     int          `json:"held"`
	Filtered int          `json:"filtered"`
	Stopped  string       `json:"stopped,omitempty"`
}

// BacklogResult is what waits, as scripts read it.
type BacklogResult struct {
	ToMarketo    int   `json:"salesforce_to_marketo"`
	ToSalesforce int   `json:"marketo_to_salesforce"`
	OldestS      int64 `json:"oldest_s"`
	// EmptyAt is when nothing will wait any more, from the pace of the last 24 hours and the calls that are left; only in the status.
	EmptyAt *time.Time `json:"empty_at,omitempty"`
	// Made says who and what made what waits, the largest part first; only in the status.
	Made []Cause `json:"made,omitempty"`
}

func (b BacklogResult) sum() int { return b.ToMarketo + b.ToSalesforce }

func backlog(b cycle.Backlog) BacklogResult {
	return BacklogResult{ToMarketo: b.ToMarketo, ToSalesforce: b.ToSalesforce, OldestS: int64(b.Oldest / time.Second)}
}

// SyncResult is what a run of one cycle gives.
type SyncResult struct {
	Cycle    CycleResult   `json:"cycle"`
	Backlog  BacklogResult `json:"backlog"`
	Failures int           `json:"failures"`
	Holds    int           `json:"holds"`
	Plan     []Planned     `json:"plan,omitzero"` // of a rehearsal, also when it is empty
	// Rehearsal sums it up, of one that came to its end; with values where they were asked for.
	Rehearsal *Rehearsal `json:"rehearsal,omitempty"`
	// Outcome is what became of the last rehearsal: of the cycle that carried it out, and of one that compares.
	Outcome *Outcome `json:"outcome,omitempty"`
	// Share is what became of some people, where they alone were written to.
	Share *Share      `json:"share,omitempty"`
	Now   []NowPerson `json:"now,omitzero"` // what came of those who were asked for
}

// Sentence says it in English.
func (r SyncResult) Sentence() string {
	c := r.Cycle
	return fmt.Sprintf("Cycle %d took %s: read %d from Salesforce and %d from Marketo, wrote %d and %d, with %d and %d calls. %s refused and %s open, %s.",
		c.N, (time.Duration(c.TookMS) * time.Millisecond).Round(time.Millisecond), c.Pulled.Salesforce, c.Pulled.Marketo, c.Writes.Salesforce, c.Writes.Marketo,
		c.Calls.Salesforce, c.Calls.Marketo, count(r.Failures, "write", "writes"), count(r.Holds, "decision", "decisions"), count(r.Backlog.sum(), "change waits", "changes wait"))
}

// Sync runs one cycle. The result is as complete as the cycle got, also when the error is not nil.
func (a *App) Sync(ctx context.Context, name string, o SyncOptions) (_ SyncResult, err error) {
	s, err := a.openSession(ctx, name)
	if err != nil {
		return SyncResult{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.once(ctx, o)
}

// SyncEvery runs cycles until ctx ends, with a rest between them, and tells each result. A passing fault does not end it;
// what a person must act upon does.
func (a *App) SyncEvery(ctx context.Context, name string, o SyncOptions, tell func(SyncResult)) (err error) {
	s, err := a.openSession(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rest := o.Every
	if rest <= 0 {
		rest = s.settings.Every
	}
	o.Spare = true
	for {
		r, err := s.once(ctx, o)
		o.Now = nil
		if r.Cycle.N > 0 {
			tell(r)
		}
		switch code := ExitCode(err); {
		case ctx.Err() != nil:
			return ctx.Err()
		case code == ExitBrake || code == ExitSignIn || code == ExitUsage:
			return err
		case err != nil:
			a.log.Warn("a cycle ended early; the next one goes on", "err", err)
		}
		if err := wait(ctx, rest); err != nil {
			return err
		}
	}
}

// wait rests by the wall clock: a laptop that slept goes on when it wakes. A clock that is set back lets nobody wait longer.
func wait(ctx context.Context, rest time.Duration) error {
	return waitBy(ctx, rest, func() time.Time { return time.Now().Round(0) })
}

func waitBy(ctx context.Context, rest time.Duration, wall func() time.Time) error {
	due, began := wall().Add(rest), time.Now()
	for {
		left := min(due.Sub(wall()), rest-time.Since(began))
		if left <= 0 {
			return nil
		}
		timer := time.NewTimer(min(left, 10*time.Second))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// once runs one cycle in an open session.
func (s *session) once(ctx context.Context, o SyncOptions) (SyncResult, error) {
	if o.Spare {
		defer s.app.resting.giveBack()
	}
	if s.broken != nil {
		return SyncResult{}, s.broken
	}
	if o.First > 0 {
		return s.share(ctx, o)
	}
	if o.Rehearse || o.Since {
		kept := s.mode.Swap(uint32(record.Rehearse))
		defer s.mode.Store(kept)
	}
	var now []NowPerson
	if len(o.Now) > 0 {
		r, err := s.hurry(ctx, o)
		if err != nil || o.NowOnly {
			return r, err
		}
		now = r.Now
	}
	if o.Resume && !o.AllowBrake {
		stop, err := brakedIn(ctx, s.ws)
		if err != nil {
			return SyncResult{}, err
		}
		o.AllowBrake = stop != nil
	}
	if err := s.sameOrg(ctx, o.Resume); err != nil {
		return SyncResult{}, err
	}
	var report cycle.Report
	err := s.counted(ctx, func(ctx context.Context) (err error) {
		report, err = s.cycle(ctx, o)
		return err
	})
	if err == nil {
		err = s.prune(ctx)
	}
	if err == nil && o.Spare {
		s.audit(ctx, report)
	}
	made := report.Made
	for _, by := range report.Flipping { // few, and a person is to be told
		made = append(made, cycle.Cause{By: by, Records: peakLeast})
	}
	if nameErr := s.nameMakers(ctx, made); nameErr != nil {
		s.app.log.Warn("who made the changes of a cycle could not be named", "err", nameErr)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	r, err := s.result(last, report, err)
	if r.Now = now; o.Rehearse {
		return r, errors.Join(err, s.rehearsed(ctx, last, o, report, err == nil, &r))
	}
	switch {
	case err != nil:
	case o.Since:
		r.Outcome = new(Outcome)
		*r.Outcome, err = outcomeOf(ctx, s.ws, s.app.world.now())
	case s.Mode() == record.Live:
		r.Outcome, err = s.carriedOut(ctx)
	}
	return r, err
}

// rehearsed tells the plan, and keeps it as what was announced where the rehearsal came to its end. Of one that was cut off it tells as much
// as last allows.
func (s *session) rehearsed(ctx, last context.Context, o SyncOptions, report cycle.Report, whole bool, r *SyncResult) error {
	if !whole {
		ctx = last
	} else {
		kept, err := s.keepRehearsal(ctx, report)
		if err != nil {
			return err
		}
		if !o.Values {
			kept = kept.withoutValues()
		}
		r.Rehearsal = &kept
	}
	each := o.Planned
	if each == nil {
		r.Plan = []Planned{}
		each = func(p Planned) error { r.Plan = append(r.Plan, p); return nil }
	}
	return plannerOf(s.ws, s.mapping).each(ctx, o.Values, each)
}

// cycle runs one cycle. One that ended because a side looks different from what it last described is run again with the
// mapping as it is now.
func (s *session) cycle(ctx context.Context, o SyncOptions) (cycle.Report, error) {
	if _, err := s.lookAgain(ctx); err != nil {
		return cycle.Report{}, err
	}
	report, err := s.engine(o, o.Progress).Once(ctx)
	unread := cycle.SchemaSuspect(err)
	if unread {
		s.look.suspect()
	}
	changed, lookErr := s.lookAgain(ctx)
	if lookErr != nil || !changed || !unread {
		return report, s.blameFilter(ctx, errors.Join(err, lookErr))
	}
	report, err = s.engine(o, o.Progress).Once(ctx)
	return report, s.blameFilter(ctx, err)
}

// result is what scripts read of a cycle's report.
func (s *session) result(ctx context.Context, report cycle.Report, err error) (SyncResult, error) {
	s.app.log.Info("a cycle ended", "n", report.N, "took", report.Took, "pulled", report.Pulled, "planned", report.Planned, "calls", report.Calls,
		"writes", report.Writes, "failed", report.Failed, "held", report.Held, "stopped", report.Stopped)
	r := SyncResult{
		Cycle: CycleResult{
			N: report.N, Started: report.Started.UTC(), TookMS: report.Took.Milliseconds(), Pulled: report.Pulled, Planned: report.Planned,
			Calls: report.Calls, Writes: report.Writes, Failed: report.Failed, Held: report.Held, Filtered: report.Filtered, Stopped: report.Stopped,
		},
		Backlog: backlog(report.Backlog),
	}
	counts, countErr := s.ws.Counts(ctx)
	if countErr != nil {
		return r, errors.Join(err, countErr)
	}
	r.Failures, r.Holds = counts.Failures, counts.Holds
	return r, err
}
