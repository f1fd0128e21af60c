package cycle

import (
	"context"
	"strings"

	"github.com/doppio-sync/doppio/engine/plan"
	"github.com/doppio-sync/doppio/engine/record"
)

// Objects other than people travel one way: Marketo is given a twin of each record, which Doppio never reads. The twin is known by
// the record's Salesforce id or, where Marketo has no field for it, by what the record names.

// mirrorPage plans a page of such records.
func (r *run) mirrorPage(ctx context.Context, records []record.Record) ([]Step, error) {
	known, err := r.remembered(ctx, records)
	if err != nil {
		return nil, err
	}
	if err := r.locate(ctx, records); err != nil {
		return nil, err
	}
	var steps []Step
	defer func() { r.spare = nil }()
	for i := range records {
		steps = r.planned(steps, r.mirror(known[i], &records[i]))
	}
	return steps, nil
}

// mirror plans one record, nil for nothing.
func (r *run) mirror(k Known, rec *record.Record) *sheet {
	switch {
	case rec.Err != nil:
		return r.unreadable(k, rec)
	case rec.Deleted:
		why := "deleted"
		if rec.MergedInto != "" {
			why = "merged"
		}
		return r.unmirror(k, why)
	case !r.passes(rec):
		return r.mirrorOut(k, rec)
	case !r.complete(rec):
		return r.waiting(k, rec)
	case r.strayed(k, rec):
		s := r.newSheet(k, rec, nil)
		s.remove()
		s.step.Link.State, s.step.PutLink = Linked, true
		return s
	}
	switch k.Link.State {
	case Frozen:
		k.Link.State = Linked
		s := r.twin(k, rec)
		s.step.PutLink = true
		return s
	case Linked:
		return r.twin(k, rec)
	case Ended:
		if row := k.Out[record.Marketo]; row != nil && r.object(rec.Object).Key == "" && row.Action == Delete {
			// The old twin has another key perhaps: it goes first, then the record is looked at again.
			s := r.newSheet(k, nil, nil)
			s.keepRows()
			s.step.Link.State, s.step.PutLink = Linked, true
			return s
		}
		k.Link.Marketo = ""
		s := r.creation(k, rec)
		s.event(Event{Side: record.Salesforce, Kind: "linked", Field: NoField, Detail: "undeleted"})
		return s
	}
	return r.creation(k, rec)
}

// strayed reports that a twin may have arrived under another key than the record has by now: nothing else would ever find it again.
func (r *run) strayed(k Known, rec *record.Record) bool {
	row, s := k.Out[record.Marketo], r.newSheet(k, rec, nil)
	if s.object.Key != "" || !row.sent() || row.Action != Create {
		return false
	}
	for i, f := range s.object.Fields {
		sent, named := row.field(f.Number)
		if now, ok := s.value(rec, i); f.Key && named && ok && now != sent.Value {
			return true
		}
	}
	return false
}

// complete reports whether everything is in Marketo, or on its way there, without which a record cannot be.
func (r *run) complete(rec *record.Record) bool {
	object := r.object(rec.Object)
	satisfied := map[string]bool{}
	for i := range object.Fields {
		if f := &object.Fields[i]; f.Needed {
			v, ok := r.named(object.Name, f, rec.Values[i])
			satisfied[f.Marketo] = satisfied[f.Marketo] || ok && !v.IsBlank()
		}
	}
	for _, ok := range satisfied {
		if !ok {
			return false
		}
	}
	return true
}

// waiting leaves a record alone until what it needs is in Marketo. A twin that it had goes, or that it may have, when its creation was sent.
func (r *run) waiting(k Known, rec *record.Record) *sheet {
	switch {
	case k.Link.State == Ended: // back from the recycle bin, perhaps before what it names
		return r.newSheet(k, rec, nil)
	case k.Link.State == Linked, k.Out[record.Marketo].sent():
		s := r.newSheet(k, rec, nil)
		s.remove()
		s.step.Link.State, s.step.PutLink = Linked, k.Link.State != Linked
		return s
	}
	k.Link.Object = rec.Object
	s := r.alone(k, rec, nil)
	s.sf = rec
	return s
}

// twin plans a record whose twin is in Marketo, or was until its deletion was sent, of which no answer may have come.
func (r *run) twin(k Known, rec *record.Record) *sheet {
	s := r.newSheet(k, rec, nil)
	for i, f := range s.object.Fields {
		if v, ok := s.value(rec, i); f.Key && ok && k.Baseline.Has(f.Number) && !k.Baseline.Same(f.Number, v) {
			s.remove() // it is another one from now on; the new one is made when the old one is gone
			return s
		}
	}
	old := k.Out[record.Marketo]
	perhapsGone := old.sent() && old.Action == Delete
	if since, unsure := r.unsure[rec.Object]; perhapsGone || unsure && !rec.Modified.Before(since) {
		s.all(s.row(record.Marketo), rec, true)
		return s
	}
	s.plan()
	if row := s.out[record.Marketo]; row != nil && len(row.Fields) > 0 {
		s.nameKey(row)
	}
	return s
}

// nameKey adds the fields by which Marketo knows the twin.
func (s *sheet) nameKey(row *Row) {
	for i, f := range s.object.Fields {
		if _, has := row.field(f.Number); f.Key && !has {
			if v, ok := s.value(s.sf, i); ok {
				row.Fields = append(row.Fields, Change{Field: f.Number, Value: v, At: s.sf.Modified})
			}
		}
	}
}

// remove plans the end of the twin.
func (s *sheet) remove() {
	row := s.row(record.Marketo)
	row.Action, row.Target = Delete, s.known.Link.Marketo
	if row.Target == "" {
		row.Target = s.known.Link.Salesforce
	}
	if stored := s.known.Out[record.Marketo]; stored != nil && s.object.Key == "" {
		row.Fields = stored.Fields // of a creation that may have arrived: its key is all that is known of it
	}
}

// unmirror follows a deletion: the twin goes too.
func (r *run) unmirror(k Known, why string) *sheet {
	if k.Link.ID == 0 || k.Link.State == Ended {
		return nil
	}
	s := r.newSheet(k, nil, nil)
	row := k.Out[record.Marketo]
	if k.Link.State == Linked || row.sent() || row != nil && row.Action == Delete {
		s.remove()
	}
	s.step.Link.State, s.step.PutLink = Ended, true
	for _, h := range k.Holds {
		s.step.Release = append(s.step.Release, h.ID)
	}
	if len(k.Follows) > 0 {
		s.step.Follow = &[]record.ID{}
	}
	s.event(Event{Side: record.Salesforce, Kind: "deleted", Field: NoField, Detail: why})
	return s
}

// unread is what Marketo says of a field of an object that is never read there: nothing that anybody has to agree with.
func (s *sheet) unread(cell *plan.Cell) {
	if !s.object.Name.IsPerson() && !cell.Agreed {
		cell.Marketo = plan.Told{Known: true}
	}
}

// shadowed reports that a field leaves the word to another one of the same name in Marketo: of a lead and a contact that a record may
// name, the one that it does name.
func (s *sheet) shadowed(i int) bool {
	if s.sf == nil || s.object.Name.IsPerson() || s.object.Fields[i].To == "" || !s.sf.Values[i].IsBlank() {
		return false
	}
	for j := range s.object.Fields {
		if j != i && s.object.Fields[j].Marketo == s.object.Fields[i].Marketo && !s.sf.Values[j].IsBlank() {
			return true
		}
	}
	return false
}

// withdraw takes back what waits for objects that are no longer synced.
func (r *run) withdraw(ctx context.Context) error {
	var now string
	on := map[string]bool{}
	for _, o := range r.Mapping.Objects {
		if !o.Name.IsPerson() && len(o.Fields) > 0 {
			now += string(o.Twin) + " "
			on[string(o.Twin)] = true
		}
	}
	before, err := r.Ledger.Setting(ctx, mirroredObjects)
	if err != nil || before == now {
		return err
	}
	for _, twin := range strings.Fields(before) {
		if !on[twin] {
			if err := r.Ledger.Withdraw(ctx, record.Object(twin)); err != nil {
				return err
			}
		}
	}
	return r.Ledger.SetSetting(ctx, mirroredObjects, now)
}

// mirroredObjects is the setting that remembers which objects Marketo was given by the last cycle.
const mirroredObjects = "mirrored"
