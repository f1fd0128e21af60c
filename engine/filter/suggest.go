package filter

import (
	"slices"
	"strings"
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
		d := distance(typed, []rune(lower))
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

// distance is how many letters must be put in, left out, changed or swapped with their neighbour to get from a to b
// (Damerau's restricted edit distance).
func distance(a, b []rune) int {
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range now {
		now[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, now = last, now, before
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
	}
	return now[len(b)]
}
