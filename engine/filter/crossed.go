package filter

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// Relative reports whether the test counts days, so that time alone changes what it says of a record.
func (t *Test) Relative() bool {
	return slices.ContainsFunc(t.Values, func(v Value) bool { return v.Form == Ago || v.Form == On || v.Form == Stretch })
}

// Crossed is a condition in SOQL that holds for every record that a condition's dates judge otherwise at one moment than at a
// later one: their values lie where a bound was, or came to be. It is "" when no record can have crossed.
func Crossed(e Expr, object record.Object, from, to Clock) string {
	var parts []string
	between := func(name, a, b string) {
		if a > b {
			a, b = b, a
		}
		if part := "(" + name + " >= " + a + " AND " + name + " < " + b + ")"; a != b && a != "" && !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	for _, t := range Tests(e) {
		if !t.Relative() {
			continue
		}
		c := t.Field.Of[object]
		before, after := from.covers(t, c.Field.Kind), to.covers(t, c.Field.Kind)
		between(c.Name, before.begin, after.begin)
		between(c.Name, before.end, after.end)
	}
	return strings.Join(parts, " OR ")
}
