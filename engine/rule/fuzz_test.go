package rule_test

import (
	"regexp"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
)

// e164 is what a number that was understood looks like, with its extension.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{3,16}(x[0-9]{1,6})?$`)

// FuzzPhone: a number becomes one of E.164 or stays as it was typed, and what was rewritten stays.
func FuzzPhone(f *testing.F) {
	for _, seed := range []string{"020 123 4567", "+31 (0)20-1234567 ext. 12", "tel:0031201234567", "(212) 555-0100 x7", "０３-1234-5678", "+", "00", "+390612345678;9"} {
		f.Add(seed, "NL")
		f.Add(seed, "Italia")
	}
	numbers := compiled(f, with("Phone", `{"phone":{"assume":"US"}}`), rule.Org{})
	f.Fuzz(func(t *testing.T, typed, in string) {
		canon, err := (record.Type{Kind: record.Phone}).Canon(typed)
		if err != nil {
			return
		}
		once := of(numbers, phone, canon.Text(), in)
		if once != canon.Text() && !e164.MatchString(once) {
			t.Errorf("%q becomes %q", typed, once)
		}
		if twice := of(numbers, phone, once, in); twice != once {
			t.Errorf("%q becomes %q, and that becomes %q", typed, once, twice)
		}
	})
}

// FuzzPlaces: countries, states, blanks and patterns make nothing more of what they made.
func FuzzPlaces(f *testing.F) {
	for _, seed := range []string{"Nederland", "U.S.A.", "N.-Brabant", "Bayern", "Californa", "n/a", "  Ile de  France ", "İstanbul", "東京都"} {
		f.Add(seed, "US")
		f.Add(seed, "日本")
	}
	rules := map[int]*rule.Object{
		country: compiled(f, with("Country", `"trim"`, `"blank"`, `{"country":{"language":"nl"}}`), rule.Org{}),
		state:   compiled(f, with("State", `"trim"`, `{"state":{"language":"de","assume":"US"}}`), rule.Org{}),
		title:   compiled(f, with("Title", `"trim"`, `{"case":"names"}`, `{"replace":{"pattern":"a+","with":"ab"}}`), rule.Org{}),
	}
	f.Fuzz(func(t *testing.T, typed, in string) {
		canon, err := (record.Type{Kind: record.Text}).Canon(typed)
		if err != nil {
			return
		}
		for place, r := range rules {
			once := of(r, place, canon.Text(), in)
			if twice := of(r, place, once, in); twice != once {
				t.Errorf("%q in %q becomes %q, and that becomes %q", typed, in, once, twice)
			}
		}
	})
}
