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
