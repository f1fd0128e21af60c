package app

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// noisy is a score that never rests: of every linked person it walks about, in each cycle anew, while now and then another field
// changes too. It gives how many records were written to Salesforce meanwhile, by the sandbox's journal.
func noisy(d *desk, cycles int) int {
	rng := rand.New(rand.NewPCG(9, 9))
	type walker struct {
		id    string
		score int
	}
	var people []walker
	d.pair.Instance().Each(record.Person, func(id string, get func(string) (string, bool)) bool {
		if linked, ok := get("salesforceId"); ok && linked != "" {
			people = append(people, walker{id: id, score: 40 + int(rng.IntN(20))})
		}
		return true
	})
	if len(people) < 20 {
		d.Fatalf("only %d people are linked", len(people))
	}
	before := d.pair.Journal().Salesforce.Writes
	for n := range cycles {
		for i := range people {
			p := &people[i]
			p.score = min(max(p.score+int(rng.IntN(17))-8, 0), 100)
			fields := map[string]string{"leadScore": strconv.Itoa(p.score)}
			if rng.IntN(20) == 0 {
				fields["title"] = fmt.Sprintf("Buyer %d", n)
			}
			must(d.T, d.pair.Instance().Set(p.id, fields))
		}
		d.cycle()
	}
	d.cycle()
	return d.pair.Journal().Salesforce.Writes - before
}

// TestPriceOfANoisyField: what the replay says that a band saves is what the band saves, by the sandbox's journal, when the same days are
// lived through once more with the band switched on.
func TestPriceOfANoisyField(t *testing.T) {
	const cycles = 30
	homes := []string{t.TempDir(), t.TempDir()}
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		lived := func(home, rules string) (*desk, int, map[string]FieldPrice) {
			d := newDesk(t, home, rules, map[string]string{}, map[string]string{})
			n := noisy(d, cycles)
			list, err := d.a.Price(ctx, sampleName, 30)
			must(t, err)
			kept := d.a.priced[sampleName]
			kept.prices = []FieldPrice{{Field: "kept"}}
			d.a.priced[sampleName] = kept
			if again, err := d.a.Price(ctx, sampleName, 30); err != nil || len(again) != 1 || again[0].Field != "kept" {
				t.Errorf("nothing happened, and it was reckoned anew: %d prices, %v", len(again), err)
			}
			must(t, d.a.beside(ctx, sampleName, true, func(w *store.Workspace) error {
				for days, event := range map[int]int64{30: 1, 29: 0} {
					of, err := d.a.pricedFrom(ctx, w, days)
					if of.event -= event; err != nil || of == kept.of {
						t.Errorf("%d days, %d events earlier: the same, %v", days, event, err)
					}
				}
				return nil
			}))
			prices := map[string]FieldPrice{}
			for _, p := range list {
				prices[p.Field] = add(prices[p.Field], p)
			}
			return d, n, prices
		}
		_, without, prices := lived(homes[0], "")
		score := prices["Lead_Score__c"]
		if score.Changes < score.Writes || score.Writes < without*9/10 || score.Alone > score.Writes || score.Saved.Hide != score.Alone || score.Calls == 0 {
			t.Errorf("the price of the score is %+v, of %d writes", score, without)
		}
		if title := prices["Title"]; title.Saved.Band != 0 || title.Writes == 0 {
			t.Errorf("the price of the title is %+v", title)
		}
		_, with, after := lived(homes[1], `{"rules":[{"name":"score","fields":["Lead.Lead_Score__c","Contact.Lead_Score__c"],"do":["band"]}]}`)
		saved := without - with
		t.Logf("%d writes without a band, %d with it: %d saved; the replay says %d", without, with, saved, score.Saved.Band)
		if off := abs(score.Saved.Band - saved); saved < without/2 || off*50 > saved {
			t.Errorf("the replay says that a band saves %d writes; the journal says %d of %d", score.Saved.Band, saved, without)
		}
		// Only a person's first number becomes a band that another number stood for already.
		if left := after["Lead_Score__c"].Saved.Band; left > 10 {
			t.Errorf("a band on top of the band would save %d", left)
		}
	})
}

func add(a, b FieldPrice) FieldPrice {
	b.Changes, b.Writes, b.Alone, b.Calls = a.Changes+b.Changes, a.Writes+b.Writes, a.Alone+b.Alone, a.Calls+b.Calls
	b.Saved = FieldSaved{a.Saved.Band + b.Saved.Band, a.Saved.QuietDay + b.Saved.QuietDay, a.Saved.Hide + b.Saved.Hide}
	return b
}

func abs(n int) int { return max(n, -n) }
