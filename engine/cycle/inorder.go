package cycle

import (
	"cmp"
	"iter"
	"maps"
	"slices"
)

// inOrder gives what a map holds by its keys' order, so that the same cycle asks the two systems in the same order each time it is
// lived through.
func inOrder[K cmp.Ordered, V any](m map[K]V) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
