package cycle

import (
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/plan"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// judge turns Salesforce's answer to one row into ours. Where the reading beside the write shows another value than was
// believed, somebody edited the record in between: the policy decides anew, and what was overwritten is told or put back.
func (r *run) judge(row Row, res salesforce.Result, k Known) Answer {
	if res.Err != nil {
		return r.refusal(row, res.Err)
	}
	a := r.accepted(row, res.ID, row.Action == Create && res.Created)
	if row.Action == Create && !res.Created {
		a.Recheck = true
	}
	// Of a write that was sent twice the reading may show what the first one wrote: nothing can be judged by it.
	if k.Link.ID == 0 || res.Before == nil || res.Repeated {
		return a
	}
	object := r.object(row.Object)
	restore := map[record.Side]*Row{}
	place := 0
	for _, c := range row.Fields {
		i := object.Index(c.Field)
		if i < 0 {
			continue
		}
		before := res.Before[place]
		place++
		if before == c.Value || unsurprising(c, before, k.Baseline) {
			continue
		}
		cell := plan.Cell{
			Agreed: true, Direction: object.Fields[i].Direction,
			Salesforce: plan.Told{Known: true, Changed: true, Value: before, At: res.Edited},
			Marketo:    plan.Told{Known: true, Changed: true, Value: c.Value, At: c.At},
		}
		outcome := plan.Field(cell, r.rules(object.Name))
		if outcome.Do == plan.Write && outcome.To == record.Salesforce {
			a.Events = append(a.Events, r.overwrote(record.Salesforce, c.Field, before, c.Value))
			continue
		}
		// The value found there counts, or a person decides: either way it goes back where it was.
		restoreField(restore, k, r.n, r.Now(), record.Salesforce, Change{Field: c.Field, Value: before, At: res.Edited, Prior: k.Baseline.Prints(c.Field, c.Value)})
		a.Events = append(a.Events, r.overwrote(record.Salesforce, c.Field, before, c.Value), r.putBack(record.Salesforce, c.Field, before))
		if outcome.Do == plan.Write {
			restoreField(restore, k, r.n, r.Now(), record.Marketo, Change{Field: c.Field, Value: before, At: res.Edited, Prior: k.Baseline.Prints(c.Field, c.Value)})
		} else {
			a.Holds = append(a.Holds, Hold{Link: k.Link.ID, Field: c.Field, Cause: "conflict", Salesforce: before, Marketo: c.Value, Since: r.Now()})
		}
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if restore[side] != nil {
			a.Then = append(a.Then, *restore[side])
		}
	}
	return a
}

// unsurprising reports that a value found beside a write is the one that was believed to be there.
func unsurprising(c Change, found record.Value, b Baseline) bool {
	switch c.Prior {
	case 0:
		return true
	case priorBlank:
		return found.IsBlank()
	}
	return b.Prints(c.Field, found) == c.Prior
}

func (r *run) overwrote(side record.Side, field uint16, lost, by record.Value) Event {
	return Event{At: r.Now(), Cycle: r.n, Side: side, Kind: "overwrote", Field: field, Old: lost, New: by, Detail: "edited while it was being written"}
}

func (r *run) putBack(side record.Side, field uint16, value record.Value) Event {
	return Event{At: r.Now(), Cycle: r.n, Side: side, Kind: "planned", Field: field, New: value, Detail: "put back"}
}

// restoreField adds a change to the row towards a side that puts values back, beginning with what waits there already.
func restoreField(rows map[record.Side]*Row, k Known, n int64, now time.Time, side record.Side, c Change) {
	row := rows[side]
	if row == nil {
		row = &Row{Link: k.Link.ID, Side: side, Object: target(k.Link, side), Target: k.Link.On(side), Source: k.Link.On(side.Other()), Since: now, Lane: CycleLane}
		if waiting := k.Out[side]; waiting != nil && (waiting.State == Waiting || waiting.State == Failed) {
			*row = *waiting
			row.Fields = append([]Change(nil), waiting.Fields...)
		}
		row.State, row.Action, row.Cycle = Waiting, Update, n
		rows[side] = row
	}
	for i := range row.Fields {
		if row.Fields[i].Field == c.Field {
			row.Fields[i] = c
			return
		}
	}
	row.Fields = append(row.Fields, c)
}

// overwrittenField judges a field of which our own write to Marketo replaced another value than was believed to be
// there: an edit that nobody had seen was overwritten (promise 6). The policy decides anew.
func (r *run) overwrittenField(rows map[record.Side]*Row, k Known, c changeOf, sent Change) (events []Event, hold *Hold) {
	object := r.object(k.Link.Object)
	i := object.Index(sent.Field)
	cell := plan.Cell{
		Agreed: true, Direction: object.Fields[i].Direction,
		Salesforce: plan.Told{Known: true, Changed: true, Value: sent.Value, At: sent.At},
		Marketo:    plan.Told{Known: true, Changed: true, Value: c.old, At: c.at},
	}
	outcome := plan.Field(cell, r.rules(object.Name))
	events = append(events, r.overwrote(record.Marketo, sent.Field, c.old, sent.Value))
	if outcome.Do == plan.Write && outcome.To == record.Marketo {
		return events, nil
	}
	back := Change{Field: sent.Field, Value: c.old, At: c.at, Prior: k.Baseline.Prints(sent.Field, sent.Value)}
	restoreField(rows, k, r.n, r.Now(), record.Marketo, back)
	events = append(events, r.putBack(record.Marketo, sent.Field, c.old))
	if outcome.Do == plan.Write {
		restoreField(rows, k, r.n, r.Now(), record.Salesforce, back)
		return events, nil
	}
	return events, &Hold{Link: k.Link.ID, Field: sent.Field, Cause: "conflict", Salesforce: sent.Value, Marketo: c.old, Since: r.Now()}
}

// changeOf is what a Change Data Value activity says of one field, in canonical form.
type changeOf struct {
	old record.Value
	at  time.Time
}

// overwritten goes through the activities for echoes of our own writes and judges what they overwrote.
func (r *run) overwritten(people map[record.ID]*news, changes []marketo.Change) []Step {
	steps := map[LinkID]*Step{}
	restores := map[LinkID]map[record.Side]*Row{}
	var order []LinkID
	for _, c := range changes {
		n := people[c.Person]
		if c.Type != changeDataValue || n == nil || n.known.Out[record.Marketo] == nil || n.known.Out[record.Marketo].State != Done {
			continue
		}
		sent, old, ok := r.echo(n.known, c)
		if !ok || old == sent.Value || unsurprising(sent, old, n.known.Baseline) {
			continue
		}
		link := n.known.Link
		if steps[link.ID] == nil {
			steps[link.ID], restores[link.ID] = &Step{Link: link}, map[record.Side]*Row{}
			order = append(order, link.ID)
		}
		st := steps[link.ID]
		events, hold := r.overwrittenField(restores[link.ID], n.known, changeOf{old, c.At}, sent)
		st.Events = append(st.Events, events...)
		if hold != nil {
			st.Holds = append(st.Holds, *hold)
		}
	}
	out := make([]Step, 0, len(order))
	for _, id := range order {
		st := steps[id]
		for _, side := range []record.Side{record.Salesforce, record.Marketo} {
			if row := restores[id][side]; row != nil {
				st.Out = append(st.Out, *row)
			}
		}
		out = append(out, *st)
	}
	return out
}

// echo tells whether an activity is that of our last write to a field, and gives what was sent and what stood there before.
func (r *run) echo(k Known, c marketo.Change) (sent Change, old record.Value, ok bool) {
	object := r.object(k.Link.Object)
	for _, f := range object.Fields {
		if !strings.EqualFold(f.Marketo, c.Field) {
			continue
		}
		for _, change := range k.Out[record.Marketo].Fields {
			if change.Field != f.Number {
				continue
			}
			now, err := f.Type.Canon(c.New)
			if err != nil || now != change.Value {
				return Change{}, record.Value{}, false
			}
			if old, err = f.Type.Canon(c.Old); err != nil {
				return Change{}, record.Value{}, false
			}
			return change, old, true
		}
	}
	return Change{}, record.Value{}, false
}
