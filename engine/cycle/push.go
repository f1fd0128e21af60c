package cycle

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/schema"
)

// pushPasses bounds how often a cycle goes over the outbox: a creation's answer plans the writing of its id, a lock may be
// gone a moment later, a lost answer is cleared up. What is left then waits for the next cycle.
const pushPasses = 6

// patience is how long a cycle waits for rows that were refused for a passing reason before it leaves them to the next.
const patience = 15 * time.Second

// push drains the outbox until nothing more can be sent. Where one write after the other gets no answer it ends with what became of the last.
func (r *run) push(ctx context.Context) error {
	r.Progress(Progress{Phase: Pushing})
	for range pushPasses {
		r.silence = nil
		sent, err := r.pushOnce(ctx)
		if err != nil {
			return err
		}
		if err := r.recover(ctx); err != nil {
			return err
		}
		if err := r.recheck(ctx); err != nil {
			return err
		}
		waited, err := r.wait(ctx)
		if err != nil || sent == 0 && !waited && r.silence == nil {
			return err
		}
	}
	return r.unheard(ctx)
}

// unheard is what became of the last writes of a cycle that got no answer; nil where they turned out to have been made.
func (r *run) unheard(ctx context.Context) error {
	if r.silence == nil {
		return nil
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if rows, err := r.due(ctx, side, 1); err != nil || len(rows) > 0 {
			return errors.Join(r.silence, err)
		}
	}
	return nil
}

// wait lets the next pass begin when the first of the postponed rows is due, if that is soon. A row may have been postponed by
// an earlier cycle, one that was interrupted a moment ago.
func (r *run) wait(ctx context.Context) (waited bool, err error) {
	due, err := r.Ledger.NextDue(ctx, r.Now())
	if err != nil {
		return false, err
	}
	return r.waitFor(ctx, due)
}

// waitFor waits until a time, if that is soon.
func (r *run) waitFor(ctx context.Context, due time.Time) (waited bool, err error) {
	d := due.Sub(r.Now())
	if due.IsZero() || d > patience {
		return false, nil
	}
	return true, pace.Sleep(ctx, d)
}

// pushOnce sends what is due on both sides, side by side. One side that stops, for its quota or a broken line, does not
// stop the other.
func (r *run) pushOnce(ctx context.Context) (int, error) {
	var sent [2]int
	var errs [2]error
	var g errgroup.Group
	g.Go(func() error {
		if sent[0], errs[0] = r.pushImport(ctx); errs[0] == nil {
			var n int
			n, errs[0] = r.pushSide(ctx, record.Marketo)
			sent[0] += n
		}
		return nil
	})
	g.Go(func() error {
		if sent[1], errs[1] = r.pushBulk(ctx); errs[1] == nil {
			var n int
			n, errs[1] = r.pushSide(ctx, record.Salesforce)
			sent[1] += n
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return 0, err
	}
	return sent[0] + sent[1], errors.Join(errs[0], errs[1])
}

// refusal turns a side's refusal of one row into an answer.
func (r *run) refusal(row Row, failure pace.Failure) Answer {
	a := Answer{Row: row.ID, Link: row.Link, Side: row.Side, Cycle: r.n, At: r.Now(), Cause: r.cause(row.Side, failure)}
	switch failure.Class() {
	case pace.Transient, pace.Locked, pace.Quota:
		a.Outcome, a.Next = Postponed, r.Now().Add(backOff(row.Tries))
	case pace.Changed: // what stands there now is read and planned before the next pass
		a.Outcome, a.Next, a.Recheck = Postponed, r.Now(), true
	case pace.Gone:
		if row.Action != Create || !row.Object.IsPerson() { // the key of a creation may lead to a record that is there no more, and would again
			if a.Outcome, a.Recheck = Void, true; row.Action == Delete && row.Tries > 0 { // it went before, and its answer was lost
				a.Events = r.tookAll(row)
			}
			return a
		}
		fallthrough
	default:
		if SchemaSuspect(failure) {
			r.SchemaChanged()
		}
		a.Outcome, a.Next = Refused, r.Now()
		a.Events = []Event{{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "failed", Field: NoField, Detail: failure.Code()}}
		if named := r.refusedFields(row, failure); len(named) > 0 {
			r.partly(&a, row, named)
		}
	}
	return a
}

// cause is what a refusal is grouped by: the side's code, and where it named them the fields ("STRING_TOO_LONG:Title"). Only
// mapped fields are named: what else a side puts there may be somebody's value.
func (r *run) cause(side record.Side, failure pace.Failure) string {
	var named []string
	var sf *salesforce.Error
	var mk *marketo.Error
	switch {
	case errors.As(failure, &sf):
		named = sf.Fields
	case errors.As(failure, &mk):
		named = mk.Fields
	}
	var fields []string
	for _, o := range r.Mapping.Objects {
		for _, f := range o.Fields {
			if name := f.On(side); slices.Contains(named, name) && !slices.Contains(fields, name) {
				fields = append(fields, name)
			}
		}
	}
	if len(fields) == 0 {
		return failure.Code()
	}
	slices.Sort(fields)
	return failure.Code() + ":" + strings.Join(fields, ",")
}

// backOff is how long a row waits after a transient refusal: seconds the first time, then ever longer, after the fifth try an hour.
func backOff(tries int) time.Duration {
	steps := []time.Duration{2 * time.Second, 10 * time.Second, time.Minute, 5 * time.Minute, 20 * time.Minute}
	if tries < len(steps) {
		return steps[tries]
	}
	return time.Hour
}

// answered turns what a side said of rows into answers; taken makes that of a row that it accepted. Rows of which it said nothing wait as
// before, or are in doubt.
func answered[R interface {
	Of() int64
	Refusal() pace.Failure
}](r *run, rows []Row, results []R, err error, taken func(Row, R) Answer) ([]Answer, error) {
	answers, sent := make([]Answer, 0, len(rows)), await(rows)
	for _, res := range results {
		row := sent.take(res.Of())
		if failure := res.Refusal(); failure != nil {
			answers = append(answers, r.refusal(row, failure))
		} else {
			answers = append(answers, taken(row, res))
		}
	}
	return append(answers, r.unanswered(sent, err)...), doubtless(err)
}

// undone gives rows back that were marked as being sent and did not leave: they wait as before.
func (r *run) undone(rows []Row) []Answer {
	answers := make([]Answer, len(rows))
	for i, row := range rows {
		answers[i] = Answer{Row: row.ID, Link: row.Link, Side: row.Side, Outcome: Postponed, Next: r.Now(), Cycle: r.n, At: r.Now(), Cause: row.Cause}
	}
	return answers
}

// accepted is the answer to a row that a side took: its values are agreed upon from now on.
func (r *run) accepted(row Row, id record.ID, created bool) Answer {
	a := Answer{Row: row.ID, Link: row.Link, Side: row.Side, Outcome: Accepted, Target: id, Same: row.Action == Update && id == row.Target, Cycle: r.n, At: r.Now()}
	if row.Action == WriteID && id == row.Target {
		a.Target = ""
	}
	a.Mapped = counts(r.Mapping, row)
	if row.Action == Delete {
		a.Recheck = true // the record may be waiting for a new twin
		a.Events = append(r.tookAll(row), Event{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "deleted", Field: NoField, Detail: "deleted"})
		return a
	}
	if rest, waits := row.aside(); waits { // the tick alone was sent
		a.Then = append(a.Then, rest)
	} else {
		a.Then = r.leftOf(row)
	}
	if v, sets := row.ticked(); sets && v.Text() == "true" {
		a.Events = append(a.Events, Event{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "ticked", Field: NoField})
		return a
	}
	a.Agreed = make([]Agreed, 0, len(row.Fields))
	mapped := r.objectOfRow(row)
	for _, c := range row.Fields {
		if isFlag(c.Field) {
			continue
		}
		a.Agreed = append(a.Agreed, Agreed{c.Field, c.Value})
		if i := mapped.Index(c.Field); i >= 0 && mapped.Fields[i].Salesforce == "Email" && row.Object.IsPerson() && row.Action == Update {
			email := folded(c.Value)
			a.Email = &email
		}
	}
	if row.Action == Create {
		a.Then = r.introduce(row, id)
	}
	if created {
		a.Agreed = append(a.Agreed, r.blanks(row)...)
		a.Events = append(append(a.Events, Event{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "created", Field: NoField}), r.tookAll(row)...)
		return a
	}
	for _, c := range row.Fields {
		if c.With {
			continue
		}
		a.Events = append(a.Events, r.tookAway(row.Side, c)...)
		e := Event{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "written", Field: c.Field, New: c.Value, Detail: string(row.By)}
		if c.Field == OutFlag {
			e = Event{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "unticked", Field: NoField}
		}
		if c.Field == Flag {
			e = Event{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "marked", Field: NoField, Detail: c.Value.Text()}
		}
		a.Events = append(a.Events, e)
	}
	switch row.Action {
	case Delete:
		a.Events = append(a.Events, Event{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "deleted", Field: NoField, Detail: "as its twin was"})
	case Merge:
		a.Events = append(a.Events, Event{At: r.Now(), Cycle: r.n, Side: row.Side, Kind: "merged", Field: NoField, Detail: "into " + string(row.Target)})
	}
	return a
}

// WrittenBack is the write that follows when the creation of a person is answered: its id, on the record that it was made from. ok is false
// where the set-up made no field for it.
func WrittenBack(m schema.Mapping, row Row) (back Row, ok bool) {
	side := row.Side.Other()
	field := m.MarketoID
	if side == record.Marketo {
		field = m.SalesforceID
	}
	object := record.Person
	if side == record.Salesforce {
		object = objectOf(row.Source)
	}
	return Row{Link: row.Link, Side: side, Object: object, Target: row.Source, Action: WriteID, State: Waiting, Lane: row.Lane, First: row.First},
		field != "" && row.Action == Create && row.Object.IsPerson()
}

// introduce writes the id that a creation got on the record that it was made from, and takes a mark away there.
func (r *run) introduce(row Row, id record.ID) []Row {
	out, known := WrittenBack(r.Mapping, row)
	flag, unmarks := row.flagged()
	unmarks = unmarks && r.flag(out.Side) != ""
	if !known && !unmarks || !row.Object.IsPerson() || id == "" {
		return nil
	}
	out.Source, out.Cycle, out.Since = id, r.n, r.Now()
	if known {
		out.Carry = id
	}
	if unmarks {
		out.Action, out.Fields = Update, []Change{{Field: Flag, Value: flag, At: r.Now()}}
	}
	return []Row{out}
}

// blanks are the fields that a creation left out: both sides now hold nothing in them. Should the target have a default
// of its own, its feed tells, and it travels back like any change.
func (r *run) blanks(row Row) []Agreed {
	var out []Agreed
	fields := r.objectOfRow(row).Fields
	for i := range fields {
		f := &fields[i]
		if _, sent := row.field(f.Number); sent || !f.Direction.Writes(row.Side) {
			continue
		}
		blank := record.Value{}
		if f.Type.Kind == record.Boolean {
			blank = record.Of("false")
		}
		out = append(out, Agreed{f.Number, blank})
	}
	return out
}

// lost tells the rows whose answers were lost from those that never left.
func lost(err error) map[int64]bool {
	keys := map[int64]bool{}
	for doubt := (*pace.InDoubt)(nil); errors.As(err, &doubt); err = doubt.Cause {
		for _, k := range doubt.Keys {
			keys[k] = true
		}
	}
	return keys
}
