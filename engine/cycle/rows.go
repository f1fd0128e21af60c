package cycle

import (
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/plan"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/schema"
)

// sheet gathers what is decided about one link, and makes the Step of it.
type sheet struct {
	run    *run
	known  Known
	object schema.Object
	sf, mk *record.Record // what was read now; nil when the side was not
	// touched is when the Marketo activities say that a field changed, where they were read.
	touched map[uint16]time.Time
	// undated are the sides whose record says when it was last changed, but may have been changed by Doppio: when somebody did, nobody can tell.
	undated map[record.Side]bool
	// moved is the side on which the link came to another record, 0 when it did not.
	moved record.Side
	// contested is what the link, before it came there, had a person decide: of what still stands it is known how long it did.
	contested []Hold
	step      Step
	out       map[record.Side]*Row
	// there are the changes that waited to be written to Marketo and turned out to stand there.
	there []Change

	// of is the object for which spots and rules were looked up.
	of    record.Object
	spots []spot
	rules *rule.Object
}

// spot is where a field stands among the columns of a person, and whether it is spelled there as the field's object spells it: leads and
// contacts share a person's column but may spell a picklist differently.
type spot struct {
	column  int
	spelled bool
}

// spots are all columns of a person, and the spots of each object's fields.
func spots(m schema.Mapping) ([]record.Column, map[record.Object][]spot) {
	columns, places := m.PersonColumns()
	spots := map[record.Object][]spot{}
	for _, o := range m.Objects {
		for i, at := range places[o.Name] {
			spots[o.Name] = append(spots[o.Name], spot{at, o.Fields[i].Type.Equal(columns[at].Type)})
		}
	}
	return columns, spots
}

// lookUp finds what is the same for all fields of the sheet's object.
func (s *sheet) lookUp() {
	if s.of != s.object.Name {
		s.of, s.spots, s.rules = s.object.Name, s.run.spots[s.object.Name], s.run.Rules.Object(s.object.Name)
	}
}

// newSheet begins a sheet for a link. The link's object decides the mapping.
func (r *run) newSheet(k Known, sf, mk *record.Record) *sheet {
	if k.Baseline == nil {
		k.Baseline = nothingAgreed{}
	}
	s := r.spare
	if r.spare = nil; s == nil {
		s = &sheet{out: map[record.Side]*Row{}}
	}
	clear(s.out)
	*s = sheet{run: r, known: k, object: r.object(k.Link.Object), sf: sf, mk: mk, out: s.out}
	s.step.Link = k.Link
	return s
}

// planned is appendStep for whoever plans very many: the sheet is used again. Nobody else may plan meanwhile, and spare is to be nil afterwards.
func (r *run) planned(steps []Step, s *sheet) []Step {
	steps = appendStep(steps, s)
	r.spare = s
	return steps
}

// spelled is what a record says of the field at place i of the object's fields, as its side spells it.
func (s *sheet) spelled(rec *record.Record, i int) (record.Value, bool) {
	if rec.Object != record.Person {
		return s.run.named(s.object.Name, &s.object.Fields[i], rec.Values[i])
	}
	s.lookUp()
	at := s.spots[i]
	v := rec.Values[at.column]
	if at.spelled {
		return v, true
	}
	if canon, err := s.object.Fields[i].Type.Canon(v.Text()); err == nil {
		return canon, true
	}
	return v, false
}

// told is what one side says of a field: what was read now, else what waits to be written to the other side, else what a
// hold remembers.
func (s *sheet) told(side record.Side, i int) plan.Told {
	number := s.object.Fields[i].Number
	rec := s.sf
	if side == record.Marketo {
		rec = s.mk
	}
	if rec != nil {
		v, ok := s.value(rec, i)
		if !ok {
			return plan.Told{}
		}
		at := rec.Edited
		if at.IsZero() {
			at = rec.Modified
		}
		if side == record.Marketo && !s.touched[number].IsZero() {
			at = s.touched[number]
		}
		h, held := s.hold(number)
		if !held {
			h, held = (Known{Holds: s.contested}).hold(number)
		}
		stands := held && v == h.On(side)
		waiting, waits := s.known.Out[side.Other()].field(number)
		switch {
		case stands: // whatever of the record was edited since, this was not
			at = h.Since
		case waits && v == waiting.Value && waiting.At.Before(at) && s.known.Out[side.Other()].State != Held: // of what was put aside long ago one side alone is known that well
			at = waiting.At
		}
		if s.undated[side] {
			at = time.Time{}
		}
		loose := side == record.Marketo && at.Equal(rec.Modified) && s.touched[number].IsZero() && s.known.Baseline.Has(number) // the log, which tells, was not read
		changed := stands || s.changed(rec, i, v)
		if h.Skipped { // what is left alone is no change any more, whatever both sides agreed upon before
			changed = !stands
		}
		return plan.Told{Known: true, Changed: changed, Value: v, At: at, Loose: loose}
	}
	if waiting, ok := s.known.Out[side.Other()].field(number); ok {
		return plan.Told{Known: true, Changed: true, Value: waiting.Value, At: waiting.At}
	}
	if h, ok := s.hold(number); ok {
		return plan.Told{Known: true, Changed: !h.Skipped, Value: h.On(side), At: h.Since}
	}
	return plan.Told{}
}

// keep leaves what waits for a field as it is.
func (s *sheet) keep(number uint16) {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if waiting, ok := s.known.Out[side].field(number); ok {
			s.row(side).Fields = append(s.row(side).Fields, waiting)
		}
	}
}

// keepRows leaves all that waits as it is.
func (s *sheet) keepRows() {
	for side, row := range s.known.Out {
		kept := *row
		s.out[side] = &kept
	}
}

func (s *sheet) event(e Event) {
	e.At, e.Cycle = s.run.Now(), s.run.n
	s.step.Events = append(s.step.Events, e)
}

// carry writes each side's id on the other record, where the set-up made a field for it.
func (s *sheet) carry() {
	link := s.step.Link
	if !s.object.Name.IsPerson() || link.Salesforce == "" || link.Marketo == "" {
		return
	}
	if s.run.Mapping.MarketoID != "" {
		s.carryTo(record.Salesforce, s.sf, link.Marketo)
	}
	if s.run.Mapping.SalesforceID != "" {
		s.carryTo(record.Marketo, s.mk, link.Salesforce)
	}
}

func (s *sheet) carryTo(side record.Side, rec *record.Record, id record.ID) {
	switch waiting := s.known.Out[side]; {
	case side == record.Salesforce && s.lacks(id):
	case rec != nil && rec.OtherID != id:
		s.row(side).Carry = id
	case rec == nil && waiting != nil && waiting.Carry != "":
		s.row(side).Carry = id
	}
}

// row is the row towards a side that is being put together.
func (s *sheet) row(side record.Side) *Row {
	if s.out[side] == nil {
		link := s.step.Link
		row := &Row{
			Link: link.ID, Side: side, Target: link.On(side), Source: link.On(side.Other()), Object: s.run.target(link, side),
			State: Waiting, Lane: s.run.lane, First: s.run.first, Cycle: s.run.n, Since: s.run.Now(),
			By: s.maker(side.Other()),
		}
		if !row.Object.IsPerson() && link.State == Linked && row.Target == "" {
			row.Target = link.Salesforce // the twin is known by it
		}
		if was := s.known.Out[side]; was != nil {
			row.Since, row.Lane, row.First = was.Since, min(was.Lane, s.run.lane), was.First || s.run.first
		}
		s.out[side] = row
	}
	return s.out[side]
}

// target is the object of a link's record on a side.
func (e *Engine) target(l Link, side record.Side) record.Object {
	if side == record.Marketo && !l.Object.IsPerson() && l.Object != record.Company {
		return e.object(l.Object).Twin
	}
	return target(l, side)
}

// target is the same for people, and for companies.
func target(l Link, side record.Side) record.Object {
	switch {
	case side == record.Salesforce:
		return l.Object
	case l.Object == record.Account:
		return record.Company
	case l.Object == record.CampaignMember:
		return record.ProgramMember
	}
	return record.Person
}

// finish compares what was put together with what waits already, and gives the step; ok is false when nothing is to be
// remembered.
func (s *sheet) finish() (Step, bool) {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		s.finishRow(side)
	}
	s.follow()
	st := s.step
	ok := st.PutLink || st.Absorb != 0 || len(st.Emails) > 0 || len(st.Agreed)+len(st.Forget) > 0 || len(st.Out) > 0 || len(st.Holds) > 0 ||
		len(st.Release) > 0 || len(st.Events) > 0 || st.Echo != nil || st.Recheck || st.Rechecked || st.Follow != nil
	return st, ok
}

func (s *sheet) finishRow(side record.Side) {
	stored := s.known.Out[side]
	if stored != nil && stored.State == Sending {
		stored = nil
	}
	s.keepFlag(side, stored)
	row := s.out[side]
	if row == nil && stored != nil {
		s.step.Out = append(s.step.Out, Row{ID: stored.ID, Link: s.known.Link.ID, Side: side})
	}
	if stored != nil && side == record.Marketo && stored.Action == Update && len(s.there) > 0 {
		// It may be our own write, whose answer was lost.
		s.step.Echo = &Echo{Cycle: s.run.n, Since: stored.Since, Fields: s.there}
	}
	if row == nil {
		return
	}
	if side == record.Salesforce && s.sf != nil {
		s.run.readAt(s.sf.ID, s.sf.Edited)
	}
	slices.SortFunc(row.Fields, func(a, b Change) int { return int(a.Field) - int(b.Field) })
	s.apart(row)
	switch {
	case row.Action == Delete:
	case row.Target == "":
		row.Action = Create
	case len(row.Fields) > 0, row.Carry == "" && len(row.Refused) > 0:
		row.Action = Update
	default:
		row.Action = WriteID
	}
	s.quiet(row, stored)
	if stored != nil && stored.State != Held && s.moved == 0 && row.alike(*stored) && (row.State == Resting) == (stored.State == Resting) {
		// A refused row is tried again when its target changed since: what made it be refused may be gone.
		refused := stored.State == Failed
		if rec := s.on(side); !refused || rec == nil || !rec.Modified.After(stored.Next) {
			return
		}
	}
	if stored != nil {
		row.ID = stored.ID
	}
	s.step.Out = append(s.step.Out, *row)
}

func (s *sheet) on(side record.Side) *record.Record {
	if side == record.Salesforce {
		return s.sf
	}
	return s.mk
}
