package schema

import (
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// nearest is the field whose name is most like a misspelt one; "" where none is like it.
func nearest(name string, fields []Described) string {
	best, least := "", 1+len(name)/3
	for _, f := range fields {
		for _, is := range []string{f.Name, f.Label} {
			if d := distance(strings.ToLower(name), strings.ToLower(is)); d < least {
				best, least = f.Name, d
			}
		}
	}
	return best
}

// distance is the number of letters to change, add or leave out to make one text of another (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func list(objects []record.Object) string {
	names := make([]string, len(objects))
	for i, o := range objects {
		names[i] = string(o)
	}
	return strings.Join(names, ", ")
}
