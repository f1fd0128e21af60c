package cycle

import (
	"reflect"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// FuzzCursor: whatever a ledger gives back as a place, it is a place that is written down again as it was, or an error; and a feed's
// place never goes back, nor into what may still change.
func FuzzCursor(f *testing.F) {
	now := time.Date(2026, 3, 29, 1, 59, 58, 0, time.UTC)
	seed := feedCursor{Stamp: now, ID: "00Q5f00000KxRpaEAF", Through: now, Pages: []salesforce.Position{{Stamp: now, ID: "00Q5f00000KxRpbEAF"}}}
	for _, c := range []any{
		seed, marketoCursor{Token: "NVYLF4NZ2====", At: now, Hourly: now, Server: now}, filterCursor{Version: "v", feedCursor: seed, Swept: map[string]time.Time{"": now}},
		stageCursor{feedCursor: seed, Full: true}, pairCursor{Salesforce: seed.position(), Token: "x"}, night{Day: "2026-03-29", After: 7}, Afresh{Objects: []record.Object{record.Lead}},
		epochState{Reason: OrgChanged, After: 3},
	} {
		text, err := encodeCursor(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), int64(5))
	}
	f.Fuzz(func(t *testing.T, text string, seconds int64) {
		for _, c := range []any{&feedCursor{}, &marketoCursor{}, &filterCursor{}, &stageCursor{}, &pairCursor{}, &night{}, &Afresh{}, &epochState{}} {
			if decodeCursor(Cursor(text), c) != nil {
				continue
			}
			written, err := encodeCursor(reflect.ValueOf(c).Elem().Interface())
			if err != nil {
				t.Fatalf("%q is read as %+v, which cannot be written: %v", text, c, err)
			}
			again := reflect.New(reflect.TypeOf(c).Elem()).Interface()
			if err := decodeCursor(written, again); err != nil {
				t.Fatalf("%q is written as %q, which cannot be read: %v", text, written, err)
			}
			if twice, err := encodeCursor(again); err != nil || twice != written {
				t.Fatalf("%q is written as %q, and that as %q, %v", text, written, twice, err)
			}
		}
		var at feedCursor
		if decodeCursor(Cursor(text), &at) != nil {
			return
		}
		before, horizon := at, now.Add(time.Duration(seconds%1e9)*time.Second)
		at.advance(salesforce.Position{Stamp: now, ID: record.ID(text)}, horizon)
		if at.Stamp.Before(before.Stamp) || at.Stamp.Equal(before.Stamp) && at.ID < before.ID {
			t.Errorf("from %v %q back to %v %q", before.Stamp, before.ID, at.Stamp, at.ID)
		}
		if at.Stamp.After(horizon) && !at.Stamp.Equal(before.Stamp) {
			t.Errorf("past the horizon %v: %v", horizon, at.Stamp)
		}
	})
}
