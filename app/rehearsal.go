package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// Rehearsal is what going live will do, as far as both sides told when everything was read. Its examples are people's data.
type Rehearsal struct {
	At    time.Time `json:"at"`
	Cycle int64     `json:"cycle"`
	// First: nothing was ever written by this workspace, and the brake does not count what this plan writes.
	First  bool   `json:"first"`
	People People `json:"people"`
	// Writes are counted by side, object and action; nothing is counted twice.
	Writes     []RehearsedWrites `json:"writes"`
	Overwrites Overwrites        `json:"overwrites"`
	Holds      []RehearsedHolds  `json:"holds"`
	Foreseen   []Foreseen        `json:"foreseen"`
	Sides      []RehearsedSide   `json:"sides"`
	Brake      *RehearsedBrake   `json:"brake,omitempty"`
	// DecidedBy are hashes of the mapping, the rules, the filter and the settings by which the plan was made.
	DecidedBy map[string]string `json:"-"`
	// Outcome is what became of it; nil while nothing of it was carried out to the end.
	Outcome *Outcome `json:"outcome,omitempty"`
}

// metaRehearsal is the setting that holds the last rehearsal, sealed: its examples are people's data.
const metaRehearsal = "rehearsal"

// rehearsedExamples is how many records are shown of a kind.
const rehearsedExamples = 10

// The actions of RehearsedWrites besides create, update and delete.
const (
	// ActionLink writes the other side's id on a record, and nothing else.
	ActionLink = "link"
	// ActionMerge merges two people of Marketo into one.
	ActionMerge = "merge"
)

// RehearsedWrites are the record writes of one kind.
type RehearsedWrites struct {
	Side     record.Side   `json:"side"`
	Object   record.Object `json:"object"`
	Action   string        `json:"action"`
	Count    int           `json:"count"`
	Examples []Planned     `json:"examples"` // with values
}

// Overwrites are the values that a side holds and loses to the other's.
type Overwrites struct {
	Count    int           `json:"count"`
	Fields   []Overwriting `json:"fields"` // the most first
	Examples []Overwritten `json:"examples"`
}

// Overwriting counts them by field.
type Overwriting struct {
	Side   record.Side   `json:"side"` // that loses
	Object record.Object `json:"object"`
	Field  string        `json:"field"`
	Count  int           `json:"count"`
}

// Overwritten is one of them.
type Overwritten struct {
	Side   record.Side   `json:"side"` // that loses
	Object record.Object `json:"object"`
	ID     record.ID     `json:"id"`
	Field  string        `json:"field"`
	Old    string        `json:"old"`
	New    string        `json:"new"`
}

// RehearsedHolds are the decisions of one cause that wait for a person.
type RehearsedHolds struct {
	Cause    string `json:"cause"`
	Count    int    `json:"count"`
	Examples []Hold `json:"examples"`
}

// RehearsedSide is what the plan takes of a side.
type RehearsedSide struct {
	Side   record.Side `json:"side"`
	Writes int         `json:"writes"`
	Calls  int         `json:"calls"`
	// Left are the calls of today that are left of the share that was granted, Share those of a day; 0 while the side did not tell.
	Left  int `json:"left"`
	Share int `json:"share"`
	// TakesS is how many seconds it takes by what was measured or, before anything was, by what the sides allow; -1 where not even a year
	// is enough. Days is on how many days it goes on.
	TakesS int64 `json:"takes_s"`
	Days   int   `json:"days"`
}

// RehearsedBrake says that going live stops before its first write and asks.
type RehearsedBrake struct {
	Side    record.Side `json:"side"`
	Updates int         `json:"updates"`
	Deletes int         `json:"deletes"`
	Linked  int         `json:"linked"`
	Limit   int         `json:"limit"`
}

// withoutValues is a rehearsal that tells of nobody's values.
func (r Rehearsal) withoutValues() Rehearsal {
	r.Writes, r.Holds = slices.Clone(r.Writes), slices.Clone(r.Holds)
	for i := range r.Writes {
		w := &r.Writes[i]
		w.Examples = slices.Clone(w.Examples)
		for j := range w.Examples {
			names := make([]PlannedField, len(w.Examples[j].Fields))
			for k, f := range w.Examples[j].Fields {
				names[k] = PlannedField{Name: f.Name}
			}
			w.Examples[j].Fields = names
		}
	}
	r.Overwrites.Examples = []Overwritten{}
	for i := range r.Holds {
		r.Holds[i].Examples = []Hold{}
	}
	return r
}

// Count sums up the writes of some actions, to a side or, with 0, to both.
func (r Rehearsal) Count(side record.Side, actions ...string) (n int) {
	for _, w := range r.Writes {
		if (side == 0 || w.Side == side) && slices.Contains(actions, w.Action) {
			n += w.Count
		}
	}
	return n
}

// ErrNotRehearsed says that a workspace has no rehearsal.
var ErrNotRehearsed = errors.New("nothing was rehearsed yet")

// notRehearsed reports that there is no rehearsal, which is no failure.
func notRehearsed(err error) bool { return errors.Is(err, ErrNotRehearsed) }

// Rehearsal gives the last rehearsal of a workspace; ErrNotRehearsed where there was none.
func (a *App) Rehearsal(ctx context.Context, name string) (r Rehearsal, err error) {
	err = a.beside(ctx, name, true, func(w *store.Workspace) error {
		r, err = rehearsalOf(ctx, w)
		return err
	})
	return r, err
}

// ShownRehearsal is the last rehearsal as it may be shown: its outcome as it stands by now, and without people's values unless asked for.
func (a *App) ShownRehearsal(ctx context.Context, name string, values bool) (r Rehearsal, err error) {
	err = a.beside(ctx, name, true, func(w *store.Workspace) error {
		if r, err = rehearsalOf(ctx, w); err != nil {
			return err
		}
		o, err := outcomeOf(ctx, w, a.world.now())
		r.Outcome = &o
		return err
	})
	if !values {
		r = r.withoutValues()
	}
	return r, err
}

func rehearsalOf(ctx context.Context, w *store.Workspace) (r Rehearsal, err error) {
	text, err := w.Setting(ctx, metaRehearsal)
	if err != nil {
		return r, err
	}
	plain, err := w.Unseal(metaRehearsal, text)
	switch {
	case err != nil:
		return r, err
	case plain == nil:
		return r, &told{ErrNotRehearsed, pace.Say("trouble.unrehearsed", "nothing was rehearsed yet; doppioctl sync NAME --rehearse does it")}
	}
	var kept keptRehearsal
	if err := json.Unmarshal(plain, &kept); err != nil {
		return r, fmt.Errorf("the kept rehearsal cannot be read: %w", err)
	}
	r = kept.Rehearsal
	r.DecidedBy = kept.DecidedBy
	if r.Outcome != nil {
		for i := range r.Outcome.Differences {
			d := &r.Outcome.Differences[i]
			d.Cause = Sentence{Key: d.Key, Args: d.Args, Text: d.Why}
		}
	}
	return r, nil
}

// keptRehearsal is a rehearsal with what nobody but Doppio reads of it.
type keptRehearsal struct {
	Rehearsal
	DecidedBy map[string]string
}

// sealedRehearsal is what is kept of a rehearsal.
func sealedRehearsal(w *store.Workspace, r Rehearsal) (map[string]string, error) {
	plain, err := json.Marshal(keptRehearsal{r, r.DecidedBy})
	if err != nil {
		return nil, fmt.Errorf("keep the rehearsal: %w", err)
	}
	sealed, err := w.Seal(metaRehearsal, plain)
	return map[string]string{metaRehearsal: sealed}, err
}

// keepRehearsal keeps what a cycle planned as what was announced, and says what it comes to.
func (s *session) keepRehearsal(ctx context.Context, report cycle.Report) (Rehearsal, error) {
	if err := s.ws.ForgetRehearsal(ctx, nil); err != nil {
		return Rehearsal{}, err
	}
	t := newRehearsing(s, report)
	if err := t.demand(ctx); err != nil {
		return Rehearsal{}, err
	}
	err := t.waiting(ctx, func(rows []cycle.Row) error {
		for i := range rows {
			t.add(&rows[i])
		}
		return s.ws.Announce(ctx, rows)
	})
	if err != nil {
		return Rehearsal{}, err
	}
	if err := t.taken(ctx); err != nil {
		return Rehearsal{}, err
	}
	r, err := t.end(ctx)
	if err != nil {
		return Rehearsal{}, err
	}
	if r.DecidedBy, err = decidedBy(ctx, s.ws, s.mapping); err != nil {
		return Rehearsal{}, err
	}
	settings, err := sealedRehearsal(s.ws, r)
	if err != nil {
		return Rehearsal{}, err
	}
	return r, s.ws.KeepRehearsal(ctx, report.N, settings)
}
