package cycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
)

// A formula is calculated when it is read: its record's SystemModstamp stays, and no feed tells of it (Salesforce: formula and
// roll-up summary fields). So once a night the fields of that kind are read of all linked records, by id, and held against what was
// agreed upon; only what differs is read on both sides and planned.

// nightlySetting is the ledger's setting that says how far a night's reading is.
const nightlySetting = "nightly"

// night is how far the reading of a night is.
type night struct {
	Day   string `json:"day"`             // the local day that it belongs to
	After LinkID `json:"after,omitempty"` // links up to this one are done
	Done  bool   `json:"done,omitempty"`
}

// nightBegins is how long after midnight, by the local clock, a night's reading may begin. Who sleeps then begins with the first
// cycle of the day.
const nightBegins = 2 * time.Hour

// nightlyAtOnce is how many records are read in one call, nightlyAtMost in one cycle: 20 calls to Salesforce, beside which everything
// else goes on.
const (
	nightlyAtOnce = 2000
	nightlyAtMost = 20 * nightlyAtOnce
)

// nightly reads a share of the fields whose changes leave no trace, where this night's reading is not done. Used up or reserved
// quota ends the share; the next cycle goes on where it stopped.
func (r *run) nightly(ctx context.Context) error {
	places := r.nightlyFields()
	if len(places) == 0 {
		return nil
	}
	text, err := r.Ledger.Setting(ctx, nightlySetting)
	if err != nil {
		return err
	}
	var at night
	if text != "" {
		if err := json.Unmarshal([]byte(text), &at); err != nil {
			return fmt.Errorf("how far the nightly reading is cannot be read: %w", err)
		}
	}
	if day := r.Now().Local().Add(-nightBegins).Format(time.DateOnly); at.Day != day {
		at = night{Day: day}
	}
	for seen := 0; seen < nightlyAtMost && !at.Done; seen += nightlyAtOnce {
		if r.Spare != nil && !r.Spare(record.Salesforce) {
			r.Log.Info("the nightly reading waits for quota", "after", at.After)
			return nil
		}
		links, err := r.Ledger.Links(ctx, at.After, nightlyAtOnce)
		if err != nil {
			return err
		}
		switch err := r.nightlyPage(ctx, links, places); {
		case errors.Is(err, pace.ErrQuota):
			r.Log.Info("the nightly reading waits for quota", "after", at.After)
			return nil
		case err != nil:
			return fmt.Errorf("read calculated fields again: %w", err)
		}
		if len(links) < nightlyAtOnce {
			at = night{Day: at.Day, Done: true}
		} else {
			at.After = links[len(links)-1].ID
		}
		kept, err := json.Marshal(at)
		if err != nil {
			return fmt.Errorf("keep how far the nightly reading is: %w", err)
		}
		if err := r.Ledger.SetSetting(ctx, nightlySetting, string(kept)); err != nil {
			return err
		}
	}
	return nil
}

// nightlyFields are the places of the fields to read again, by object.
func (r *run) nightlyFields() map[record.Object][]int {
	var out map[record.Object][]int
	for _, o := range r.Mapping.Objects {
		for i, f := range o.Fields {
			if f.Entry == nil || !f.Entry.Nightly || !f.Direction.Writes(record.Marketo) {
				continue
			}
			if out == nil {
				out = map[record.Object][]int{}
			}
			out[o.Name] = append(out[o.Name], i)
		}
	}
	return out
}

// nightlyPage reads the fields of the pairs among links, and plans those of which one differs.
func (r *run) nightlyPage(ctx context.Context, links []Link, places map[record.Object][]int) error {
	ids := map[record.Object][]record.ID{}
	for _, l := range links {
		if l.State == Linked && len(places[l.Object]) > 0 {
			ids[l.Object] = append(ids[l.Object], l.Salesforce)
		}
	}
	for object, ids := range ids {
		differing, err := r.differing(ctx, r.object(object), ids, places[object])
		if err != nil {
			return err
		}
		for len(differing) > 0 {
			n := min(len(differing), recheckAtOnce)
			var links []LinkID
			for _, k := range differing[:n] {
				links = append(links, k.Link.ID)
			}
			steps, err := r.recheckPage(ctx, links, differing[:n])
			if err != nil {
				return err
			}
			if err := r.commit(ctx, Page{Steps: steps}); err != nil {
				return err
			}
			differing = differing[n:]
		}
	}
	return nil
}

// differing reads some fields of records and gives the pairs of which one is not what was agreed upon.
func (r *run) differing(ctx context.Context, o schema.Object, ids []record.ID, places []int) ([]Known, error) {
	all := o.Columns(record.Salesforce)
	columns := make([]record.Column, len(places))
	for j, i := range places {
		columns[j] = all[i]
	}
	read, err := r.Salesforce.Get(ctx, record.Reread, o.Name, ids, columns, "")
	if err != nil || len(read) == 0 {
		return nil, err
	}
	found := make([]record.ID, len(read))
	for i, rec := range read {
		found[i] = rec.ID
	}
	known, err := r.Ledger.Known(ctx, record.Salesforce, found)
	if err != nil {
		return nil, err
	}
	var out []Known
	for i, rec := range read {
		if k := known[i]; k.Link.State == Linked && rec.Err == nil && r.differs(k, o, rec, places) {
			out = append(out, k)
		}
	}
	return out, nil
}

// differs reports whether one of the fields that were read is not what was agreed upon. A field whose rule looks at others may
// seem to: then both sides are read and nothing comes of it.
func (r *run) differs(k Known, o schema.Object, read record.Record, places []int) bool {
	rec := read
	rec.Values = make([]record.Value, len(o.Fields))
	for j, i := range places {
		rec.Values[i] = read.Values[j]
	}
	s := r.newSheet(k, nil, nil)
	for _, i := range places {
		if v, ok := s.value(&rec, i); ok && (!k.Baseline.Has(o.Fields[i].Number) || s.changed(&rec, i, v)) {
			return true
		}
	}
	return false
}
