package sandbox

import "testing"

// TestTwice says when a record counts as created a second time. A letter is a record with that address; a capital one
// was made by the API since the opening, a digit after it is the id that it carries.
func TestTwice(t *testing.T) {
	census := func(records ...string) *census {
		c := &census{byID: map[string]int32{}, byEmail: map[uint64]crowd{}}
		for i, text := range records {
			k := known{id: string(rune('a' + i)), email: uint64(text[0] | 0x20), carries: text[1:], made: text[0] < 'a'}
			if text[0] == '-' { // nobody's address
				k.email = 0
			}
			c.add(k)
		}
		return c
	}
	for _, row := range []struct {
		name         string
		here, origin []string
		want         int
	}{
		{"nothing", nil, nil, 0},
		{"created once", []string{"A1"}, []string{"a"}, 0},
		{"created beside one that stood there", []string{"a", "A1"}, []string{"a"}, 1},
		{"created twice", []string{"A", "A"}, []string{"a"}, 1},
		{"two of an address, one for each of the origin", []string{"A1", "A2"}, []string{"a", "a"}, 0},
		{"two of an address stood there", []string{"a", "a"}, []string{"a"}, 0},
		{"two carry one id", []string{"A1", "B1"}, []string{"a"}, 1},
		{"two of an address carry one id", []string{"A1", "A1"}, []string{"a"}, 1},
		{"three", []string{"A1", "A1", "A"}, []string{"a"}, 2},
		{"two carry one id, without addresses", []string{"-1", "-1"}, nil, 1},
		{"no addresses", []string{"-", "-"}, []string{"-"}, 0},
		{"created by a form, as often as it likes", []string{"a", "a", "a"}, nil, 0},
	} {
		if got := census(row.here...).twice(census(row.origin...)); got != row.want {
			t.Errorf("%s: %d, want %d", row.name, got, row.want)
		}
	}
}
