package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// UndoOptions say what to put back; one of Change, Cycle and Record, or Cycle and Record together.
type UndoOptions struct {
	// Change is a line of history, as explain numbers them.
	Change int64
	// Cycle is a cycle of which everything is put back.
	Cycle int64
	// Record is a person, by address or id: what one cycle wrote to it, the last one that wrote if Cycle is 0.
	Record string
	// AllowBrake lets it change more than the brake allows.
	AllowBrake bool
}

// UndoResult is what putting values back comes to, as scripts read it.
type UndoResult struct {
	Changes  []UndoChange `json:"changes"`
	Left     []UndoLeft   `json:"left"`
	Done     bool         `json:"done"`
	Failures int          `json:"failures"`
	Holds    int          `json:"holds"`
}

// UndoChange is one value that goes back.
type UndoChange struct {
	Change     int64         `json:"change"`
	Object     record.Object `json:"object"`
	Salesforce record.ID     `json:"salesforce"`
	Marketo    record.ID     `json:"marketo"`
	Field      string        `json:"field"`
	Now        Values        `json:"now"`
	Back       string        `json:"back"`
}

// UndoLeft is a change that is left as it is, and why.
type UndoLeft struct {
	Change   int64  `json:"change"`
	Sentence string `json:"sentence"`
}

// Sentence says it in English.
func (r UndoResult) Sentence() string {
	s := fmt.Sprintf("%s back on both sides, as if a user had typed them", count(len(r.Changes), "value would go", "values would go"))
	if r.Done {
		s = fmt.Sprintf("%s back on both sides", count(len(r.Changes), "value went", "values went"))
	}
	if n := len(r.Left); n > 0 {
		s += fmt.Sprintf("; %s left as they are", count(n, "change is", "changes are"))
	}
	return s + "."
}

var leftSentences = map[cycle.Left]string{
	cycle.LeftUnlinked: "the person is not linked any more",
	cycle.LeftUnmapped: "the field is not synced any more",
	cycle.LeftOneWay:   "the field travels one way only: change it where it comes from",
	cycle.LeftForgot:   "what stood there is not known any more",
	cycle.LeftSame:     "the value stands there already",
	cycle.LeftRequired: "nothing stood there, and Salesforce does not let the field be blank",
	cycle.LeftSince:    "somebody changed it since; undo the change alone to put it back all the same",
}

// Undo says what putting values back would do, asks sure, and then does it: in one cycle, and as a user's edit, so that an edit made
// meanwhile is not overwritten unseen. Without a yes nothing is changed. Records that were created stay, and so do deletions and merges.
func (a *App) Undo(ctx context.Context, name string, o UndoOptions, sure func(UndoResult) (bool, error)) (_ UndoResult, err error) {
	s, err := a.openSession(ctx, name)
	if err != nil {
		return UndoResult{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	events, err := s.undoEvents(ctx, o)
	if err != nil {
		return UndoResult{}, err
	}
	r := UndoResult{Changes: []UndoChange{}, Left: []UndoLeft{}}
	values := r.sort(events)
	var plan []cycle.Undoing
	if err := s.counted(ctx, func(ctx context.Context) (err error) {
		if plan, err = s.engine(SyncOptions{}, nil).PlanUndo(ctx, values, o.Change != 0); err != nil {
			return err
		}
		return s.leaveRequired(ctx, plan)
	}); err != nil {
		return r, err
	}
	for _, u := range plan {
		if u.Left != "" {
			r.leave(u.Change, leftSentences[u.Left])
			continue
		}
		l := u.Known.Link
		r.Changes = append(r.Changes, UndoChange{
			Change: u.Change, Object: l.Object, Salesforce: l.Salesforce, Marketo: l.Marketo, Field: fieldName(s.mapping, l.Object, u.Field),
			Now: Values{u.Salesforce.Text(), u.Marketo.Text()}, Back: u.Old.Text(),
		})
	}
	if len(r.Changes) == 0 {
		return r, nil
	}
	if yes, err := sure(r); err != nil || !yes {
		return r, err
	}
	if s.Mode() != record.Live {
		return r, inputf("workspace %q is in mode %s, and only live writes", name, s.Mode())
	}
	return s.undo(ctx, r, plan, o)
}

// leaveRequired leaves fields as they are that would be blank in Salesforce and must not be: the org would refuse all that goes back to
// the record with them.
func (s *session) leaveRequired(ctx context.Context, plan []cycle.Undoing) error {
	blank := map[record.Object][]*cycle.Undoing{}
	for i := range plan {
		if u := &plan[i]; u.Left == "" && u.Old.IsBlank() {
			blank[u.Known.Link.Object] = append(blank[u.Known.Link.Object], u)
		}
	}
	if len(blank) == 0 {
		return nil
	}
	objects := slices.Sorted(maps.Keys(blank))
	descriptions, err := s.sf.Describe(ctx, record.Check, objects)
	if err != nil {
		return err
	}
	for i, object := range objects {
		for _, u := range blank[object] {
			f, shown := descriptions[i].Field(fieldName(s.mapping, object, u.Field))
			if shown && !f.Nillable && f.Type != "boolean" {
				u.Left = cycle.LeftRequired
			}
		}
	}
	return nil
}

// undo plans the writes and runs a cycle that sends them.
func (s *session) undo(ctx context.Context, r UndoResult, plan []cycle.Undoing, o UndoOptions) (UndoResult, error) {
	const atOnce = 2000
	now := s.app.world.now()
	for steps := range slices.Chunk(cycle.Undo(plan, now), atOnce) {
		if err := s.ws.CommitPage(ctx, cycle.Page{Steps: steps, At: now}); err != nil {
			return r, err
		}
	}
	done, err := s.once(ctx, SyncOptions{AllowBrake: o.AllowBrake})
	r.Done, r.Failures, r.Holds = err == nil, done.Failures, done.Holds
	return r, err
}

func (r *UndoResult) leave(change int64, why string) {
	r.Left = append(r.Left, UndoLeft{change, fmt.Sprintf("Change %d stays: %s.", change, why)})
}

// sort takes from lines of history the values that can go back: of several of one field the one that stood there first.
func (r *UndoResult) sort(events []store.Event) []cycle.Undoable {
	type place struct {
		link   cycle.LinkID
		object record.Object
		field  uint16
	}
	at := map[place]int{}
	var values []cycle.Undoable
	for _, e := range events {
		switch e.Kind {
		case "overwrote", "written":
		case "created":
			r.leave(e.ID, "it made a record in "+e.Side.String()+", and no record is taken away again; delete it there if it is not wanted")
			continue
		case "deleted", "merged", "marked":
			r.leave(e.ID, "a record that is gone is not brought back from here; Salesforce keeps deleted ones in its recycle bin for 15 days")
			continue
		default:
			continue
		}
		at0 := place{e.Link, e.Object, e.Field}
		v := cycle.Undoable{
			Change: e.ID, Link: e.Link, Object: e.Object, Field: e.Field, Side: e.Side, At: e.At, Cycle: e.Cycle, Written: e.New, Old: e.Old,
			Told: e.Kind == "overwrote" || strings.HasPrefix(e.Detail, cycle.WasRead),
		}
		v.Since, v.Prior, _ = cycle.Found(e.Detail)
		i, seen := at[at0]
		switch {
		case !seen:
			at[at0] = len(values)
			values = append(values, v)
		case v.Side == values[i].Side: // it is what was written last that should stand there now
			values[i].Written = v.Written
		}
	}
	return values
}

// undoEvents are the lines of history that are meant, the oldest first.
func (s *session) undoEvents(ctx context.Context, o UndoOptions) ([]store.Event, error) {
	switch {
	case o.Change != 0:
		e, err := s.ws.EventByID(ctx, o.Change)
		if errors.Is(err, store.ErrNotFound) {
			return nil, inputf("there is no change %d; doppioctl explain --json numbers them", o.Change)
		}
		return []store.Event{e}, err
	case o.Record != "":
		return s.eventsOf(ctx, o)
	}
	const atOnce = 5000
	var all []store.Event
	for after := int64(0); ; after = all[len(all)-1].ID {
		some, err := s.ws.EventsOfCycle(ctx, o.Cycle, after, atOnce)
		all = append(all, some...)
		if err != nil || len(some) < atOnce {
			if err == nil && len(all) == 0 {
				err = inputf("cycle %d wrote nothing that the history still tells of", o.Cycle)
			}
			return all, err
		}
	}
}

// eventsOf are the lines of one cycle about a person, the last one that wrote to it unless another is named.
func (s *session) eventsOf(ctx context.Context, o UndoOptions) ([]store.Event, error) {
	links, err := s.ws.FindPerson(ctx, o.Record)
	if err != nil {
		return nil, err
	}
	var all []store.Event
	for _, l := range links {
		events, err := s.ws.EventsOf(ctx, l.ID, 1000)
		if err != nil {
			return nil, err
		}
		n := o.Cycle
		for _, e := range events {
			wrote := e.Kind == "written" || e.Kind == "overwrote"
			if n == 0 && wrote {
				n = e.Cycle
			}
			if n != 0 && e.Cycle == n {
				all = append(all, e)
			}
		}
	}
	if len(all) == 0 {
		return nil, inputf("nothing that was written to this person is known any more")
	}
	slices.SortFunc(all, func(a, b store.Event) int { return int(a.ID - b.ID) })
	return all, nil
}
