package cycle

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// Undoable is a value that Doppio wrote over another one, as the history has it.
type Undoable struct {
	Change  int64 // the line of history
	Link    LinkID
	Object  record.Object // whose mapping Field belongs to; empty for the link's own
	Field   uint16
	Side    record.Side
	At      time.Time
	Cycle   int64
	Written record.Value // what Doppio wrote
	Old     record.Value // what stood there before
	Told    bool         // Old is known; else Marketo's log is asked
	// Since is when the write was planned at the earliest, where it was found to stand: its answer was lost. Prior is the keyed hash of what
	// was believed to stand there then.
	Since time.Time
	Prior uint64
}

// Undoing is what putting one value back comes to. Left says why it is left as it is, empty when it is put back.
type Undoing struct {
	Undoable
	Known      Known
	To         []record.Side // where it is written
	Salesforce record.Value  // what stands there now
	Marketo    record.Value
	Left       Left
}

// Left is why a value is not put back.
type Left string

// The reasons.
const (
	LeftUnlinked Left = "unlinked" // the pair is none any more
	LeftUnmapped Left = "unmapped" // the field is not synced any more
	LeftOneWay   Left = "one-way"  // its master is the other side: it would come back
	LeftForgot   Left = "forgotten"
	LeftSame     Left = "same"     // it stands there already
	LeftSince    Left = "since"    // somebody changed the field since
	LeftRequired Left = "required" // nothing stood there, and Salesforce requires something
)

// PlanUndo reads both sides and says of each value what putting it back comes to. Nothing is written. A value that somebody changed since
// stays, unless anyway.
func (e *Engine) PlanUndo(ctx context.Context, values []Undoable, anyway bool) ([]Undoing, error) {
	r := e.begin(0, NowLane, e.Now())
	links := make([]LinkID, len(values))
	for i, v := range values {
		links[i] = v.Link
	}
	known, err := r.Ledger.KnownLinks(ctx, links)
	if err != nil {
		return nil, err
	}
	if err := r.remember(ctx, values, known); err != nil {
		return nil, err
	}
	sf, mk, err := r.readBoth(ctx, known)
	if err != nil {
		return nil, err
	}
	plan := make([]Undoing, len(values))
	for i, v := range values {
		plan[i] = r.undoing(v, known[i], sf[known[i].Link.Salesforce], mk[known[i].Link.Marketo], anyway)
	}
	return plan, nil
}

// undoing decides about one value.
func (r *run) undoing(v Undoable, k Known, sf, mk *record.Record, anyway bool) Undoing {
	u := Undoing{Undoable: v, Known: k}
	if k.Link.State != Linked || !k.Link.Object.IsPerson() || sf == nil || mk == nil || sf.Err != nil || mk.Err != nil {
		u.Left = LeftUnlinked
		return u
	}
	if v.Object != "" && v.Object != k.Link.Object { // written while the person was a lead
		name := r.marketoName(v.Object, v.Field)
		i := slices.IndexFunc(r.object(k.Link.Object).Fields, func(f schema.Field) bool { return strings.EqualFold(f.Marketo, name) })
		if name == "" || i < 0 {
			u.Left = LeftUnmapped
			return u
		}
		u.Field = r.object(k.Link.Object).Fields[i].Number
	}
	s := r.newSheet(k, sf, mk)
	i := s.object.Index(u.Field)
	if i < 0 {
		u.Left = LeftUnmapped
		return u
	}
	u.Salesforce, _ = s.value(sf, i)
	u.Marketo, _ = s.value(mk, i)
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if s.object.Fields[i].Direction.Writes(side) {
			u.To = append(u.To, side)
		}
	}
	stands := u.Salesforce
	if v.Side == record.Marketo {
		stands = u.Marketo
	}
	switch {
	case !v.Told:
		u.Left = LeftForgot
	case len(u.To) < 2:
		u.Left = LeftOneWay
	case u.Salesforce == u.Old && u.Marketo == u.Old:
		u.Left = LeftSame
	case !anyway && stands != v.Written:
		u.Left = LeftSince
	}
	return u
}

func (r *run) marketoName(object record.Object, number uint16) string {
	o := r.object(object)
	if i := o.Index(number); i >= 0 {
		return o.Fields[i].Marketo
	}
	return ""
}

// Undo makes the steps that put values back on both sides, as a user's edits: what somebody changes meanwhile is judged like any conflict.
// An event of each names the change that it takes back.
func Undo(plan []Undoing, now time.Time) []Step {
	at := map[LinkID]int{}
	var steps []Step
	rows := map[LinkID]map[record.Side]*Row{}
	for _, u := range plan {
		if u.Left != "" {
			continue
		}
		if _, begun := at[u.Link]; !begun {
			at[u.Link], rows[u.Link] = len(steps), map[record.Side]*Row{}
			steps = append(steps, Step{Link: u.Known.Link})
		}
		st := &steps[at[u.Link]]
		for _, side := range u.To {
			stands := u.Salesforce
			if side == record.Marketo {
				stands = u.Marketo
			}
			c := Change{Field: u.Field, Value: u.Old, At: now}
			if u.Known.Baseline != nil {
				c.Prior = u.Known.Baseline.Prints(u.Field, stands)
			}
			restoreField(rows[u.Link], u.Known, 0, now, side, c)
			rows[u.Link][side].Lane, rows[u.Link][side].Next = NowLane, time.Time{}
		}
		if h, held := u.Known.hold(u.Field); held {
			st.Release = append(st.Release, h.ID)
		}
		st.Events = append(st.Events, Event{At: now, Side: u.Side, Kind: "undone", Field: u.Field, Old: u.Written, New: u.Old, Detail: strconv.FormatInt(u.Change, 10)})
	}
	for i := range steps {
		steps[i].putRows(rows[steps[i].Link.ID])
	}
	return steps
}

// clockSkew is how far Marketo's clock may be behind the one that the history goes by.
const clockSkew = 10 * time.Minute

// remember looks up in Marketo's activity log what stood where Doppio wrote to: the log keeps it, the history does not.
func (r *run) remember(ctx context.Context, values []Undoable, known []Known) error {
	byPerson := map[record.ID][]int{}
	var people []record.ID
	var since time.Time
	for i, v := range values {
		if values[i].blankBefore(known[i]) || v.Told || v.Side != record.Marketo && v.Prior == 0 || known[i].Link.Marketo == "" {
			continue
		}
		person := known[i].Link.Marketo
		if byPerson[person] == nil {
			people = append(people, person)
		}
		byPerson[person] = append(byPerson[person], i)
		if from := v.from(); since.IsZero() || from.Before(since) {
			since = from
		}
	}
	for some := range slices.Chunk(people, marketo.MaxPeople) {
		token, err := r.Marketo.PagingToken(ctx, since)
		if err != nil {
			return err
		}
		wanted := 0
		for _, person := range some {
			wanted += len(byPerson[person])
		}
		for more := true; more && wanted > 0; {
			page, err := r.Marketo.ActivitiesOf(ctx, record.LookUp, token, []int{changeDataValue}, some)
			if err != nil {
				return err
			}
			for _, c := range page.Changes {
				for _, i := range byPerson[c.Person] {
					if r.recalls(&values[i], known[i], c) {
						wanted--
					}
				}
			}
			token, more = page.Next, page.More
		}
	}
	return nil
}

// aDay is how long before a change of Marketo was planned what it changed is looked for: it may have changed more than once until then.
const aDay = 24 * time.Hour

// from is where in Marketo's log it may be told what a value was written over.
func (v Undoable) from() time.Time {
	switch {
	case v.Since.IsZero():
		return v.At.Add(-clockSkew)
	case v.Side == record.Salesforce:
		return v.Since.Add(-aDay)
	}
	return v.Since.Add(-clockSkew)
}

// blankBefore takes it that nothing stood where a write was found, if nothing was believed to.
func (v *Undoable) blankBefore(k Known) bool {
	blank := !v.Told && v.Prior != 0 && k.Baseline != nil && v.Object == "" && k.Baseline.Prints(v.Field, record.Value{}) == v.Prior
	v.Told = v.Told || blank
	return blank
}

// recalls takes what an activity says was there, if it tells of the write of a value. Of several the first after it is meant.
func (r *run) recalls(v *Undoable, k Known, c marketo.Change) bool {
	object := v.Object
	if object == "" {
		object = k.Link.Object
	}
	o := r.object(object)
	i := o.Index(v.Field)
	if v.Told || i < 0 || !strings.EqualFold(o.Fields[i].Marketo, c.Field) || c.At.Before(v.from()) {
		return false
	}
	old, err := o.Fields[i].Type.Canon(c.Old)
	believed := err == nil && v.Prior != 0 && v.Object == "" && k.Baseline.Prints(v.Field, old) == v.Prior
	if v.Side == record.Salesforce { // both sides had agreed upon what Marketo had before it was changed there
		if believed {
			v.Old, v.Told = old, true
		}
		return believed
	}
	written, wrong := o.Fields[i].Type.Canon(c.New)
	if wrong != nil || written != v.Written || !mayBeOurs(c.Source) {
		return false
	}
	if err == nil {
		v.Old, v.Told = old, true
	}
	return err == nil
}
