package cycle

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// schemaCodes are refusals that speak of a field or an object as if it were not there, or not to be written: the side may
// look different from what it last described (Salesforce: API faults; Marketo REST API: error code 1006).
var schemaCodes = map[string]bool{"INVALID_FIELD": true, "INVALID_TYPE": true, "INVALID_FIELD_FOR_INSERT_UPDATE": true, "1006": true}

// SchemaSuspect reports whether a failure may come of a side that looks different from what it last described.
func SchemaSuspect(err error) bool {
	var failure pace.Failure
	return errors.As(err, &failure) && SchemaCode(failure.Code())
}

// SchemaCode reports whether a refusal's code speaks of a field or an object that is not there, or not to be written.
func SchemaCode(code string) bool { return schemaCodes[code] }

// maps reports whether an object of Salesforce is synced now.
func (e *Engine) maps(object record.Object) bool {
	_, mapped := e.Mapping.Object(object)
	return mapped
}

// travelling leaves out of rows what travels to their side no longer: it stopped after it was planned, and must not count as
// agreed upon because the rest of its row was written. Rows of which nothing is left are answered.
func (r *run) travelling(ctx context.Context, rows []Row) (left []Row, answers []Answer, err error) {
	var stopped []Row
	mapped := func(row *Row) bool { return row.Object != record.Task && row.Object != record.Activity } // of these no mapping speaks
	for i := range rows {
		row := &rows[i]
		if !mapped(row) {
			continue
		}
		object := r.objectOfRow(*row)
		stays := func(c *Change) bool {
			i := object.Index(c.Field)
			return !isFlag(c.Field) && (i < 0 || !object.Fields[i].Direction.Writes(row.Side))
		}
		if gone, left := part(row.Fields, stays); len(gone) > 0 {
			row.Fields = left
			stopped = append(stopped, Row{Link: row.Link, Side: row.Side, Fields: gone})
		}
	}
	if err := r.notPutBack(ctx, stopped); err != nil {
		return nil, nil, err
	}
	void, left := part(rows, func(row *Row) bool { return mapped(row) && row.empty() })
	for _, row := range void {
		answers = append(answers, r.void(row))
	}
	return left, answers, nil
}

// notPutBack tells of rows of what stopped travelling which values were about to be put back.
func (r *run) notPutBack(ctx context.Context, stopped []Row) error {
	if len(stopped) == 0 {
		return nil
	}
	links := make([]LinkID, len(stopped))
	for i := range stopped {
		links[i] = stopped[i].Link
	}
	known, err := r.Ledger.KnownLinks(ctx, links)
	if err != nil {
		return err
	}
	page := Page{Cycle: r.n, At: r.Now()}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, k := range known {
		if events := append(r.stranded(k), r.halfway(k, stopped[i])...); len(events) > 0 && !slices.Contains(r.toldOf, k.Link.ID) { // the other side's row told it
			page.Steps, r.toldOf = append(page.Steps, Step{Link: k.Link, Events: events}), append(r.toldOf, k.Link.ID)
		}
	}
	if len(page.Steps) == 0 {
		return nil
	}
	return r.Ledger.CommitPage(ctx, page)
}

// stranded are the lines of history of values that wait to be put back on both sides, in fields that travel no longer: they stand nowhere else.
func (r *run) stranded(k Known) (events []Event) {
	ours, theirs := k.Out[record.Salesforce], k.Out[record.Marketo]
	if ours == nil || theirs == nil || !k.Link.Object.IsPerson() {
		return nil
	}
	object := r.object(k.Link.Object)
	for _, c := range ours.Fields {
		if back, both := theirs.field(c.Field); both && !isFlag(c.Field) && back.Value == c.Value && object.Index(c.Field) < 0 {
			events = append(events, r.unreturned(record.Salesforce, c))
		}
	}
	return events
}

// halfway are the lines of history of values that one side was given back, or is to be, and the other is not, since the field does not
// travel to it any more: what stands there will come over them like any change.
func (r *run) halfway(k Known, stopped Row) (events []Event) {
	if k.Baseline == nil || !k.Link.Object.IsPerson() {
		return nil
	}
	object := r.object(k.Link.Object)
	for _, c := range stopped.Fields {
		back, waits := k.Out[stopped.Side.Other()].field(c.Field)
		if object.Index(c.Field) >= 0 && (waits && back.Value == c.Value || !waits && k.Baseline.Same(c.Field, c.Value)) {
			events = append(events, r.unreturned(stopped.Side, c))
		}
	}
	return events
}

func (r *run) unreturned(side record.Side, c Change) Event {
	return Event{At: r.Now(), Cycle: r.n, Side: side, Kind: "overwrote", Field: c.Field, Old: c.Value, Detail: "stopped travelling before it was put back"}
}

// stagedFields is the setting that names the fields by which the scratch file of a first sync was read.
const stagedFields = "mapping.staged"

// firstWith reads a first sync from its beginning where other fields are mapped than when it began: what is staged are values in the
// order of the fields, and would be taken for those of others.
func (r *run) firstWith(ctx context.Context, stage Stage) (Stage, error) {
	was, err := r.Ledger.Setting(ctx, stagedFields)
	if err != nil {
		return stage, err
	}
	now := r.columns()
	if was == now {
		return stage, nil
	}
	if was != "" {
		r.Log.Info("the mapping changed during the first sync: both sides are read again from the beginning")
		if stage, err = r.stageAnew(ctx, stage); err != nil {
			return stage, err
		}
	}
	return stage, r.Ledger.SetSetting(ctx, stagedFields, now)
}

// columns names the fields that are read, their order and types.
func (r *run) columns() string {
	h := fnv.New64a()
	for _, o := range r.Mapping.Objects {
		fmt.Fprintln(h, o.Name, o.Twin)
		for _, f := range o.Fields {
			fmt.Fprintln(h, f.Number, f.Salesforce, f.Marketo, f.Type.Kind, f.Type.Scale)
		}
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// stageAnew throws the scratch file of a first sync away and begins another.
func (r *run) stageAnew(ctx context.Context, stage Stage) (Stage, error) {
	if err := stage.Remove(); err != nil {
		return stage, err
	}
	for _, feed := range []string{joinByID, joinByEmail} {
		if err := r.handOver(ctx, feed, ""); err != nil {
			return stage, err
		}
	}
	return r.Ledger.OpenStage(ctx)
}
