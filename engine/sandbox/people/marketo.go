package people

import (
	"iter"
	"strconv"
	"time"
)

// Persons come in the order of their Marketo ids.
func (w *World) Persons() iter.Seq[Person] {
	return func(yield func(Person) bool) {
		var id int64
		next := func(d *draw) int64 {
			id++
			if d.chance(400) { // deleted or merged long ago
				id++
			}
			return id
		}
		for f := range w.firms() {
			for _, s := range f.slots {
				d := w.draw(aboutStranger, s.index)
				if h := w.human(f, s); h.inMarketo {
					_, known := w.drift(h, s)
					p := w.person(&d, next(&d), known)
					p.Lead, p.Contact = s.lead, s.contact
					if !yield(p) {
						return
					}
					if s.odd == twiceInMarketo {
						p.Number, p.Lead, p.Contact = next(&d), 0, 0
						p.Title, p.LegacyNumber, p.Created = pick(&d, jobs), "", p.Created.Add(time.Hour)
						if !yield(p) {
							return
						}
					}
				}
				if d.chance(1500) && !yield(w.stranger(&d, f, s, next(&d))) {
					return
				}
			}
		}
	}
}

// person is what Marketo keeps of somebody.
func (w *World) person(d *draw, id int64, h facts) Person {
	t := &h.text
	a := w.history(d, uint64(id))
	p := Person{
		Number: id, Salutation: t[salutation], FirstName: t[firstName], MiddleName: t[middleName], LastName: t[lastName],
		Email: t[email], Title: t[title], Department: t[department], Phone: t[phone], MobilePhone: t[mobile], Fax: t[fax],
		Website: t[website], Address: Address{t[street], t[city], t[state], t[postalCode], t[country]},
		DateOfBirth: t[birthdate], LeadSource: t[source], LeadStatus: t[status], Rating: t[rating], Notes: t[note],
		Company: t[company], Industry: t[industry], AnnualRevenue: t[revenue], NumberOfEmployees: t[employees],
		LegacyNumber: t[legacy], Score: t[score], Segment: t[segment], Unsubscribed: h.optedOut, DoNotCall: h.doNotCall,
		EmailInvalid: d.chance(100), OriginalSourceType: pick(d, sourceTypes), Created: a.Created, Updated: a.Modified,
	}
	if p.Unsubscribed {
		p.UnsubscribedReason = pick(d, []string{"", "unsubscribed by form", "too many mails", "Désabonné"})
	}
	return p
}

// stranger is somebody whom only Marketo knows: a colleague of the people at a firm, or nobody's.
func (w *World) stranger(d *draw, f *firm, s slot, id int64) Person {
	h := w.invent(d, f, d.below(1000))
	tag := strconv.FormatUint(s.index, 10)
	given, family := h.given.plain, h.family.plain
	switch roll := d.below(1000); {
	case roll < 40: // came by telephone or from a list without addresses
	case roll < 55:
		h.text[email] = h.family.native + tag + "@bücher.example" // Salesforce refuses letters beyond ASCII
	case roll < 60:
		h.text[email] = "\"" + given + " " + family + "\"" + tag + "@example.net"
	case roll < 550 && !f.oddAddress:
		h.text[email] = given + "_" + family + tag + "@" + f.domain
	default:
		h.text[email] = given + "_" + family + tag + pick(d, []string{"@example.com", "@example.org", "@example.net"})
		for _, f := range []field{company, website, industry, revenue, employees, segment} {
			h.text[f] = ""
		}
	}
	if d.chance(4500) { // a form asks for little
		for _, f := range []field{salutation, department, mobile, street, city, state, postalCode, status, rating, revenue, employees} {
			h.text[f] = ""
		}
	}
	return w.person(d, id, h)
}

// Companies are those that a native sync has brought over: one for every account.
func (w *World) Companies() iter.Seq[Company] {
	return func(yield func(Company) bool) {
		for a := range w.Accounts() {
			c := Company{
				Account: a.Number, Name: a.Name, Website: a.Website, Industry: a.Industry, MainPhone: a.Phone, SicCode: a.Sic,
				Site: a.Site, AnnualRevenue: a.AnnualRevenue, NumberOfEmployees: a.NumberOfEmployees, Notes: a.Description,
				Billing: a.Billing,
			}
			if !yield(c) {
				return
			}
		}
	}
}
