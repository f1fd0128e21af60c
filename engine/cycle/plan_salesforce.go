package cycle

import (
	"context"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// remembered is what is known of records of Salesforce, in their order.
func (r *run) remembered(ctx context.Context, records []record.Record) ([]Known, error) {
	ids := make([]record.ID, len(records))
	for i := range records {
		ids[i] = records[i].ID
	}
	return r.Ledger.Known(ctx, record.Salesforce, ids)
}

// planSalesforce plans one page of Salesforce records of one object.
func (r *run) planSalesforce(ctx context.Context, object record.Object, records []record.Record) ([]Step, error) {
	switch {
	case object == record.CampaignMember:
		return r.memberPage(ctx, records)
	case accompanies(object):
		return r.taskPage(ctx, object, records)
	case !object.IsPerson():
		return r.mirrorPage(ctx, records)
	}
	if err := r.locate(ctx, records); err != nil {
		return nil, err
	}
	known, err := r.remembered(ctx, records)
	if err != nil {
		return nil, err
	}
	// What left comes first: a record that took another one's place is planned with its person.
	steps, moved, err := r.left(ctx, records, known)
	if err != nil {
		return nil, err
	}
	reasons, err := r.reasons(ctx, records, known)
	if err != nil {
		return nil, err
	}
	var fresh []arrival
	for i := range records {
		rec, k := &records[i], known[i]
		switch {
		case rec.Deleted, rec.Converted, moved[rec.ID]:
		case k.Link.State == Ended && k.Link.Marketo == "":
			steps = appendStep(steps, r.revived(k, rec))
		case rec.Err != nil:
			steps = appendStep(steps, r.unreadable(k, rec))
		case !r.passes(rec):
			steps = append(steps, r.excluded(k, rec)...)
			if told, out := reasons[k.Link.ID]; out && told != r.because(rec) {
				steps = append(steps, r.stillOut(k, rec))
			}
		case k.Link.State == Frozen:
			steps = append(steps, r.thawed(k))
		case k.Link.ID == 0 || k.Link.State.single():
			fresh = append(fresh, arrival{record: rec, known: k})
		case k.Link.State == Ended:
			steps = appendStep(steps, r.revived(k, rec))
		case k.Link.State == Creating:
			steps = appendStep(steps, r.creation(k, rec))
		default:
			steps = appendStep(steps, r.pair(k, rec, nil, nil))
		}
	}
	if len(fresh) == 0 {
		return steps, nil
	}
	more, err := r.matchSalesforce(ctx, fresh)
	return append(steps, more...), err
}

func appendStep(steps []Step, s *sheet) []Step {
	if s == nil {
		return steps
	}
	if st, ok := s.finish(); ok {
		steps = append(steps, st)
	}
	return steps
}

// pair plans a linked pair of which one or both sides were read.
func (r *run) pair(k Known, sf, mk *record.Record, touched map[uint16]time.Time) *sheet {
	s := r.newSheet(k, sf, mk)
	if s.touched = touched; sf != nil && mk != nil && !r.compared(k) { // a person made it a pair
		s.undated = map[record.Side]bool{record.Salesforce: true, record.Marketo: true}
	}
	s.addresses()
	s.plan()
	return s
}

// addresses keeps the look-up of addresses true: it changes when the e-mail field does.
func (s *sheet) addresses() {
	if !s.object.Name.IsPerson() {
		return
	}
	for i := range s.object.Fields {
		f := &s.object.Fields[i]
		if f.Salesforce != "Email" {
			continue
		}
		for _, side := range []record.Side{record.Salesforce, record.Marketo} {
			rec := s.on(side)
			if rec == nil {
				continue
			}
			if v, ok := s.value(rec, i); ok && (s.known.Link.ID == 0 || !s.known.Baseline.Same(f.Number, v)) {
				s.address(side, rec.Email)
			}
		}
	}
}

func (s *sheet) address(side record.Side, email record.Value) {
	if s.step.Emails == nil {
		s.step.Emails = map[record.Side]record.Value{}
	}
	s.step.Emails[side] = folded(email)
}

// creation plans the twin of a record that only one side has. Every filled field travels; blanks are what a new record has anyway.
// Where a twin may be there already, because there was one before or an answer was lost, blanks travel too.
func (r *run) creation(k Known, rec *record.Record) *sheet {
	side := rec.Object.Side()
	if k.Link.ID == 0 {
		k.Link.Object = rec.Object
		if rec.Object == record.Person {
			k.Link.Object = record.Lead // what a person becomes in Salesforce
		}
	}
	s := r.newSheet(k, nil, nil)
	if rec.Object == record.Person && k.Link.Object == record.Person {
		s.object = r.object(record.Lead)
		s.step.Link.Object, s.step.PutLink = record.Lead, true
	}
	if side == record.Salesforce {
		s.sf = rec
		s.step.Link.Salesforce = rec.ID
	} else {
		s.mk = rec
		s.step.Link.Marketo = rec.ID
	}
	if k.Link.State != Creating {
		s.step.Link.State, s.step.PutLink = Creating, true
	}
	row, stored := s.row(side.Other()), k.Out[side.Other()]
	s.all(row, rec, k.Link.State == Ended || r.mayStand(rec, stored))
	if (side == record.Salesforce && r.Mapping.SalesforceID != "" || side == record.Marketo && r.Mapping.MarketoID != "") && rec.Object.IsPerson() {
		row.Carry = rec.ID
	}
	row.Action = Create
	if rec.Object.IsPerson() && (k.Link.State != Creating || stored == nil || !row.alike(*stored)) {
		s.address(side, rec.Email)
		s.address(side.Other(), rec.Email) // its twin is going to have it too
	}
	for _, h := range k.Holds {
		if h.Cause != Separate {
			s.step.Release = append(s.step.Release, h.ID)
		}
	}
	return s
}

// all has a row write every field that its record fills, and with blanks every one that travels there.
func (s *sheet) all(row *Row, rec *record.Record, blanks bool) {
	row.Fields = make([]Change, 0, len(s.object.Fields))
	for i := range s.object.Fields {
		f := &s.object.Fields[i]
		v, ok := s.value(rec, i)
		if !ok || !f.Direction.Writes(row.Side) || s.shadowed(i) {
			continue
		}
		if empty := v.IsBlank() || f.Type.Kind == record.Boolean && v.Text() == "false"; empty && !blanks {
			continue
		}
		row.Fields = append(row.Fields, Change{Field: f.Number, Value: v, At: rec.Modified})
	}
}

// mayStand reports that the twin of a record which Marketo is only given may stand there, and nobody reads what it holds: its creation was
// tried before, or it was made in a part of the story that a backup replaced.
func (r *run) mayStand(rec *record.Record, stored *Row) bool {
	return !rec.Object.IsPerson() && (!r.first || stored.sent())
}

// alone remembers a record that takes no part yet, and why.
func (r *run) alone(k Known, rec *record.Record, h *Hold) *sheet {
	s := r.newSheet(k, nil, nil)
	if k.Link.ID == 0 {
		s.step.Link = Link{Object: rec.Object, State: Alone}
		if rec.Object.Side() == record.Salesforce {
			s.step.Link.Salesforce = rec.ID
		} else {
			s.step.Link.Marketo = rec.ID
		}
		s.step.PutLink = true
		s.address(rec.Object.Side(), rec.Email)
	} else if rec.Email != (record.Value{}) || len(k.Holds) > 0 {
		s.address(rec.Object.Side(), rec.Email)
	}
	switch k.Link.State {
	case Ended: // back, and its twin is gone
		s.step.Link.State, s.step.PutLink = Alone, k.Link.Marketo == ""
	case Creating, Filtered: // its twin is no longer to be made, or may be by now
		s.step.Link.State, s.step.PutLink = Alone, true
		if s.step.Link.Salesforce == "" {
			s.step.Link.Object = record.Person
		}
		s.address(rec.Object.Side().Other(), record.Value{})
	case Linked: // what waits for it goes on waiting
		s.keepRows()
	}
	s.asks(rec, h)
	return s
}

// asks has a person asked who a record is, unless that was asked already, or left alone; nil when it is no question any more.
func (s *sheet) asks(rec *record.Record, h *Hold) {
	before, asked := s.hold(NoField)
	if h == nil {
		if asked {
			s.step.Release = append(s.step.Release, before.ID)
		}
		return
	}
	h.Field, h.Since, h.Salesforce = NoField, s.run.Now(), rec.Email
	if rec.Err != nil { // every edit may have mended it
		h.Salesforce = record.Of(rec.Modified.UTC().Format(time.RFC3339))
	}
	about := asked && before.Salesforce == h.Salesforce
	switch {
	case about && (before.Skipped || before.Cause == h.Cause):
		s.step.Emails = nil
		return
	case asked && !before.Skipped && before.Cause == h.Cause:
		h.Since = before.Since
	default:
		s.event(Event{Side: rec.Object.Side(), Kind: "held", Field: NoField, Detail: h.Cause})
	}
	s.step.Holds = append(s.step.Holds, *h) // in the place of what was asked before
}

// unreadable holds a record of which a value could not be read in its field's type.
func (r *run) unreadable(k Known, rec *record.Record) *sheet {
	return r.alone(k, rec, &Hold{Cause: "unreadable"})
}
