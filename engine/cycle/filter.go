package cycle

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/schema"
)

// Filtering is the sync filter of a workspace. The zero value lets everybody take part.
type Filtering struct {
	Filter filter.Filter
	// Zone is the org's time zone, in which days count; nil is UTC.
	Zone *time.Location
	// Version names this filter. With another version than before, every record is looked at once more.
	Version string
	// Mark is the checkbox in Marketo of the filter, or of one before it: it is unticked for whom comes back.
	Mark string
}

// rules are the filter's conditions by object, made ready for a moment.
func (f Filtering) rules(now time.Time) map[record.Object]*filter.Rule {
	rules := map[record.Object]*filter.Rule{}
	for _, object := range f.Filter.Objects() {
		rules[object] = filter.Compile(f.Filter.On(object), object, filter.Clock{Now: now, Zone: f.Zone})
	}
	return rules
}

// Reads are the fields that the filter looks at, by object; one of a related record by its path ("Account.Industry").
func (f Filtering) Reads() map[record.Object][]string {
	names := map[record.Object][]string{}
	for object, rule := range f.rules(time.Time{}) {
		for _, c := range rule.Columns() {
			names[object] = append(names[object], c.Name)
		}
	}
	return names
}

// widened reads records with the columns of the filter behind those of the mapping: as columns and not as a condition, since a
// record that leaves the filter must be seen leaving. What is read without columns stays as it is.
type widened struct {
	Salesforce
	columns map[record.Object][]record.Column
}

// widen gives a Salesforce that reads what the filter needs.
func (f Filtering) widen(s Salesforce) Salesforce {
	w := widened{s, map[record.Object][]record.Column{}}
	for object, rule := range f.rules(time.Time{}) {
		w.columns[object] = rule.Columns()
	}
	if len(w.columns) == 0 {
		return s
	}
	return w
}

func (w widened) with(object record.Object, columns []record.Column) []record.Column {
	more := w.columns[object]
	if len(columns) == 0 || len(more) == 0 {
		return columns
	}
	return append(append(make([]record.Column, 0, len(columns)+len(more)), columns...), more...)
}

// Feeds reads pages of feeds.
func (w widened) Feeds(ctx context.Context, purpose record.Purpose, feeds []salesforce.Feed) ([]salesforce.Page, time.Time, error) {
	for i := range feeds {
		feeds[i].Columns = w.with(feeds[i].Object, feeds[i].Columns)
	}
	return w.Salesforce.Feeds(ctx, purpose, feeds)
}

// StartExport begins a bulk query.
func (w widened) StartExport(ctx context.Context, purpose record.Purpose, e salesforce.Export) (salesforce.Job, error) {
	e.Columns = w.with(e.Object, e.Columns)
	return w.Salesforce.StartExport(ctx, purpose, e)
}

// ExportPage reads a page of a bulk query.
func (w widened) ExportPage(ctx context.Context, purpose record.Purpose, e salesforce.Export, id, locator string, row func(record.Record) error) (string, error) {
	e.Columns = w.with(e.Object, e.Columns)
	return w.Salesforce.ExportPage(ctx, purpose, e, id, locator, row)
}

// Get reads records by id. Related records' fields come with queries only, so that it looks the ids up where the filter asks for some.
func (w widened) Get(ctx context.Context, purpose record.Purpose, object record.Object, ids []record.ID, columns []record.Column, otherID string) ([]record.Record, error) {
	columns = w.with(object, columns)
	for _, c := range columns {
		if strings.Contains(c.Name, ".") {
			texts := make([]string, len(ids))
			for i, id := range ids {
				texts[i] = string(id)
			}
			return w.Salesforce.FindBy(ctx, purpose, object, "Id", texts, columns, otherID)
		}
	}
	return w.Salesforce.Get(ctx, purpose, object, ids, columns, otherID)
}

// FindBy reads records by the value of a field.
func (w widened) FindBy(ctx context.Context, purpose record.Purpose, object record.Object, field string, values []string, columns []record.Column, otherID string) ([]record.Record, error) {
	return w.Salesforce.FindBy(ctx, purpose, object, field, values, w.with(object, columns), otherID)
}

// passes decides whether a Salesforce record takes part. One that was not read in its types is nothing for the filter: it is shown
// as unreadable.
func (r *run) passes(rec *record.Record) bool {
	rule := r.filters[rec.Object]
	if rule == nil || rec.Err != nil {
		return true
	}
	return rule.Passes(rec.Values[max(0, len(rec.Values)-len(rule.Columns())):])
}

// because names the part of the filter that kept a record out: the filter's version and the part's number, as history keeps it.
func (r *run) because(rec *record.Record) string {
	rule := r.filters[rec.Object]
	if rule == nil {
		return ""
	}
	_, by := rule.Why(rec.Values[max(0, len(rec.Values)-len(rule.Columns())):])
	return r.Filtering.Version + ":" + strconv.Itoa(filter.Place(r.Filtering.Filter.On(rec.Object), by))
}

// Because reads what the detail of a filter's event says: which part of which version of the filter decided.
func Because(detail string) (version string, part int, ok bool) {
	version, number, ok := strings.Cut(detail, ":")
	part, err := strconv.Atoi(number)
	return version, part, ok && err == nil
}

// paired reports whether a link has both halves: whoever is frozen still belongs to its person.
func (s LinkState) paired() bool { return s == Linked || s == Frozen }

// single reports whether a link has one half that may find the other.
func (s LinkState) single() bool { return s == Alone || s == Filtered }

// excluded remembers that a Salesforce record does not pass: it is neither matched nor created, and a pair that it belongs to is
// frozen or unlinked.
func (r *run) excluded(k Known, rec *record.Record) []Step {
	r.report.Filtered++
	switch {
	case k.Link.State == Frozen, k.Link.State == Filtered:
		return nil
	case k.Link.Salesforce != "" && k.Link.Marketo != "" && (k.Link.State == Linked || k.Link.State == Ended):
		if r.Filtering.Filter.Leaving == filter.Unlink {
			return r.unlinked(k, rec)
		}
		return []Step{r.frozen(k, rec)}
	}
	s := r.newSheet(k, nil, nil)
	if k.Link.ID == 0 {
		s.step.Link = Link{Object: rec.Object, Salesforce: rec.ID}
	}
	if k.Link.ID == 0 || k.Link.State == Ended {
		s.address(record.Salesforce, rec.Email)
	}
	s.step.Link.State, s.step.PutLink = Filtered, true
	s.releaseAll()
	s.event(Event{Side: record.Salesforce, Kind: "filtered", Field: NoField, Detail: r.because(rec)})
	return appendStep(nil, s) // a creation that waited is taken back
}

// frozen keeps a pair and lets nothing travel: what waits is put aside, because a value may stand nowhere else; when the record passes
// again both sides are compared afresh. What a person was to decide will show again then.
func (r *run) frozen(k Known, rec *record.Record) Step {
	s := r.newSheet(k, nil, nil)
	s.step.Link.State, s.step.PutLink = Frozen, true
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if row := k.Out[side]; row != nil && (row.State == Waiting || row.State == Resting || row.State == Failed) {
			aside := *row
			aside.State = Held
			s.step.Out = append(s.step.Out, aside)
		}
	}
	if r.Filtering.Filter.Leaving == filter.Mark && k.Link.Object.IsPerson() {
		r.markOut(&s.step, k)
	}
	for _, h := range k.Open() {
		s.step.Release = append(s.step.Release, h.ID)
	}
	s.event(Event{Side: record.Salesforce, Kind: "frozen", Field: NoField, Detail: r.because(rec)})
	return s.step
}

// reasons are what was last told of those records that the filter kept out before and keeps out now.
func (r *run) reasons(ctx context.Context, records []record.Record, known []Known) (map[LinkID]string, error) {
	var out []LinkID
	for i, k := range known {
		if (k.Link.State == Filtered || k.Link.State == Frozen) && !r.passes(&records[i]) {
			out = append(out, k.Link.ID)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return r.Ledger.KeptOut(ctx, out)
}

// stillOut tells that the filter keeps a record out for another reason than before.
func (r *run) stillOut(k Known, rec *record.Record) Step {
	return Step{Link: k.Link, Events: []Event{{At: r.Now(), Cycle: r.n, Side: record.Salesforce, Kind: "filtered", Field: NoField, Detail: r.because(rec)}}}
}

// OutFlag is the number under which a row ticks the checkbox in Marketo that says that the filter keeps a record out, or unticks it. It is
// no mapped field: no baseline knows it.
const OutFlag = 0xFFFD

// isFlag tells the numbers that are no fields of a mapping.
func isFlag(n uint16) bool { return n == Flag || n == OutFlag }

// markOut ticks the checkbox of a pair that is frozen. What was put aside for Marketo stays with it, and is put aside again when the
// tick has arrived.
func (r *run) markOut(st *Step, k Known) {
	tick := Change{Field: OutFlag, Value: record.Of("true"), At: r.Now()}
	for i := range st.Out {
		if st.Out[i].Side == record.Marketo {
			st.Out[i].Fields, st.Out[i].State, st.Out[i].Action, st.Out[i].Lane = append(slices.Clone(st.Out[i].Fields), tick), Waiting, Update, r.lane
			return
		}
	}
	st.Out = append(st.Out, Row{
		Link: k.Link.ID, Side: record.Marketo, Object: record.Person, Target: k.Link.Marketo, Source: k.Link.Salesforce, Action: Update, State: Waiting,
		Lane: r.lane, Cycle: r.n, Since: r.Now(), Fields: []Change{tick},
	})
}

// ticked is what a row sets the checkbox to; ok is false when it does not.
func (r Row) ticked() (v record.Value, ok bool) {
	for i := range r.Fields {
		if c := &r.Fields[i]; c.Field == OutFlag {
			return c.Value, true
		}
	}
	return record.Value{}, false
}

// aside is what a row that ticks the checkbox holds besides: nothing of it is sent while the pair is frozen.
func (r Row) aside() (rest Row, ok bool) {
	if v, sets := r.ticked(); !sets || v.Text() != "true" {
		return r, false
	}
	r.Fields = slices.DeleteFunc(slices.Clone(r.Fields), func(c Change) bool { return c.Field == OutFlag })
	r.ID, r.State = 0, Held
	return r, !r.empty() || len(r.Refused) > 0
}

// unticks adds the unticking of the checkbox to what a pair that comes back is written.
func (s *sheet) unticks() {
	if s.run.Filtering.Mark != "" {
		row := s.row(record.Marketo)
		row.Fields = append(row.Fields, Change{Field: OutFlag, Value: record.Of("false"), At: s.run.Now()})
	}
}

// unlinked parts a pair. Both records stay as they are; should they find each other again, they are joined as if they had never
// agreed upon anything.
func (r *run) unlinked(k Known, rec *record.Record) []Step {
	s := r.newSheet(k, nil, nil)
	s.step.Link.Marketo, s.step.Link.State, s.step.PutLink = "", Filtered, true
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if k.Out[side] != nil {
			s.step.Out = append(s.step.Out, Row{ID: k.Out[side].ID, Link: k.Link.ID, Side: side})
		}
	}
	s.address(record.Marketo, record.Value{})
	s.releaseAll()
	s.event(Event{Side: record.Salesforce, Kind: "unlinked", Field: NoField, Detail: r.because(rec)})
	person := Step{Link: Link{Object: record.Person, Marketo: k.Link.Marketo, State: Alone}, PutLink: true}
	if lead := r.object(record.Lead); r.compared(k) { // that Doppio wrote to it is remembered
		if i := slices.IndexFunc(lead.Fields, func(f schema.Field) bool { return f.Salesforce == "Email" }); i >= 0 {
			person.Agreed = []Agreed{{lead.Fields[i].Number, neither}}
		}
	}
	return []Step{s.step, person}
}

// thawed has a pair read afresh on both sides whose record passes again.
func (r *run) thawed(k Known) Step { return Step{Link: k.Link, Recheck: true} }

func (s *sheet) releaseAll() {
	for _, h := range s.known.Holds {
		s.step.Release = append(s.step.Release, h.ID)
	}
}

// keptOut remembers a Marketo person of whom a Salesforce record is known that does not pass: nobody is made there a second time.
func (m *matching) keptOut(a arrival) { m.add(m.alone(a.known, a.record, nil)) }

// mirrorOut remembers that a record of an object that Marketo is only given does not pass. Its twin stays as it is.
func (r *run) mirrorOut(k Known, rec *record.Record) *sheet {
	r.report.Filtered++
	if k.Link.State == Frozen || k.Link.State == Filtered {
		return nil
	}
	if k.Link.State == Linked && r.Filtering.Filter.Leaving == filter.Freeze {
		s := r.newSheet(k, nil, nil)
		s.step = r.frozen(k, rec)
		s.known.Out = nil // put aside already
		return s
	}
	s := r.newSheet(k, nil, nil)
	if k.Link.ID == 0 {
		s.step.Link = Link{Object: rec.Object, Salesforce: rec.ID}
	}
	s.step.Link.State, s.step.PutLink, s.step.Unlearn = Filtered, true, k.Link.State == Linked
	s.releaseAll()
	s.event(Event{Side: record.Salesforce, Kind: "filtered", Field: NoField, Detail: r.because(rec)})
	return s
}

// rechecksOut is excluded for a link that was read afresh.
func (r *run) rechecksOut(k Known, s *record.Record) []Step {
	steps := r.excluded(k, s)
	if len(steps) == 0 {
		return []Step{{Link: k.Link, Rechecked: true}}
	}
	steps[0].Rechecked = true
	return steps
}

// rechecksIn compares a pair that was frozen and passes again with what its halves agreed upon before.
func (r *run) rechecksIn(k Known, s, m *record.Record) Step {
	sheet := r.pair(k, s, m, nil)
	sheet.step.PutLink = true
	sheet.event(Event{Side: record.Salesforce, Kind: "thawed", Field: NoField})
	sheet.unticks()
	return rechecked(sheet)
}

// joinsOut is excluded for two records that carry each other's id although the ledger does not know them as a pair.
func (r *run) joinsOut(sf, mk *record.Record) []Step {
	if r.Filtering.Filter.Leaving == filter.Unlink {
		return appendStep(r.excluded(Known{}, sf), r.alone(Known{}, mk, nil))
	}
	r.report.Filtered++
	s := r.newSheet(Known{}, nil, nil)
	s.step.Link, s.step.PutLink = Link{Object: sf.Object, Salesforce: sf.ID, Marketo: mk.ID, State: Frozen}, true
	s.address(record.Salesforce, sf.Email)
	s.address(record.Marketo, mk.Email)
	s.event(Event{Side: record.Salesforce, Kind: "frozen", Field: NoField, Detail: r.because(sf)})
	return []Step{s.step}
}
