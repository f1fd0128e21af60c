package store

import (
	"testing"

	"pgregory.net/rapid"
)

// Whatever waits: no more is taken than there is and than fits, everybody with something gets something as long as there is room, and
// nothing is left lying while a whole call fits.
func TestShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var waiting [turns]int
		for place := range waiting {
			waiting[place] = rapid.SampledFrom([]int{0, 0, 1, 5, 299, 300, 301, 2100, 20_000}).Draw(t, "waiting")
		}
		limit := rapid.SampledFrom([]int{100, 600, 2000, 2100}).Draw(t, "limit")
		sum, rest := 0, 0
		for place, n := range shares(waiting, limit) {
			if n < 0 || n > waiting[place] || n == 0 && waiting[place] > 0 {
				t.Fatalf("%d of %d", n, waiting[place])
			}
			sum += n
			rest = max(rest, waiting[place]-n)
		}
		if sum > limit || rest > 0 && limit-sum >= max(limit/callsAtOnce, 1) {
			t.Fatalf("%d of %d are sent at once, and %d of one kind wait", sum, limit, rest)
		}
	})
}

// What a first sync writes goes kind by kind, in the order in which Marketo needs it; what came since has its share.
func TestFirstSyncGoesKindByKind(t *testing.T) {
	all := [turns]bool{}
	for place := range all {
		all[place] = true
	}
	since := all
	since[turnOther] = false
	for name, test := range map[string]struct {
		waiting, want map[int]int
		first         [turns]bool
	}{
		"companies alone while they fill what is sent": {map[int]int{turnCompanyCreate: 9000, turnPerson: 50_000, turnOther: 700}, map[int]int{turnCompanyCreate: 2100}, all},
		"with the last of them those who name them":    {map[int]int{turnCompanyCreate: 100, turnPerson: 50_000, turnOther: 700}, map[int]int{turnCompanyCreate: 100, turnPerson: 2000}, all},
		"the end of all kinds":                         {map[int]int{turnPerson: 400, turnOpportunityCreate: 300, turnOther: 7}, map[int]int{turnPerson: 400, turnOpportunityCreate: 300, turnOther: 7}, all},
		"what was changed since waits for nobody":      {map[int]int{turnCompanyCreate: 9000, turnPerson: 50_000, turnOther: 5}, map[int]int{turnCompanyCreate: 1800, turnOther: 5}, since},
	} {
		t.Run(name, func(t *testing.T) {
			var waiting, want [turns]int
			for place, n := range test.waiting {
				waiting[place] = n
			}
			for place, n := range test.want {
				want[place] = n
			}
			if got := inTurn(waiting, test.first, 2100); got != want {
				t.Errorf("of %v waiting %v are sent, want %v", waiting, got, want)
			}
		})
	}
}
