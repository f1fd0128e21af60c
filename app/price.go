package app

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/price"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// FieldPrice is what one field cost, as scripts read it.
type FieldPrice struct {
	Object record.Object `json:"object"`
	Field  string        `json:"field"`
	// Changes were seen on either side; Writes are record writes with the field in them, Alone those with no other.
	Changes int        `json:"changes"`
	Writes  int        `json:"writes"`
	Alone   int        `json:"writes_alone"`
	Calls   int        `json:"calls"`
	Saved   FieldSaved `json:"saved"`
}

// FieldSaved are the record writes that there would not have been.
type FieldSaved struct {
	Band     int `json:"band"`
	QuietDay int `json:"quiet_day"`
	Hide     int `json:"hide"`
}

// priceRates are how many records go into a call: 400 rows are read and written in one composite of Salesforce, 300 people in one call
// of Marketo; what was written is read back by 2,000 in Salesforce, and by 300 activities in Marketo.
var priceRates = price.Rates{
	Write:    map[record.Side]int{record.Salesforce: 400, record.Marketo: 300},
	ReadBack: map[record.Side]int{record.Salesforce: 2000, record.Marketo: 300},
}

// Price says what each mapped field cost in the last days, dearest first: it lives through the kept history once more. Values are unsealed in
// memory, one person's at a time. While nothing was added to the history, to the mapping or the rules, what it found is given again on the
// same day.
func (a *App) Price(ctx context.Context, name string, days int) (prices []FieldPrice, err error) {
	if days < 1 {
		return nil, inputf("--days: %d is not a number of days", days)
	}
	err = a.beside(ctx, name, true, func(w *store.Workspace) error {
		of, err := a.pricedFrom(ctx, w, days)
		if err != nil {
			return err
		}
		a.mu.Lock()
		kept, known := a.priced[name]
		a.mu.Unlock()
		if known && kept.of == of {
			prices = slices.Clone(kept.prices)
			return nil
		}
		if prices, err = a.price(ctx, w, time.Duration(days)*24*time.Hour); err != nil {
			return err
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.priced == nil {
			a.priced = map[string]priced{}
		}
		a.priced[name] = priced{of, slices.Clone(prices)}
		return nil
	})
	return prices, err
}

// priced is what fields cost, and what it was reckoned from.
type priced struct {
	of     pricedOf
	prices []FieldPrice
}

type pricedOf struct {
	made  string // when the workspace was
	event int64  // the newest line of its history
	days  int
	until string
	by    [sha256.Size]byte // the mapping and the rules
}

func (a *App) pricedFrom(ctx context.Context, w *store.Workspace, days int) (of pricedOf, err error) {
	of.days, of.until = days, a.world.now().Format(time.DateOnly)
	if of.event, err = w.LastEvent(ctx); err != nil {
		return of, err
	}
	if of.made, err = w.Setting(ctx, metaCreated); err != nil {
		return of, err
	}
	m, err := mappingOf(ctx, w)
	if err != nil {
		return of, err
	}
	doc, err := rulesOf(ctx, w)
	if err != nil {
		return of, err
	}
	text, err := json.Marshal([]any{m.Objects, doc})
	of.by = sha256.Sum256(text)
	return of, err
}

func (a *App) price(ctx context.Context, w *store.Workspace, back time.Duration) ([]FieldPrice, error) {
	m, err := mappingOf(ctx, w)
	if err != nil {
		return nil, err
	}
	bands, err := bandsOf(ctx, w, m)
	if err != nil {
		return nil, err
	}
	now := a.world.now()
	replay := price.New(now.Add(-back), priceRates, bands)
	if err := w.EachChange(ctx, func(object record.Object, e store.Event) error {
		if object == record.Person { // what a person becomes in Salesforce
			object = record.Lead
		}
		l := price.Line{
			Link: int64(e.Link), Object: object, At: e.At.In(now.Location()), Cycle: e.Cycle, Side: e.Side, Kind: price.Written,
			Field: e.Field, Old: e.Old, New: e.New,
		}
		if e.Kind == "changed" {
			l.Kind = price.Changed
			if times, err := strconv.Atoi(e.Detail); err == nil {
				l.Times = times
			}
		}
		replay.Add(l)
		return nil
	}); err != nil {
		return nil, err
	}
	prices := []FieldPrice{}
	for _, f := range replay.Fields() {
		prices = append(prices, FieldPrice{
			Object: f.Object, Field: fieldName(m, f.Object, f.Number), Changes: f.Changes, Writes: f.Writes, Alone: f.Alone, Calls: f.Calls,
			Saved: FieldSaved{f.Band, f.QuietDay, f.Hide},
		})
	}
	return prices, nil
}

// bandsOf gives the bands that a field has, else those that a number would have.
func bandsOf(ctx context.Context, w *store.Workspace, m schema.Mapping) (func(record.Object, uint16) (*rule.Bands, bool), error) {
	doc, err := rulesOf(ctx, w)
	if err != nil {
		return nil, err
	}
	rules, _, err := compile(ctx, w, doc, m) // what does not work now has no bands
	if err != nil {
		return nil, err
	}
	type key struct {
		object record.Object
		field  uint16
	}
	bands := map[key]*rule.Bands{}
	for _, o := range m.Objects {
		for i, f := range o.Fields {
			if b, ok := rules.Object(o.Name).Bands(i); ok {
				bands[key{o.Name, f.Number}] = b
			} else if f.Type.Kind == record.Integer || f.Type.Kind == record.Decimal {
				if b, ok := rule.Band(f.Type); ok {
					bands[key{o.Name, f.Number}] = b
				}
			}
		}
	}
	return func(o record.Object, field uint16) (*rule.Bands, bool) {
		b, ok := bands[key{o, field}]
		return b, ok
	}, nil
}
