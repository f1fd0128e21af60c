package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// plans writes the telephone plans, one country a line: its code, the calling code, the pattern of the prefix for calls abroad, that of
// a national number, that of the prefix for calls within the country, and what a number with that prefix becomes.
func plans(s sources) ([]byte, error) {
	var document struct {
		Countries map[string][]any `json:"countries"`
	}
	if err := json.Unmarshal(s["libphonenumber-js"]["metadata.min.json"], &document); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, code := range slices.Sorted(maps.Keys(document.Countries)) {
		plan := document.Countries[code]
		field := func(i int) string { // of what the package leaves out, 0 stands in its place
			if i < len(plan) {
				if text, ok := plan[i].(string); ok {
					return text
				}
			}
			return ""
		}
		within := field(7)
		if within == "" {
			within = field(5)
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\t%s\n", code, field(0), field(1), field(2), within, field(8))
	}
	return b.Bytes(), nil
}
