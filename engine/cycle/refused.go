package cycle

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// A side that names the fields for whose sake it refuses a change refuses them alone: the others of the record go at once, and these wait as
// a failure. They are kept in the row of their record, whatever else is written through it, since their values may stand nowhere else: the
// log that told of them is not read again.

// Refusal is a change that its target refused to take.
type Refusal struct {
	Change
	Cause string    // a code and the field that was named
	Since time.Time // when it was refused: a target that was changed later may take it
}

// Fails reports a row of which something was refused.
func (r Row) Fails() bool { return r.State == Failed || len(r.Refused) > 0 }

// RefusedFor are the causes for which changes of a row were refused: each code with all fields that were refused for it, in the order in which
// they were. There are none where no field was refused by its name.
func (r Row) RefusedFor() (causes []string) {
	var codes []string
	names := map[string][]string{}
	for _, f := range r.Refused {
		code, name, _ := strings.Cut(f.Cause, ":")
		if names[code] == nil {
			codes = append(codes, code)
		}
		if !slices.Contains(names[code], name) {
			names[code] = append(names[code], name)
		}
	}
	for _, code := range codes {
		slices.Sort(names[code])
		causes = append(causes, code+":"+strings.Join(names[code], ","))
	}
	return causes
}

// FailsFor are the causes for which a row counts as a failure: that of its last refusal as a whole, then those of what was refused of it.
func (r Row) FailsFor() (causes []string) {
	if causes = r.RefusedFor(); r.State == Failed && !slices.Contains(causes, r.Cause) {
		causes = slices.Insert(causes, 0, r.Cause)
	}
	return causes
}

// Unwritten are the changes of a failure that were refused: those that were named, or all of a row that was refused as a whole.
func (r Row) Unwritten() []Change {
	if r.State == Failed {
		return r.all()
	}
	r.Fields = nil
	return r.all()
}

// Again lets what was refused be sent once more, with the rest of the row.
func (r *Row) Again() {
	if len(r.Refused) > 0 {
		r.Fields, r.Refused, r.Action = r.all(), nil, Update
	}
}

// all are the changes of a row, refused or not.
func (r *Row) all() []Change {
	if len(r.Refused) == 0 {
		return r.Fields
	}
	all := slices.Clone(r.Fields)
	for _, f := range r.Refused {
		all = append(all, f.Change)
	}
	slices.SortFunc(all, func(a, b Change) int { return int(a.Field) - int(b.Field) })
	return all
}

// refuses reports that a field of a row was refused.
func (r *Row) refuses(number uint16) bool {
	return r != nil && slices.ContainsFunc(r.Refused, func(f Refusal) bool { return f.Field == number })
}

// heal forgets that a field was refused: something else is written to it.
func (r *Row) heal(number uint16) {
	r.Refused = slices.DeleteFunc(r.Refused, func(f Refusal) bool { return f.Field == number })
}

// refusedFields are the fields of a row for whose sake it was refused, each with the cause. There are none where the side said anything else
// against it, which it would say without them too. A creation is refused as a whole; so are objects other than people, of which Marketo says that a
// value is wrong and not whose (Marketo REST API, error 1001).
func (r *run) refusedFields(row Row, failure pace.Failure) map[uint16]string {
	object := r.objectOfRow(row)
	if row.Action != Update || !row.Object.IsPerson() {
		return nil
	}
	named := map[uint16]string{}
	name := func(code string, names []string) (some bool) {
		for _, c := range row.Fields {
			i := object.Index(c.Field)
			if i < 0 || !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, object.Fields[i].On(row.Side)) }) {
				continue
			}
			if some = true; named[c.Field] == "" {
				named[c.Field] = code + ":" + object.Fields[i].On(row.Side)
			}
		}
		return some
	}
	var sf *salesforce.Error
	var mk *marketo.Error
	switch {
	case errors.As(failure, &sf):
		for _, e := range append([]*salesforce.Error{sf}, sf.More...) {
			if e.Retryable() || !name(e.Code(), e.Fields) {
				return nil
			}
		}
	case errors.As(failure, &mk):
		name(mk.Code(), mk.Fields)
	}
	// What the target takes only together is refused together.
	rules := r.Rules.Object(object.Name)
	for i, f := range object.Fields {
		with := rules.With(i)
		if named[f.Number] == "" || with < 0 {
			continue
		}
		if beside := object.Fields[with].Number; named[beside] == "" && slices.ContainsFunc(row.Fields, func(c Change) bool { return c.Field == beside }) {
			named[beside] = named[f.Number]
		}
	}
	return named
}

// partly makes of the refusal of a row one of the fields that were named: the rest of it waits to be sent at once, as it was planned.
func (r *run) partly(a *Answer, row Row, named map[uint16]string) {
	left := row
	left.Tries, left.Cause, left.Next, left.State = 0, "", time.Time{}, Waiting
	left.Fields, left.Refused = nil, slices.Clone(row.Refused)
	a.Events = nil
	for _, c := range row.Fields {
		cause := named[c.Field]
		if cause == "" {
			left.Fields = append(left.Fields, c)
			continue
		}
		left.heal(c.Field)
		left.Refused = append(left.Refused, Refusal{Change: c, Cause: cause, Since: a.At})
		if !c.With {
			code, _, _ := strings.Cut(cause, ":")
			a.Events = append(a.Events, Event{At: a.At, Cycle: r.n, Side: row.Side, Kind: "failed", Field: c.Field, Detail: code})
		}
	}
	a.Then = []Row{left}
}

// leftOf is what is left of a row whose turn is over: what was refused of it. In the cycle that refused it, the target was since changed by the
// rest of the row alone, with which it was refused.
func (r *run) leftOf(row Row) []Row {
	if len(row.Refused) == 0 {
		return nil
	}
	row.Fields, row.Carry, row.Action, row.Tries, row.Cause = nil, "", Update, 0, ""
	row.Refused = slices.Clone(row.Refused)
	for i := range row.Refused {
		if f := &row.Refused[i]; !f.Since.Before(r.report.Started) {
			f.Since = r.Now()
		}
	}
	return []Row{row}
}

// apart takes out of a row what its target refused and would refuse again: the same value, and nobody changed the target since.
func (s *sheet) apart(row *Row) {
	was := s.known.Out[row.Side]
	if was == nil || len(was.Refused) == 0 || row.Action != 0 || row.Target == "" || s.moved != 0 {
		return
	}
	rec := s.on(row.Side)
	var refused []Refusal
	for _, f := range was.Refused {
		at := slices.IndexFunc(row.Fields, func(c Change) bool { return c.Field == f.Field && c.Value == f.Value })
		if at >= 0 && (rec == nil || !rec.Modified.After(f.Since)) {
			f.Change = row.Fields[at]
			refused = append(refused, f)
		}
	}
	s.lookUp()
	is := func(number uint16) func(Refusal) bool { return func(f Refusal) bool { return f.Field == number } }
	for _, f := range refused {
		if with := s.rules.With(s.object.Index(f.Field)); with >= 0 { // where one of a pair goes, the other does
			beside := s.object.Fields[with].Number
			if slices.ContainsFunc(row.Fields, func(c Change) bool { return c.Field == beside }) && !slices.ContainsFunc(refused, is(beside)) {
				continue
			}
		}
		row.Refused = append(row.Refused, f)
	}
	row.Fields = slices.DeleteFunc(row.Fields, func(c Change) bool { return slices.ContainsFunc(row.Refused, is(c.Field)) })
}
