package people

import (
	"iter"
	"strconv"
	"strings"
	"time"
)

// Users are the owners of records: numbers 1 to 20 at work, number 21 inactive.
func (w *World) Users() iter.Seq[User] {
	loadCultures()
	return func(yield func(User) bool) {
		for n := uint64(1); n <= inactiveUser; n++ {
			d := w.draw(aboutUser, n)
			c := someCulture(&d)
			given, family := pick(&d, c.givenNames), pick(&d, c.familyNames)
			address := given.plain + "." + family.plain + strconv.FormatUint(n, 10) + "@acme.example"
			u := User{
				Number: n, FirstName: given.latin, LastName: family.latin, Email: address, Username: address,
				Title: pick(&d, []string{"Account Executive", "Sales Representative", "Sales Manager", "SDR"}), Active: n != inactiveUser,
				Audit: Audit{Created: w.opening.AddDate(-years, -1, 0), Modified: w.opening.AddDate(0, -3, 0), CreatedBy: 1, ModifiedBy: 1},
			}
			if !yield(u) {
				return
			}
		}
	}
}

// Accounts come in the order of their numbers.
func (w *World) Accounts() iter.Seq[Account] {
	return func(yield func(Account) bool) {
		for f := range w.firms() {
			if f.account != 0 && !yield(w.account(f)) {
				return
			}
		}
	}
}

func (w *World) account(f *firm) Account {
	d := w.draw(aboutSales, f.number)
	home := pick(&d, f.culture.placeList)
	a := Account{
		Number: f.account, Name: f.name, Type: pick(&d, accountTypes), Phone: f.phone, Website: f.website, Industry: f.industry,
		AnnualRevenue: f.revenue, NumberOfEmployees: f.employees, Owner: f.owner,
		Billing: Address{City: home.city, PostalCode: number(&d, home.postal), Country: spelling(&d, f.culture.countries)},
		Audit:   w.history(&d, f.account),
	}
	if len(home.states) > 0 {
		a.Billing.State = spelling(&d, home.states)
	}
	if d.chance(8500) {
		a.Billing.Street = w.streetLine(&d, f.culture)
	}
	if d.chance(3000) {
		a.Shipping = a.Billing
	}
	if d.chance(9000) {
		a.LegacyNumber = "AC-" + strconv.FormatUint(10_000+f.account, 10)
	}
	if d.chance(4000) {
		a.Sic, a.SicDesc = number(&d, "7###"), f.industry
	}
	if d.chance(2500) {
		a.Site = pick(&d, []string{"Headquarters", "HQ", "Branch", "Plant 2", home.city})
	}
	if d.chance(2000) {
		a.Ownership = pick(&d, []string{"Public", "Private", "Subsidiary", "Other"})
	}
	if a.Ownership == "Public" {
		a.TickerSymbol = number(&d, "@@@")
	}
	if d.chance(3000) {
		a.Rating = pick(&d, ratings)
	}
	if d.chance(500) {
		a.Fax = number(&d, f.culture.phoneShapes[0])
	}
	if d.chance(1000) {
		a.Description = pick(&d, notes)
	}
	if d.chance(1500) {
		a.AccountSource = pick(&d, leadSources)
	}
	if d.chance(1500) {
		a.AccountNumber = number(&d, "CD######")
	}
	if f.account > 10 && d.chance(300) {
		a.Parent = 1 + uint64(d.below(int(f.account-1)))
	}
	return a
}

// Contacts come in the order of their numbers.
func (w *World) Contacts() iter.Seq[Contact] {
	return func(yield func(Contact) bool) {
		for f := range w.firms() {
			for _, s := range f.slots {
				if s.contact != 0 && !yield(w.contact(f, s)) {
					return
				}
			}
		}
	}
}

// inSalesforce is what Salesforce knows of a slot's human being.
func (w *World) inSalesforce(f *firm, s slot) facts {
	h := w.human(f, s)
	if h.inMarketo {
		h, _ = w.drift(h, s)
	} else if s.odd == longTitle || s.odd == longPhone || s.odd == unknownSegment {
		h.text[title], h.text[phone], h.text[segment] = "", "", ""
	}
	return h
}

func (w *World) contact(f *firm, s slot) Contact {
	h := w.inSalesforce(f, s)
	t := &h.text
	d := w.draw(aboutSlot, ^s.index)
	c := Contact{
		Number: s.contact, Account: f.account, Salutation: t[salutation], FirstName: t[firstName], LastName: t[lastName],
		Title: t[title], Department: t[department], Email: t[email], Phone: t[phone], MobilePhone: t[mobile], Fax: t[fax],
		Birthdate: t[birthdate], LeadSource: t[source], Description: t[note], LegacyNumber: t[legacy], Score: t[score],
		Segment: t[segment], OptedOutOfEmail: h.optedOut, OptedOutOfFax: h.noFax, DoNotCall: h.doNotCall,
		Mailing: Address{t[street], t[city], t[state], t[postalCode], t[country]},
		Owner:   f.owner, DoNotSync: d.chance(50), Audit: w.history(&d, s.index),
	}
	if d.chance(200) {
		c.Account = 0
	}
	if d.chance(500) {
		c.HomePhone = number(&d, f.culture.phoneShapes[0])
	}
	if first := f.slots[0]; s.place > 0 && first.contact != 0 && d.chance(1000) {
		c.ReportsTo = first.contact
	}
	if strings.HasPrefix(c.Title, "C") && d.chance(2000) {
		c.AssistantName = pick(&d, f.culture.givenNames).latin
	}
	return c
}

// Leads come in the order of their numbers, converted ones among them.
func (w *World) Leads() iter.Seq[Lead] {
	return func(yield func(Lead) bool) {
		for f := range w.firms() {
			for _, s := range f.slots {
				if s.lead != 0 && !yield(w.lead(f, s)) {
					return
				}
			}
		}
	}
}

func (w *World) lead(f *firm, s slot) Lead {
	h := w.inSalesforce(f, s)
	t := &h.text
	d := w.draw(aboutSlot, ^s.index)
	if t[company] == "" {
		t[company] = "[not provided]"
	}
	l := Lead{
		Number: s.lead, Salutation: t[salutation], FirstName: t[firstName], LastName: t[lastName], Title: t[title],
		Company: t[company], Email: t[email], Phone: t[phone], MobilePhone: t[mobile], Fax: t[fax], Website: t[website],
		Description: t[note], LeadSource: t[source], Status: t[status], Industry: t[industry], Rating: t[rating],
		AnnualRevenue: t[revenue], NumberOfEmployees: t[employees], LegacyNumber: t[legacy], Score: t[score],
		Segment: t[segment], OptedOutOfEmail: h.optedOut, OptedOutOfFax: h.noFax, DoNotCall: h.doNotCall,
		Address: Address{t[street], t[city], t[state], t[postalCode], t[country]},
		Owner:   someOwner(&d), DoNotSync: d.chance(50), Audit: w.history(&d, s.index),
	}
	if l.Status == "" {
		l.Status = leadStatuses[0]
	}
	switch {
	case s.kin == converted:
		l.Status, l.ConvertedContact, l.ConvertedAccount = "Closed - Converted", f.slots[s.place-1].contact, f.account
		l.Converted = l.Audit.Created.Add(time.Duration(1+d.below(20)) * time.Hour)
		if l.Audit.Modified.Before(l.Converted) {
			l.Audit.Modified = l.Converted
		}
	case d.chance(300):
		l.Queue, l.Owner = true, 0
	}
	return l
}
