package people_test

import (
	"fmt"
	"hash/fnv"
	"iter"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/doppio-sync/doppio/engine/sandbox/people"
)

var opening = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func world(n int, seed uint64) *people.World {
	return people.New(people.Options{People: n, Seed: seed, Opening: opening})
}

func fingerprint(w *people.World) uint64 {
	h := fnv.New64a()
	each(h, w.Users())
	each(h, w.Accounts())
	each(h, w.Contacts())
	each(h, w.Leads())
	each(h, w.Opportunities())
	each(h, w.Roles())
	each(h, w.Campaigns())
	each(h, w.MemberStatuses())
	each(h, w.Members())
	each(h, w.Persons())
	each(h, w.Companies())
	return h.Sum64()
}

func each[T any](h interface{ Write([]byte) (int, error) }, all iter.Seq[T]) {
	for one := range all {
		fmt.Fprintf(h, "%v", one)
	}
}

func TestSameSeedSameWorld(t *testing.T) {
	first := fingerprint(world(3000, 1))
	if again := fingerprint(world(3000, 1)); first != again {
		t.Error("the same options gave two worlds")
	}
	if other := fingerprint(world(3000, 2)); first == other {
		t.Error("the seed changes nothing")
	}
}

// TestSalesforceTakesAll holds what Salesforce is said to know against what an org accepts.
func TestSalesforceTakesAll(t *testing.T) {
	limits := func(t *testing.T, what string, pairs ...any) {
		for i := 0; i < len(pairs); i += 2 {
			text := pairs[i].(string)
			if n := utf8.RuneCountInString(text); n > pairs[i+1].(int) || !utf8.ValidString(text) || strings.TrimSpace(text) != text && n < 41 {
				t.Errorf("%s: text %d of %d characters is longer than %d, blank at an end or no UTF-8", what, i/2, n, pairs[i+1])
			}
		}
	}
	people, legacy := 0, map[string]bool{}
	unique := func(number string) {
		if number != "" && legacy[number] {
			t.Errorf("a legacy number is given twice")
		}
		legacy[number] = true
	}
	w := world(20_000, 5)
	accounts := uint64(0)
	for a := range w.Accounts() {
		accounts++
		if a.Number != accounts || a.Name == "" || a.Parent >= a.Number {
			t.Fatalf("account %d is misnumbered, nameless or its own ancestor", a.Number)
		}
		unique(a.LegacyNumber)
		limits(t, "account", a.Name, 255, a.Phone, 40, a.Website, 255, a.Sic, 20, a.Site, 80, a.Billing.City, 40, a.Billing.State, 80,
			a.Billing.PostalCode, 20, a.Billing.Country, 80, a.Billing.Street, 255, a.LegacyNumber, 20)
	}
	contacts := uint64(0)
	for c := range w.Contacts() {
		people++
		contacts++
		if c.Number != contacts || c.Account > accounts || c.LastName == "" || c.ReportsTo >= c.Number {
			t.Fatalf("contact %d is misnumbered, nameless or hangs in the air", c.Number)
		}
		unique(c.LegacyNumber)
		limits(t, "contact", c.FirstName, 40, c.LastName, 80, c.Title, 128, c.Email, 80, c.Phone, 40, c.MobilePhone, 40, c.Department, 80,
			c.Mailing.City, 40, c.Mailing.State, 80, c.Mailing.PostalCode, 20, c.Mailing.Country, 80, c.Mailing.Street, 255)
		past(t, c.Audit)
	}
	leads := uint64(0)
	for l := range w.Leads() {
		people++
		leads++
		if l.Number != leads || l.ConvertedContact > contacts || l.LastName == "" || l.Company == "" || (l.Owner == 0) != l.Queue {
			t.Fatalf("lead %d is misnumbered, lacks what it needs or hangs in the air", l.Number)
		}
		unique(l.LegacyNumber)
		limits(t, "lead", l.FirstName, 40, l.LastName, 80, l.Title, 128, l.Email, 80, l.Phone, 40, l.MobilePhone, 40, l.Company, 255,
			l.Address.City, 40, l.Address.State, 80, l.Address.PostalCode, 20, l.Address.Country, 80, l.Address.Street, 255)
		past(t, l.Audit)
	}
	if people != 20_000 {
		t.Errorf("%d leads and contacts, want 20000", people)
	}
	for r := range w.Roles() {
		if r.Contact == 0 || r.Contact > contacts {
			t.Fatalf("role %d has no contact", r.Number)
		}
	}
	for m := range w.Members() {
		if (m.Lead == 0) == (m.Contact == 0) || m.Lead > leads || m.Contact > contacts {
			t.Fatalf("member %d is not one of lead and contact", m.Number)
		}
	}
}

func past(t *testing.T, a people.Audit) {
	t.Helper()
	if a.Modified.Before(a.Created) || !a.Modified.Before(opening) {
		t.Fatalf("created %v, modified %v: not in order before the opening", a.Created, a.Modified)
	}
}

// TestMostlySound counts what will need a person's attention: some of everything, little in all.
func TestMostlySound(t *testing.T) {
	const n = 20_000
	for seed := range uint64(3) {
		w := world(n, seed)
		salesforce := map[string][2]int{} // by address: leads, contacts
		for c := range w.Contacts() {
			count := salesforce[strings.ToLower(c.Email)]
			count[1]++
			salesforce[strings.ToLower(c.Email)] = count
		}
		converted := 0
		for l := range w.Leads() {
			if l.ConvertedContact != 0 {
				converted++
				continue
			}
			count := salesforce[strings.ToLower(l.Email)]
			count[0]++
			salesforce[strings.ToLower(l.Email)] = count
		}
		without := salesforce[""]
		delete(salesforce, "")
		shared, beside := 0, 0
		for _, count := range salesforce {
			switch {
			case count[0] > 1 || count[1] > 1:
				shared++
			case count[0] == 1 && count[1] == 1:
				beside++
			}
		}
		marketo, both, persons, last, refused := map[string]int{}, 0, 0, int64(0), 0
		for p := range w.Persons() {
			persons++
			if p.Number <= last || (p.Lead != 0 && p.Contact != 0) {
				t.Fatalf("person %d follows %d", p.Number, last)
			}
			last = p.Number
			if p.Email != "" {
				marketo[strings.ToLower(p.Email)]++
			}
			if p.Lead != 0 || p.Contact != 0 {
				both++
				if len(p.Title) > 256 || len(p.Phone) > 40 {
					refused++
				}
			}
		}
		twice := 0
		for _, count := range marketo {
			if count > 1 {
				twice++
			}
		}
		within := func(what string, got int, low, high float64) {
			t.Helper()
			if share := 100 * float64(got) / n; share < low || share > high {
				t.Errorf("seed %d: %s: %.2f %% of the people, want %.2f to %.2f", seed, what, share, low, high)
			}
		}
		within("several of a kind on one address", shared, 0.05, 0.3)
		within("a lead beside a contact", beside, 0.05, 0.4)
		within("converted", converted, 0.1, 0.5)
		within("no address", without[0]+without[1], 1, 4)
		within("known to both", both, 60, 75)
		within("only in Marketo", persons-both, 12, 18)
		within("twice in Marketo", twice, 0.02, 0.3)
		within("too long for Salesforce", refused, 0.05, 0.5)
		if dense := float64(persons) / float64(last); dense < 0.92 || dense > 0.99 {
			t.Errorf("seed %d: Marketo's ids are %.2f dense", seed, dense)
		}
	}
}

func TestManyScripts(t *testing.T) {
	want := []*unicode.RangeTable{
		unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Arabic, unicode.Hebrew, unicode.Han, unicode.Katakana,
		unicode.Hangul, unicode.Devanagari, unicode.Thai,
	}
	seen := make([]bool, len(want))
	domains := map[string]bool{}
	for p := range world(5000, 1).Persons() {
		for _, r := range p.FirstName + p.LastName {
			for i, script := range want {
				seen[i] = seen[i] || unicode.Is(script, r)
			}
		}
		if _, domain, ok := strings.Cut(p.Email, "@"); ok {
			domains[domain[strings.LastIndexByte(domain, '.')+1:]] = true
			if !strings.HasSuffix(domain, ".example") && !strings.HasSuffix(domain, "example.com") &&
				!strings.HasSuffix(domain, "example.org") && !strings.HasSuffix(domain, "example.net") {
				t.Fatal("an address leads somewhere")
			}
		}
	}
	for i, ok := range seen {
		if !ok {
			t.Errorf("nobody's name is written in script %d", i)
		}
	}
	if len(domains) < 3 {
		t.Error("all addresses end alike")
	}
}

func TestSmallWorlds(t *testing.T) {
	for n := range 40 {
		total := 0
		w := world(n, 9)
		for range w.Leads() {
			total++
		}
		for range w.Contacts() {
			total++
		}
		if total != n {
			t.Errorf("a world of %d people has %d", n, total)
		}
	}
}

func BenchmarkPersons(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		for range world(10_000, 1).Persons() {
		}
	}
}
