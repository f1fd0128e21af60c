package people

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestCultures checks the lists by hand-made mistakes: a name that has no address, or a place without a postal code.
func TestCultures(t *testing.T) {
	loadCultures()
	for _, c := range cultures {
		for _, n := range append(c.givenNames, c.familyNames...) {
			first, _ := utf8.DecodeRuneInString(strings.ToLower(n.latin))
			if n.plain == "" || (first < 0x80 && first >= 'a' && n.plain[0] != byte(first)) || utf8.RuneCountInString(n.plain) < utf8.RuneCountInString(n.latin)-6 {
				t.Errorf("%s is spelled %q in addresses", n.latin, n.plain)
			}
			for _, r := range n.latin {
				if r > 0x7f && plain(string(r)) == "" {
					t.Errorf("%s: %c is dropped from addresses", n.latin, r)
				}
			}
		}
		given := map[string]bool{}
		for _, n := range c.givenNames {
			if given[n.plain] {
				t.Errorf("%s is given twice in one culture", n.plain)
			}
			given[n.plain] = true
		}
		for _, list := range [][]string{c.countries, c.phoneShapes, c.streetShapes, c.suffixes} {
			for _, text := range list {
				if text == "" || strings.TrimSpace(text) != text || utf8.RuneCountInString(text) > 40 {
					t.Errorf("%q is empty, too long, or has blanks at an end", text)
				}
			}
		}
		for _, shape := range c.phoneShapes {
			if strings.Count(shape, "#") < 2 && !strings.ContainsRune(shape, '٥') && !strings.ContainsRune(shape, '５') || utf8.RuneCountInString(shape) < 9 {
				t.Errorf("%q is no telephone number", shape)
			}
		}
		for _, p := range c.placeList {
			if p.city == "" || utf8.RuneCountInString(p.city) > 40 {
				t.Errorf("%q is no city", p.city)
			}
		}
	}
}
