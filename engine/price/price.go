// Package price reckons what each field cost, by living through the history once more: which records were written for it, which for it
// alone, and which would not have been with a band, with a quiet time, or without the field.
//
// In flow the lines of history, link by link; out flow the fields with their prices. It estimates nothing: each write of the past is
// decided anew, in the order in which it happened. What it keeps of values it forgets with their link.
package price

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
)

// Line is one line of history.
type Line struct {
	Link   int64
	Object record.Object // of the link
	At     time.Time
	Cycle  int64
	Side   record.Side // where it was changed, or written
	Kind   Kind
	Field  uint16
	Old    record.Value // what stood there before, blank where nobody knew
	New    record.Value
	Times  int // how often it changed, of a Changed
}

// Kind is what a line tells.
type Kind uint8

// The kinds that count.
const (
	Changed Kind = iota + 1 // a side was seen to have changed the field
	Written                 // a side took the field's value
)

// Field is what one field cost.
type Field struct {
	Object record.Object
	Number uint16
	// Changes were seen on either side; Writes are record writes that had the field in them, Alone those that had no other.
	Changes, Writes, Alone int
	// Calls are the share that its lonely writes have in the calls with which they went out and were read back, rounded up.
	Calls int
	// Band, QuietDay and Hide are the record writes that there would not have been.
	Band, QuietDay, Hide int
}

// Rates say how many records go into one call.
type Rates struct {
	Write, ReadBack map[record.Side]int
}

// Replay lives through a history. The lines of a link must come together, in their order; links may come in any.
type Replay struct {
	since  time.Time
	rates  Rates
	bands  func(record.Object, uint16) (*rule.Bands, bool)
	fields map[key]*tally
	batch  map[batch]int // record writes, by cycle and side

	link   int64
	object record.Object // of link
	state  map[slot]*past
	write  []Line // of one record write, as far as it has come
}

type key struct {
	object record.Object
	field  uint16
}

// batch is what goes out together.
type batch struct {
	cycle int64
	side  record.Side
}

type tally struct {
	Field
	alone map[batch]int
}

// slot is a field on the side that it is written to.
type slot struct {
	side  record.Side
	field uint16
}

// past is how a field stands in the three other pasts, on one link.
type past struct {
	band    record.Value // that it would be in; blank before its first write
	last    record.Value // that would have been written last with a quiet time
	known   bool         // last is known
	pending bool         // a value waits for its day to be over
	value   record.Value
	until   time.Time
	counts  bool // it began to wait within the time asked about
}

// New begins a replay that counts from a time on; what lies before it is lived through all the same, to know how things stood. bands are those
// that a field would have; a field without is left out of that question.
func New(since time.Time, rates Rates, bands func(record.Object, uint16) (*rule.Bands, bool)) *Replay {
	return &Replay{since: since, rates: rates, bands: bands, fields: map[key]*tally{}, batch: map[batch]int{}, state: map[slot]*past{}}
}

// Add lives through the next line.
func (r *Replay) Add(l Line) {
	if l.Link != r.link {
		r.endLink()
		r.link, r.object = l.Link, l.Object
	}
	if len(r.write) > 0 {
		if first := r.write[0]; l.Kind != Written || l.Side != first.Side || l.Cycle != first.Cycle || !l.At.Equal(first.At) {
			r.endWrite()
		}
	}
	switch l.Kind {
	case Changed:
		if !l.At.Before(r.since) {
			r.of(key{l.Object, l.Field}).Changes += max(l.Times, 1)
		}
		r.began(l)
	case Written:
		r.write = append(r.write, l)
	}
}

// began takes over what stood in a field before its first change that is told of.
func (r *Replay) began(l Line) {
	p := r.past(l.Side.Other(), l.Field)
	if p.known || l.Old.IsBlank() {
		return
	}
	p.last, p.known = l.Old, true
	if b, ok := r.bands(l.Object, l.Field); ok {
		p.band = b.Of(l.Old, record.Value{})
	}
}

func (r *Replay) of(k key) *tally {
	if r.fields[k] == nil {
		r.fields[k] = &tally{Field: Field{Object: k.object, Number: k.field}, alone: map[batch]int{}}
	}
	return r.fields[k]
}

func (r *Replay) past(side record.Side, field uint16) *past {
	at := slot{side, field}
	if r.state[at] == nil {
		r.state[at] = &past{}
	}
	return r.state[at]
}

// endWrite decides one record write anew.
func (r *Replay) endWrite() {
	lines := r.write
	r.write = r.write[:0]
	first := lines[0]
	counts := !first.At.Before(r.since)
	where := batch{first.Cycle, first.Side}
	alone := len(lines) == 1
	if counts {
		r.batch[where]++
	}
	for _, l := range lines {
		t := r.of(key{l.Object, l.Field})
		if counts {
			t.Writes++
			if alone {
				t.Alone++
				t.alone[where]++
			}
		}
		r.banded(l, alone && counts, t)
	}
	for at, p := range r.state {
		if at.side == first.Side && !slices.ContainsFunc(lines, func(l Line) bool { return l.Field == at.field }) {
			r.takeAlong(at.field, p, first.At)
		}
	}
	for _, l := range lines {
		r.quiet(l, alone, counts)
	}
}

// banded writes the field only where it leaves its band.
func (r *Replay) banded(l Line, saves bool, t *tally) {
	b, ok := r.bands(l.Object, l.Field)
	if !ok {
		return
	}
	p := r.past(l.Side, l.Field)
	now := b.Of(l.New, p.band)
	if now == p.band && saves {
		t.Band++
	}
	p.band = now
}

// quiet lets the field wait for the end of its day. A write that has other fields too would have taken it along.
func (r *Replay) quiet(l Line, alone, counts bool) {
	p := r.past(l.Side, l.Field)
	r.flush(l.Field, p, l.At)
	if !alone {
		p.last, p.known, p.pending = l.New, true, false
		return
	}
	if counts {
		r.of(key{l.Object, l.Field}).QuietDay++ // taken back by flush, where it is written after all
	}
	switch {
	case p.known && p.last == l.New: // back to what stands there
		p.pending = false
	case !p.pending:
		y, m, d := l.At.Date()
		p.pending, p.until, p.counts = true, time.Date(y, m, d+1, 0, 0, 0, 0, l.At.Location()), counts
		p.value = l.New
	default:
		p.value, p.counts = l.New, p.counts || counts
	}
}

// takeAlong is what a write of the record for other fields does: whatever waits goes along.
func (r *Replay) takeAlong(field uint16, p *past, at time.Time) {
	r.flush(field, p, at)
	if p.pending {
		p.last, p.known, p.pending = p.value, true, false
	}
}

// flush writes what waits if its day is over by then.
func (r *Replay) flush(field uint16, p *past, at time.Time) {
	if !p.pending || at.Before(p.until) {
		return
	}
	if p.counts {
		r.of(key{r.object, field}).QuietDay--
	}
	p.last, p.known, p.pending = p.value, true, false
}

// endLink lets the last day of a link be over.
func (r *Replay) endLink() {
	if len(r.write) > 0 {
		r.endWrite()
	}
	for at, p := range r.state {
		r.flush(at.field, p, p.until)
	}
	clear(r.state)
}

// Fields ends the replay and gives the fields, those first that cost most writes alone.
func (r *Replay) Fields() []Field {
	r.endLink()
	var out []Field
	for _, t := range r.fields {
		f := t.Field
		f.Hide = f.Alone
		share := 0.0
		// Of a history that does not tell of changes, what was written had changed.
		f.Changes = max(f.Changes, f.Writes)
		for where, n := range t.alone {
			for _, rate := range []int{r.rates.Write[where.side], r.rates.ReadBack[where.side]} {
				if rate > 0 {
					share += float64(calls(r.batch[where], rate)) * float64(n) / float64(r.batch[where])
				}
			}
		}
		f.Calls = int(math.Ceil(share - 1e-9))
		if f.Changes > 0 {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b Field) int {
		return cmp.Or(b.Alone-a.Alone, b.Writes-a.Writes, b.Changes-a.Changes, cmp.Compare(a.Object, b.Object), int(a.Number)-int(b.Number))
	})
	return out
}

// calls is how many calls n records take.
func calls(n, rate int) int { return (n + rate - 1) / rate }
