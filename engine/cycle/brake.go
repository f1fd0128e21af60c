package cycle

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// BrakeCounts is what the brake judges.
type BrakeCounts struct {
	Linked  int
	Updates map[record.Side]int
	Deletes map[record.Side]int
	// Twins are the records of other objects that stand in Marketo, Removals those of them that are to be removed.
	Twins, Removals int
}

// BrakeError says that a cycle stopped before its first write, because it would have changed more than the brake allows.
type BrakeError struct {
	Side    record.Side `json:"side"`
	Updates int         `json:"updates"`
	Deletes int         `json:"deletes"`
	Linked  int         `json:"linked"`
	Limit   int         `json:"limit"`
	// Twins is set when it is about records of other objects than people, which are only removed: Linked counts those in Marketo.
	Twins bool `json:"twins,omitempty"`
	// Field is what most of it is about, and By who made the most of it; empty where nothing stands out.
	Field string `json:"field,omitempty"`
	By    Maker  `json:"by,omitempty"`
}

// Error says what would have happened and how to go on.
func (b *BrakeError) Error() string {
	if b.Twins {
		return fmt.Sprintf("stopped before the first write: this cycle would remove %d of %d companies, opportunities and other records from %s because they are gone in Salesforce, more than the %d that the brake allows; look at the plan with a rehearsal, then go on with --resume",
			b.Deletes, b.Linked, b.Side, b.Limit)
	}
	mostly := ""
	if b.Field != "" {
		mostly = "; most of it is " + b.Field
	}
	if edited := b.By.Edited(); edited != "" {
		mostly += ", because the " + edited + " was changed"
	} else if b.By != "" {
		mostly += ", by " + string(b.By)
	}
	return fmt.Sprintf("stopped before the first write: this cycle would change %d and delete %d of %d linked people in %s, more than the %d that the brake allows%s; look at the plan with a rehearsal, then go on with --resume",
		b.Updates, b.Deletes, b.Linked, b.Side, b.Limit, mostly)
}

// BrakeSetting is the setting of the ledger that holds the Braked of a cycle that was stopped, until a cycle passes.
const BrakeSetting = "brake"

// Braked is a stop that waits for a person's word.
type Braked struct {
	Cycle int64     `json:"cycle"`
	At    time.Time `json:"at"`
	BrakeError
}

// brake stops a cycle that would change too much (promise 5). The stop is remembered until a cycle passes.
func (r *run) brake(ctx context.Context) error {
	counts, err := r.Ledger.BrakeCounts(ctx)
	if err != nil {
		return err
	}
	if counts, err = r.unrest(ctx, counts); err != nil {
		return err
	}
	if counts, err = r.importPassed(ctx, counts); err != nil {
		return err
	}
	stop := r.within(counts)
	stored, err := r.Ledger.Setting(ctx, BrakeSetting)
	if err != nil {
		return err
	}
	if stop == nil || r.AllowBrake {
		if stored != "" {
			err = r.Ledger.SetSetting(ctx, BrakeSetting, "")
		}
		return err
	}
	r.makers.accuse(stop)
	if err := stop.remember(stored); err != nil {
		return err
	}
	text, err := json.Marshal(Braked{Cycle: r.n, At: r.Now(), BrakeError: *stop})
	if err != nil {
		return fmt.Errorf("write down a stop: %w", err)
	}
	if err := r.Ledger.SetSetting(ctx, BrakeSetting, string(text)); err != nil {
		return err
	}
	return stop
}

// remember takes from a stop that was written down before what it was about and who made it, where that is not known of this one: what it
// counts was planned then.
func (b *BrakeError) remember(stored string) error {
	var was Braked
	if stored == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(stored), &was); err != nil {
		return fmt.Errorf("the stop that waits cannot be read: %w", err)
	}
	if b.Field == "" && b.By == "" && was.Side == b.Side {
		b.Field, b.By = was.Field, was.By
	}
	return nil
}

// within compares what is about to be written with what the brake allows; nil: it does.
func (r *run) within(counts BrakeCounts) *BrakeError {
	limit := max(counts.Linked*r.Policy.BrakePercent/100, r.Policy.BrakeRecords-1)
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if counts.Updates[side]+counts.Deletes[side] > limit {
			return &BrakeError{Side: side, Updates: counts.Updates[side], Deletes: counts.Deletes[side], Linked: counts.Linked, Limit: limit}
		}
	}
	if limit := max((counts.Twins+counts.Removals)*r.Policy.BrakePercent/100, r.Policy.BrakeRecords-1); counts.Removals > limit {
		return &BrakeError{Side: record.Marketo, Deletes: counts.Removals, Linked: counts.Twins + counts.Removals, Limit: limit, Twins: true}
	}
	return nil
}
