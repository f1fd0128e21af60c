package filter

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/typo"
)

// closest gives up to three of the names that a mistyped word may have meant, nearest first. A name is near when few
// letters differ for its length, or when it begins with what was typed.
func closest(word string, names []string) []string {
	type near struct {
		name     string
		distance int
	}
	typed := []rune(strings.ToLower(word))
	var found []near
	for _, name := range names {
		lower := strings.ToLower(name)
		d := typo.Mistakes(typed, []rune(lower), max(len(typed), len(lower)))
		if len(typed) >= 3 && strings.HasPrefix(lower, string(typed)) {
			d = min(d, 1)
		}
		if d <= max(1, len(typed)/3, min(2, len(typed)-2)) {
			found = append(found, near{name, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.distance - b.distance })
	var out []string
	for _, n := range found {
		if len(out) < 3 && !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, n.name) }) {
			out = append(out, n.name)
		}
	}
	return out
}
