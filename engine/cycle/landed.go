package cycle

import (
	"context"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
)

// landing is what the activity log says about one person's row.
type landing struct {
	step Step
	rows map[record.Side]*Row
}

// landed looks in the activity log for writes of ours whose answers were lost, and which wait to be sent again. At that moment both
// sides agreed, so what came later is a change like any other. Without this, setting a field back to what it was would look as
// if nothing had been written at all, and be overwritten.
func (r *run) landed(ctx context.Context, people map[record.ID]*news, changes []marketo.Change) error {
	landings, stood := map[record.ID]*landing{}, stoodBefore(changes)
	var ids []record.ID
	for _, c := range changes {
		n := people[c.Person]
		if n == nil || !n.known.waits() {
			continue
		}
		waiting := n.known.Out[record.Marketo]
		change, was, ok := r.echo(n.known, waiting.Since, waiting.Fields, c, stood)
		if !ok {
			continue
		}
		l := landings[c.Person]
		if l == nil {
			row := *waiting
			row.Fields, row.Refused = slices.Clone(row.Fields), slices.Clone(row.Refused)
			l = &landing{Step{Link: n.known.Link, Recheck: true}, map[record.Side]*Row{record.Marketo: &row}}
			landings[c.Person], ids = l, append(ids, c.Person)
		}
		l.step.Agreed = append(l.step.Agreed, Agreed{change.Field, change.Value})
		l.rows[record.Marketo].drop(change.Field)
		if object := r.object(n.known.Link.Object); change.Lost != nil && r.believed(object, object.Index(change.Field), change, was, n.known.Baseline) {
			l.step.Events = append(l.step.Events, r.tookAway(record.Marketo, change)...)
		}
		if waiting.tried() {
			told := r.foundThere(record.Marketo, change, waiting)
			told.Old, told.Detail = was.spelled, strings.TrimSpace(WasRead+" "+string(waiting.By))
			l.step.found(told, r.Mapping, *waiting)
		}
		r.overwroteUnseen(&l.step, l.rows, n.known, was, change)
	}
	if len(ids) == 0 {
		return nil
	}
	page := Page{}
	for _, id := range ids {
		l := landings[id]
		l.step.putRows(l.rows)
		page.Steps = append(page.Steps, l.step)
	}
	if err := r.commit(ctx, page); err != nil {
		return err
	}
	return r.recall(ctx, people, ids)
}

// waits reports that fields of a pair wait to be written to Marketo.
func (k Known) waits() bool {
	row := k.Out[record.Marketo]
	return row != nil && row.Action == Update && (row.State == Waiting || row.State == Resting || row.State == Failed)
}
