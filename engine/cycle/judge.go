package cycle

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/plan"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/schema"
)

// judge turns Salesforce's answer to one row into ours. Where the reading beside the write shows another value than was
// believed, somebody edited the record in between: the policy decides anew, and what was overwritten is told or put back.
func (r *run) judge(row Row, res salesforce.Result, k *Known) Answer {
	if res.Err != nil {
		a := r.refusal(row, res.Err)
		if res.Repeated && res.Err.Class() == pace.Changed { // by its own first try, perhaps: its answer was lost
			a.Cause = ""
		}
		return a
	}
	a := r.accepted(row, res.ID, row.Action == Create && res.Created)
	if row.Action == Create && !res.Created {
		a.Recheck = true
	}
	if !judgeable(res, k) {
		return a
	}
	object := r.object(row.Object)
	var restore map[record.Side]*Row
	for i, f := range r.stood(row, res, k.Baseline) {
		c, before, spelled := f.change, f.before, f.spelled
		if !res.Repeated || spelled != c.Value {
			a.replaced(c.Field, spelled)
		} else { // the first try may have written it: what that replaced can be looked for
			a.foundThere(r.foundThere(record.Salesforce, c, &row))
		}
		if f.expected {
			continue
		}
		if restore == nil {
			restore = map[record.Side]*Row{}
		}
		a.Events = slices.DeleteFunc(a.Events, func(e Event) bool { return e.Kind == "overwrote" && e.Field == c.Field }) // not what was thought to be lost
		cell := plan.Cell{
			Agreed: true, Direction: object.Fields[i].Direction,
			Salesforce: plan.Told{Known: true, Changed: true, Value: before, At: res.Edited},
			Marketo:    plan.Told{Known: true, Changed: !c.With, Value: c.Value, At: c.At},
		}
		outcome := plan.Field(cell, r.rules(object.Name).Of(object.Fields[i]))
		if outcome.Do == plan.Write && outcome.To == record.Salesforce {
			a.Events = append(a.Events, r.overwrote(record.Salesforce, c.Field, spelled, c.Value))
			continue
		}
		// The value found there counts, or a person decides: either way it goes back where it was.
		restoreField(restore, *k, r.n, r.Now(), record.Salesforce, Change{Field: c.Field, Value: before, At: res.Edited, Prior: k.Baseline.Prints(c.Field, c.Value)})
		a.Events = append(a.Events, r.overwrote(record.Salesforce, c.Field, spelled, c.Value), r.putBack(record.Salesforce, c.Field, before))
		switch {
		case outcome.Do == plan.Write:
			restoreField(restore, *k, r.n, r.Now(), record.Marketo, Change{Field: c.Field, Value: before, At: res.Edited, Prior: k.Baseline.Prints(c.Field, c.Value), Lost: &c.Value})
		case !c.With:
			a.Holds = append(a.Holds, Hold{Link: k.Link.ID, Field: c.Field, Cause: "conflict", Salesforce: before, Marketo: c.Value, Since: r.Now()})
		}
	}
	if back := restore[record.Salesforce]; back != nil { // what is under way, it does not begin with
		back.Refused = slices.Clone(row.Refused)
		for _, c := range back.Fields {
			back.heal(c.Field)
		}
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if restore[side] != nil {
			a.Then = append(a.Then, *restore[side])
		}
	}
	return a
}

// judgeable reports whether anything can be said of what a write replaced.
func judgeable(res salesforce.Result, k *Known) bool {
	return res.Err == nil && res.Before != nil && k.Link.ID != 0
}

// stoodThere is what stood in a field before a change of it, by the rules and as it was spelled, and whether that was to be expected.
type stoodThere struct {
	change          Change
	before, spelled record.Value
	expected        bool
}

// stood gives what stood in the fields of a row before they were written, by their places among the object's.
func (r *run) stood(row Row, res salesforce.Result, b Baseline) iter.Seq2[int, stoodThere] {
	return func(yield func(int, stoodThere) bool) {
		object := r.object(row.Object)
		place := 0
		for _, c := range row.Fields {
			i := object.Index(c.Field)
			if i < 0 {
				continue
			}
			spelled := res.Before[place]
			place++
			before := r.ruled(object, i, record.Salesforce, spelled, found(object, row, res))
			expected := before == c.Value || r.believed(object, i, c, changeOf{old: before, spelled: spelled}, b)
			if !yield(i, stoodThere{c, before, spelled, expected}) {
				return
			}
		}
	}
}

// surprises reports that something else stood in a record than was believed.
func (r *run) surprises(row Row, res salesforce.Result, k *Known) bool {
	if !judgeable(res, k) {
		return false
	}
	for _, f := range r.stood(row, res, k.Baseline) {
		if !f.expected {
			return true
		}
	}
	return false
}

// replaced notes in the story of a write what stood there before, so that it can be put back.
func (a *Answer) replaced(field uint16, old record.Value) {
	for i := range a.Events {
		if e := &a.Events[i]; e.Kind == "written" && e.Field == field {
			e.Old, e.Detail = old, strings.TrimSpace(WasRead+" "+e.Detail)
		}
	}
}

// foundThere has the story of a write tell that it was found to stand.
func (a *Answer) foundThere(found Event) {
	for i := range a.Events {
		if e := &a.Events[i]; e.Kind == "written" && e.Field == found.Field {
			e.Detail = found.Detail
		}
	}
}

// WasRead begins the detail of a written value's event whose Old was read right before the write, blank ones included. What follows, in
// any written value's event, is who made the change.
const WasRead = "read"

// wasFound begins the detail of a written value's event that tells of a write whose answer never came, and which was then found to stand. When
// it was planned at the earliest follows, in Unix seconds, and the keyed hash of what was believed to stand there.
const wasFound = "found"

// foundThere tells of a change of a row that is found to stand on a side.
func (r *run) foundThere(side record.Side, c Change, row *Row) Event {
	since := row.Since
	if !c.At.IsZero() && c.At.Before(since) {
		since = c.At
	}
	return Event{
		At: r.Now(), Cycle: r.n, Side: side, Kind: "written", Field: c.Field, New: c.Value,
		Detail: strings.TrimSpace(fmt.Sprintf("%s %d %x %s", wasFound, since.Unix(), c.Prior, row.By)),
	}
}

// found has a step tell of a change of a row that is found to stand on a side.
func (st *Step) found(told Event, m schema.Mapping, row Row) {
	st.Events, st.Mapped = append(st.Events, told), counts(m, row)
}

// Found reads the detail of a written value's event: since when the write may have arrived, and the keyed hash of what was believed to stand
// there; ok is false where its answer came.
func Found(detail string) (since time.Time, prior uint64, ok bool) {
	var unix int64
	if n, err := fmt.Sscanf(detail, wasFound+" %d %x", &unix, &prior); err != nil || n != 2 {
		return time.Time{}, 0, false
	}
	return time.Unix(unix, 0), prior, true
}

// Wrote is who made the change that a written value's event tells of, empty where nobody knows.
func Wrote(detail string) Maker {
	if _, _, ok := Found(detail); ok {
		parts := strings.SplitN(detail, " ", 4)
		return Maker(strings.Join(parts[3:], ""))
	}
	return Maker(strings.TrimSpace(strings.TrimPrefix(detail, WasRead)))
}

// unsurprising reports that a value found beside a write is the one that was believed to be there.
func unsurprising(c Change, found record.Value, b Baseline) bool {
	return c.Prior == 0 || b.Prints(c.Field, found) == c.Prior
}

func (r *run) overwrote(side record.Side, field uint16, lost, by record.Value) Event {
	return Event{At: r.Now(), Cycle: r.n, Side: side, Kind: "overwrote", Field: field, Old: lost, New: by, Detail: "edited while it was being written"}
}

func (r *run) putBack(side record.Side, field uint16, value record.Value) Event {
	return Event{At: r.Now(), Cycle: r.n, Side: side, Kind: "planned", Field: field, New: value, Detail: "put back"}
}

// overwrittenField judges a field of which our own write to Marketo replaced another value than was believed to be
// there: an edit that nobody had seen was overwritten (promise 6). The policy decides anew.
func (r *run) overwrittenField(rows map[record.Side]*Row, k Known, c changeOf, sent Change) (events []Event, hold *Hold) {
	object := r.object(k.Link.Object)
	i := object.Index(sent.Field)
	cell := plan.Cell{
		Agreed: true, Direction: object.Fields[i].Direction,
		Salesforce: plan.Told{Known: true, Changed: !sent.With, Value: sent.Value, At: sent.At},
		Marketo:    plan.Told{Known: true, Changed: true, Value: c.old, At: c.at},
	}
	outcome := plan.Field(cell, r.rules(object.Name).Of(object.Fields[i]))
	decides, held := k.hold(sent.Field)
	if held && !decides.Skipped { // it was being put back, and a person is to decide still
		outcome = plan.Outcome{Do: plan.Hold}
	} else {
		decides.Salesforce = sent.Value
	}
	events = append(events, r.overwrote(record.Marketo, sent.Field, c.spelled, sent.Value))
	if outcome.Do == plan.Write && outcome.To == record.Marketo {
		return events, nil
	}
	back := Change{Field: sent.Field, Value: c.old, At: c.at, Prior: k.Baseline.Prints(sent.Field, sent.Value)}
	restoreField(rows, k, r.n, r.Now(), record.Marketo, back)
	events = append(events, r.putBack(record.Marketo, sent.Field, c.old))
	if outcome.Do == plan.Write {
		back.Lost = &sent.Value
		restoreField(rows, k, r.n, r.Now(), record.Salesforce, back)
		return events, nil
	}
	if sent.With {
		return events, nil
	}
	return events, &Hold{Link: k.Link.ID, Field: sent.Field, Cause: "conflict", Salesforce: decides.Salesforce, Marketo: c.old, Since: r.Now()}
}

// changeOf is what a Change Data Value activity says of one field, in canonical form.
type changeOf struct {
	old     record.Value // by the rules
	spelled record.Value // as it stood there
	unruled bool         // it was overwritten before the field had its rule: old is spelled
	at      time.Time
}

// overwritten goes through the activities for echoes of our own writes and judges what they overwrote. Of several that look
// like one, as where a stretch of the log is read again, the newest is ours. An echo that was heard is not listened for again: the same
// stretch comes once more within the hour.
func (r *run) overwritten(people map[record.ID]*news, changes []marketo.Change) []Step {
	type echo struct {
		sent Change
		changeOf
	}
	type wrote struct {
		echo  int64
		field uint16
	}
	echoes, stood := map[record.ID]map[wrote]echo{}, stoodBefore(changes)
	var order []record.ID
	for _, c := range changes {
		n := people[c.Person]
		if n == nil {
			continue
		}
		for _, e := range slices.Backward(n.known.Echoes) {
			sent, was, ok := r.echo(n.known, e.Since, e.Fields, c, stood)
			if !ok {
				continue
			}
			if echoes[c.Person] == nil {
				echoes[c.Person], order = map[wrote]echo{}, append(order, c.Person)
			}
			echoes[c.Person][wrote{e.ID, sent.Field}] = echo{sent, was}
			break
		}
	}
	var steps []Step
	for _, id := range order {
		known := people[id].known
		for _, e := range known.Echoes {
			r.hear(e, func(c Change) bool {
				for w, heard := range echoes[id] {
					if w.field == c.Field && w.echo >= e.ID && heard.sent.Value == c.Value { // or an older one, of which the same line would seem to tell
						return true
					}
				}
				return false
			})
		}
		st, rows := Step{Link: known.Link}, map[record.Side]*Row{}
		told := slices.SortedFunc(maps.Values(echoes[id]), func(a, b echo) int {
			return cmp.Or(cmp.Compare(a.sent.Field, b.sent.Field), a.at.Compare(b.at))
		})
		for _, e := range told {
			if known.Baseline.Same(e.sent.Field, e.sent.Value) {
				r.overwroteUnseen(&st, rows, known, e.changeOf, e.sent)
			} else { // the log tells late, and the sides agreed upon something newer since
				r.overwroteUnseen(&st, nil, known, e.changeOf, e.sent)
			}
		}
		if st.putRows(rows); len(st.Events) > 0 {
			steps = append(steps, st)
		}
	}
	return steps
}

// hear takes the fields off an echo of which activities have told.
func (r *run) hear(e Echo, told func(Change) bool) {
	left := slices.DeleteFunc(slices.Clone(e.Fields), told)
	if len(left) < len(e.Fields) {
		e.Fields = left
		r.heard = append(r.heard, e)
	}
}

// overwroteUnseen judges what one of our writes replaced: nothing is to be said of what was believed to be there. Without rows it is only
// told.
func (r *run) overwroteUnseen(st *Step, rows map[record.Side]*Row, k Known, was changeOf, sent Change) {
	object := r.object(k.Link.Object)
	i := object.Index(sent.Field)
	switch {
	case was.old == sent.Value, i >= 0 && r.believed(object, i, sent, was, k.Baseline), i < 0 && unsurprising(sent, was.old, k.Baseline):
		return
	case i < 0 || rows == nil || was.unruled: // it stopped travelling as it did: what was lost is told all the same
		st.Events = append(st.Events, r.overwrote(record.Marketo, sent.Field, was.spelled, sent.Value))
		return
	}
	events, hold := r.overwrittenField(rows, k, was, sent)
	st.Events = append(st.Events, events...)
	if hold != nil {
		st.Holds = append(st.Holds, *hold)
	}
}

// putRows adds rows to a step, Salesforce's first.
func (st *Step) putRows(rows map[record.Side]*Row) {
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if row := rows[side]; row != nil {
			st.Out = append(st.Out, *row)
		}
	}
}

// webService is the source of changes that came through the API (Marketo, Change Data Value activity), listImport of those that an import made.
const webService, listImport = "Web service API", "List import"

// mayBeOurs reports that a change may be one that Doppio made, by its source; "" is one that Marketo does not tell.
func mayBeOurs(source string) bool {
	return source == "" || strings.EqualFold(source, webService) || strings.EqualFold(source, listImport)
}

// echo tells whether an activity is that of our sending fields to a link's person, and gives what was sent and what stood there
// before. It is no such thing when it is older than since, or came from elsewhere.
func (r *run) echo(k Known, since time.Time, fields []Change, c marketo.Change, stood before) (change Change, was changeOf, ok bool) {
	if c.Type != changeDataValue || !mayBeOurs(c.Source) || c.At.Before(since.Add(r.ahead-2*time.Second)) {
		return Change{}, changeOf{}, false
	}
	object := r.object(k.Link.Object)
	i, f := spokenOf(object, c.Field)
	at := slices.IndexFunc(fields, func(change Change) bool { return change.Field == f.Number })
	if f.Marketo == "" || at < 0 {
		return Change{}, changeOf{}, false
	}
	change = fields[at]
	now, err := f.Type.Canon(c.New)
	if err != nil || now != change.Value {
		return Change{}, changeOf{}, false
	}
	spelled, err := f.Type.Canon(c.Old)
	was = changeOf{old: spelled, spelled: spelled, at: c.At}
	switch {
	case i < 0:
	case change.Ruled:
		was.old = r.ruled(object, i, record.Marketo, spelled, stood.of(c.Person, object, fields))
	default:
		was.unruled = r.Rules.Object(object.Name).Name(i) != ""
	}
	return change, was, err == nil
}

// spokenOf is the field of which an activity speaks, and its place among those that travel: -1 when it stopped.
func spokenOf(object schema.Object, name string) (int, schema.Field) {
	for i, f := range object.Fields {
		if strings.EqualFold(f.Marketo, name) {
			return i, f
		}
	}
	for _, f := range object.Aside {
		if strings.EqualFold(f.Marketo, name) {
			return -1, f
		}
	}
	return -1, schema.Field{}
}
