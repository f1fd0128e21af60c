package people_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestPeopleAsTheyAre: whatever trouble real data is, some of it is in a world of the demo's size already.
func TestPeopleAsTheyAre(t *testing.T) {
	role := regexp.MustCompile(`^(info|sales|office|contact|marketing|hello|support|noreply|webmaster|accounts\.payable)@`)
	digits := regexp.MustCompile(`[0-9٠-٩０-９]+`)
	for _, n := range []int{2000, 20_000} {
		seen := map[string]int{}
		count := func(what string, is bool) {
			if is {
				seen[what]++
			}
		}
		emoji := func(text string) bool {
			return strings.ContainsFunc(text, func(r rune) bool { return r > 0x1F000 || unicode.Is(unicode.So, r) })
		}
		shapes := map[string]bool{}
		states, addresses, mail := map[string]bool{}, map[string]int{}, map[string][2]bool{}
		w := world(n, 1)
		inactive := map[uint64]bool{}
		for u := range w.Users() {
			if !u.Active {
				inactive[u.Number] = true
			}
		}
		size := map[uint64]int{}
		for c := range w.Contacts() {
			size[c.Account]++
			both := mail[c.Email]
			mail[c.Email] = [2]bool{true, both[1]}
			count("contact without an address", c.Email == "")
			count("contact with a number of an older system", c.LegacyNumber != "")
			count("somebody's owner has left", inactive[c.Owner])
			states[c.Mailing.State] = true
			shapes[digits.ReplaceAllString(c.Phone, "#")] = true
		}
		for l := range w.Leads() {
			both := mail[l.Email]
			mail[l.Email] = [2]bool{both[0], true}
			count("lead without a first name", l.FirstName == "")
			count("lead with a number of an older system", l.LegacyNumber != "")
			count("lead of a queue", l.Queue)
			count("lead that was converted", l.ConvertedContact != 0)
			states[l.Address.State] = true
			shapes[digits.ReplaceAllString(l.Phone, "#")] = true
		}
		for a := range w.Accounts() {
			count("account with a number of an older system", a.LegacyNumber != "")
		}
		for p := range w.Persons() {
			addresses[strings.ToLower(p.Email)]++
			count("role address", role.MatchString(p.Email))
			count("title of 300 characters", utf8.RuneCountInString(p.Title) >= 300)
			count("emoji", emoji(p.FirstName+p.Title))
			count("trailing blanks", strings.HasSuffix(p.LastName, " ") || strings.HasSuffix(p.Company, " "))
			count("address in another case", p.Email != strings.ToLower(p.Email))
			count("person without a last name", p.LastName == "")
			count("value that the other side's picklist lacks", p.Segment == "SMB" || p.Segment == "Key Account")
			count("telephone number longer than the other side takes", len(p.Phone) > 40)
		}
		for address, both := range mail {
			count("same person as lead and contact", address != "" && both[0] && both[1])
		}
		for address, n := range addresses {
			count("several people on one address", address != "" && n > 1)
		}
		largest := 0
		for account, n := range size {
			count("company of one contact", n == 1)
			if account != 0 {
				largest = max(largest, n)
			}
		}
		with := map[uint64]bool{}
		for r := range w.Roles() {
			with[r.Opportunity] = true
		}
		for o := range w.Opportunities() {
			count("opportunity with roles", with[o.Number])
			count("opportunity without roles", !with[o.Number])
		}
		for range w.Members() {
			seen["member of a campaign"]++
		}
		for _, what := range []string{
			"contact without an address", "lead without a first name", "contact with a number of an older system", "lead with a number of an older system",
			"account with a number of an older system", "somebody's owner has left", "lead of a queue", "lead that was converted", "role address",
			"title of 300 characters", "emoji", "trailing blanks", "address in another case", "person without a last name",
			"value that the other side's picklist lacks", "telephone number longer than the other side takes", "same person as lead and contact",
			"several people on one address", "company of one contact", "opportunity with roles", "opportunity without roles", "member of a campaign",
		} {
			if rare := what == "telephone number longer than the other side takes"; seen[what] == 0 && !(rare && n < 10_000) {
				t.Errorf("%d people: no %s", n, what)
			}
		}
		if !states["CA"] || !states["California"] || !states["Calif."] {
			t.Errorf("%d people: California is not spelled in every way", n)
		}
		if len(shapes) < 20 {
			t.Errorf("%d people: telephone numbers have %d shapes", n, len(shapes))
		}
		if want := map[int]int{2000: 100, 20_000: 300}[n]; largest < want {
			t.Errorf("%d people: the largest company has %d contacts, want %d", n, largest, want)
		}
	}
}
