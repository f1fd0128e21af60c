package people

import (
	"strconv"
	"strings"
)

// drifting are the fields that two systems come to disagree about.
var drifting = [...]field{
	salutation, firstName, title, department, phone, mobile, fax, website, street, city, state, postalCode, country, birthdate,
	source, status, rating, note, company, industry, revenue, employees, legacy, score, segment,
}

// drift says what each system knows of a human being whom both know. More than half are the same on both sides; for the
// others every field has its chance to be missing on one side or to have been changed on one.
func (w *World) drift(h facts, s slot) (salesforce, marketo facts) {
	d := w.draw(aboutDrift, s.index)
	salesforce, marketo = h, h
	if !d.chance(5500) {
		for _, f := range drifting {
			switch roll := d.below(100); {
			case roll < 5:
				salesforce.text[f] = ""
			case roll < 11:
				marketo.text[f] = ""
			case roll < 15 && h.text[f] != "":
				marketo.text[f] = changed(&d, f, h)
			}
		}
	}
	if d.chance(40) {
		marketo.optedOut = !h.optedOut
	}
	switch roll := d.below(10_000); { // what Marketo keeps as it came
	case roll < 60:
		marketo.text[email] = strings.ToUpper(h.text[email][:1]) + h.text[email][1:]
	case roll < 160:
		marketo.text[lastName] += "  "
	case roll < 260 && marketo.text[company] != "":
		marketo.text[company] += " "
	case roll < 300 && marketo.text[title] != "":
		marketo.text[title] += " 🎉"
	case roll < 330:
		marketo.text[lastName] = ""
	}
	switch s.odd { // what Salesforce cannot take is missing there
	case longTitle:
		marketo.text[title], salesforce.text[title] = h.text[title], ""
	case unknownSegment:
		marketo.text[segment], salesforce.text[segment] = h.text[segment], ""
	case longPhone:
		marketo.text[phone], salesforce.text[phone] = h.text[phone], ""
	}
	return salesforce, marketo
}

// changed is another value of a field that somebody might have typed.
func changed(d *draw, f field, h facts) string {
	was := h.text[f]
	switch f {
	case firstName:
		if was == h.given.latin && h.given.native != was {
			return h.given.native
		}
		return h.given.latin
	case title:
		return pick(d, jobs)
	case department:
		return pick(d, departments)
	case phone, mobile:
		return number(d, pick(d, h.culture.phoneShapes))
	case website:
		return strings.TrimPrefix(strings.TrimPrefix(was, "https://"), "www.")
	case street:
		return was + "\n" + strconv.Itoa(1+d.below(9)) + "F"
	case city:
		return pick(d, h.culture.placeList).city
	case state:
		return pick(d, h.home.states)
	case country:
		return pick(d, h.culture.countries)
	case source:
		return pick(d, leadSources)
	case status:
		return pick(d, leadStatuses)
	case rating:
		return pick(d, ratings)
	case note:
		return pick(d, notes)
	case industry:
		return pick(d, industries)
	case company:
		name, _, _ := strings.Cut(was, " ")
		return name
	case employees:
		return strconv.Itoa(5 + d.below(5000))
	case score:
		return strconv.Itoa(d.below(300))
	case segment:
		return pick(d, segments)
	}
	return was
}
