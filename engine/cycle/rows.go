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
	s := &sheet{run: r, known: k, object: r.object(k.Link.Object), sf: sf, mk: mk, out: map[record.Side]*Row{}}
	s.step.Link = k.Link
	return s
}

// spelled is what a record says of the field at place i of the object's fields, as its side spells it.
func (s *sheet) spelled(rec *record.Record, i int) (record.Value, bool) {
	if rec.Object != record.Person {
		return s.run.named(s.object, s.object.Fields[i], rec.Values[i])
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
		case waits && v == waiting.Value && waiting.At.Before(at):
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

// plan decides every mapped field of a pair. A row that was tried may have landed, whatever its side said: nothing is decided about
// it before that side was read. Objects other than people have one master and are never read in Marketo.
func (s *sheet) plan() {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		row := s.known.Out[side]
		if row != nil && row.State == Waiting && row.Tries > 0 && row.Action == Update && row.Object.IsPerson() && s.on(side) == nil {
			s.step.Recheck = true
			s.keepRows()
			return
		}
	}
	if h, asked := s.hold(NoField); asked && s.sf != nil && s.mk != nil { // who it is, and what it says, is known
		s.step.Release = append(s.step.Release, h.ID)
	}
	rules := s.run.rules(s.object.Name)
	if s.sf != nil && s.mk != nil { // most of their fields are alike
		s.step.Agreed = slices.Grow(s.step.Agreed, len(s.object.Fields))
	}
	// Of a pair of which nothing is known but what was read now, what is alike is agreed upon.
	untold := s.sf != nil && s.mk != nil && s.moved == 0 && s.object.Name.IsPerson() && len(s.known.Out)+len(s.known.Holds)+len(s.contested) == 0
	for i, field := range s.object.Fields {
		if untold && !s.known.Baseline.Has(field.Number) && s.carriedOn(i, field.Number) {
			continue
		}
		if s.restoring(i, field.Number) || s.moved != 0 && s.carriedOn(i, field.Number) || s.undecided(i, field.Number) || s.shadowed(i) {
			continue
		}
		cell := plan.Cell{
			Agreed: s.agreed(field.Number), Direction: field.Direction, Consent: field.Consent,
			Salesforce: s.told(record.Salesforce, i), Marketo: s.told(record.Marketo, i),
		}
		s.unread(&cell)
		s.arrived(field.Number, &cell)
		if policy := rules.Of(field).Conflict; (policy == plan.NewestWins || policy == plan.HoldBoth) && s.decided(field.Number, cell) {
			s.keep(field.Number)
			continue
		}
		s.suspect(&cell)
		if s.moved != 0 {
			s.fill(field, &cell)
		}
		outcome := plan.Field(cell, rules.Of(field))
		s.seen(field, cell, outcome)
		s.decide(field, cell, outcome)
	}
	s.company()
	s.carry()
}

// agreed reports that a change of a field can be told from what stood before: both sides agreed upon it, or a person left it alone.
func (s *sheet) agreed(number uint16) bool {
	h, held := s.hold(number)
	return s.known.Baseline.Has(number) || held && h.Skipped
}

// decided reports that a write waits by which one side's change won over the other's, and that both still say what they said then. Which of
// them was newer was known then: a record that is read once more only says when anything of it was edited. What a person decided is not asked again.
func (s *sheet) decided(number uint16, cell plan.Cell) bool {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		wins, loses := cell.Marketo, cell.Salesforce
		if side == record.Marketo {
			wins, loses = loses, wins
		}
		waiting, ok := s.known.Out[side].field(number)
		if ok && wins.Known && wins.Value == waiting.Value && loses.Known && (loses.Changed || !cell.Agreed) && s.known.Baseline.Prints(number, loses.Value) == waiting.Prior {
			return true
		}
	}
	return false
}

// arrived looks whether a side holds what waits to be written to it: most often our own write, whose answer was lost. Then the side
// did not change by itself, and what the other side says by now is measured by that value. Otherwise setting a field back to
// what it was would be overwritten by our own echo.
func (s *sheet) arrived(number uint16, cell *plan.Cell) {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		told := cell.Salesforce
		if side == record.Marketo {
			told = cell.Marketo
		}
		waiting, ok := s.known.Out[side].field(number)
		if !ok || s.on(side) == nil || !told.Known || told.Value != waiting.Value {
			continue
		}
		s.tell(side, waiting)
		if side == record.Marketo {
			s.there = append(s.there, waiting)
		}
		s.step.Agreed = append(s.step.Agreed, Agreed{number, told.Value})
		cell.Agreed = true
		cell.Salesforce.Changed, cell.Marketo.Changed = cell.Salesforce.Value != told.Value, cell.Marketo.Value != told.Value
	}
}

// decide puts one field's outcome on the sheet.
func (s *sheet) decide(field schema.Field, cell plan.Cell, o plan.Outcome) {
	held, isHeld := s.hold(field.Number)
	skipped := isHeld && held.Skipped
	if skipped && o.Do == plan.Write && !o.Loses { // the other side's value was left alone, not given up
		target := cell.Marketo
		if o.To == record.Salesforce {
			target = cell.Salesforce
		}
		o.Loses, o.Lost = target.Known, target.Value
	}
	switch o.Do {
	case plan.Nothing:
		if s.givesBack(field.Number, cell) {
			s.keep(field.Number)
		}
	case plan.Agree:
		s.step.Agreed = append(s.step.Agreed, Agreed{field.Number, o.Value})
	case plan.Write:
		s.write(field, cell, o)
	case plan.Ask:
		s.step.Recheck = true
		s.keep(field.Number)
	case plan.Hold:
		if isHeld && held.Salesforce == cell.Salesforce.Value && held.Marketo == cell.Marketo.Value {
			return
		}
		s.step.Holds = append(s.step.Holds, Hold{
			Link: s.known.Link.ID, Field: field.Number, Cause: "conflict",
			Salesforce: cell.Salesforce.Value, Marketo: cell.Marketo.Value, Since: s.run.Now(),
		})
		s.event(Event{Side: record.Salesforce, Kind: "held", Field: field.Number, Old: cell.Salesforce.Value, New: cell.Marketo.Value, Detail: "conflict"})
	}
	if isHeld && o.Do != plan.Ask && !(skipped && o.Do == plan.Nothing) {
		s.step.Release = append(s.step.Release, held.ID)
	}
}

// givesBack reports that a side which was not read is still to get what the rules make of the other one's value, because it changed the field
// in vain: that the other one says what it said says nothing of that.
func (s *sheet) givesBack(number uint16, cell plan.Cell) bool {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		keeper := cell.Marketo
		if side == record.Marketo {
			keeper = cell.Salesforce
		}
		if waiting, ok := s.known.Out[side].field(number); ok && s.on(side) == nil && keeper.Known && !keeper.Changed && keeper.Value == waiting.Value {
			return true
		}
	}
	return false
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
	if side == record.Salesforce && s.sf != nil && len(s.run.edited) < editedAtMost {
		s.run.edited[s.sf.ID] = s.sf.Edited
	}
	slices.SortFunc(row.Fields, func(a, b Change) int { return int(a.Field) - int(b.Field) })
	switch {
	case row.Action == Delete:
	case row.Target == "":
		row.Action = Create
	case len(row.Fields) > 0:
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

// editedAtMost bounds what a cycle remembers of when records were changed: more rows than that are not guarded anyway.
const editedAtMost = 1000
