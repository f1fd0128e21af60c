package cycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
	// Exports are the objects that come by bulk queries in this night; of those that are left the first is being read. Sized says that
	// they were chosen.
	Sized   bool            `json:"sized,omitempty"`
	Exports []record.Object `json:"exports,omitempty"`
	Left    []record.Object `json:"left,omitempty"`
	Export  *exporting      `json:"export,omitempty"`
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
		switch waiting, err := r.nightlyShare(ctx, &at, places); {
		case errors.Is(err, pace.ErrQuota):
			r.Log.Info("the nightly reading waits for quota", "after", at.After)
			return nil
		case err != nil:
			return fmt.Errorf("read calculated fields again: %w", err)
		case waiting:
			return nil
		}
	}
	return nil
}

// nightlyShare reads a part of a night: what comes by bulk queries first, then the other links in their order. waiting says that nothing
// more is to be had in this cycle.
func (r *run) nightlyShare(ctx context.Context, at *night, places map[record.Object][]int) (waiting bool, err error) {
	if waiting, err = r.nightlyExports(ctx, at, places); err != nil || waiting {
		return waiting, err
	}
	links, err := r.Ledger.Links(ctx, at.After, nightlyAtOnce)
	if err != nil {
		return false, err
	}
	if err := r.nightlyPage(ctx, links, places, at.Exports); err != nil {
		return false, err
	}
	if len(links) < nightlyAtOnce || len(at.Exports) == len(places) {
		*at = night{Day: at.Day, Done: true}
	} else {
		at.After = links[len(links)-1].ID
	}
	return false, at.keep(ctx, r.Ledger)
}

func (n *night) keep(ctx context.Context, l Facts) error {
	text, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("keep how far the nightly reading is: %w", err)
	}
	return l.SetSetting(ctx, nightlySetting, string(text))
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

// nightlyPage reads the fields of the pairs among links, and plans those of which one differs. Some objects were read otherwise.
func (r *run) nightlyPage(ctx context.Context, links []Link, places map[record.Object][]int, without []record.Object) error {
	ids := map[record.Object][]record.ID{}
	for _, l := range links {
		if l.State == Linked && len(places[l.Object]) > 0 && !slices.Contains(without, l.Object) {
			ids[l.Object] = append(ids[l.Object], l.Salesforce)
		}
	}
	for object, ids := range inOrder(ids) {
		read, err := r.Salesforce.Get(ctx, record.Reread, object, ids, nightlyColumns(r.object(object), places[object]), "")
		if err != nil {
			return err
		}
		differing, err := r.differing(ctx, r.object(object), read, places[object])
		if err != nil {
			return err
		}
		if err := r.readInParts(ctx, differing); err != nil {
			return err
		}
	}
	return nil
}

// readInParts reads links afresh, some hundreds in a transaction.
func (r *run) readInParts(ctx context.Context, links []LinkID) error {
	for part := range slices.Chunk(links, recheckAtOnce) {
		if err := r.readAfresh(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func nightlyColumns(o schema.Object, places []int) []record.Column {
	all := o.Columns(record.Salesforce)
	columns := make([]record.Column, len(places))
	for j, i := range places {
		columns[j] = all[i]
	}
	return columns
}

// differing gives the pairs among records of which one of the fields that were read is not what was agreed upon.
func (r *run) differing(ctx context.Context, o schema.Object, read []record.Record, places []int) ([]LinkID, error) {
	known, err := r.remembered(ctx, read)
	if err != nil {
		return nil, err
	}
	var out []LinkID
	for i, rec := range read {
		if k := known[i]; k.Link.State == Linked && !rec.Deleted && rec.Err == nil && r.differs(k, o, rec, places) {
			out = append(out, k.Link.ID)
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
