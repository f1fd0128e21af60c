package people

import (
	"strconv"
	"strings"
)

// field numbers what is known of a human being as text.
type field uint8

const (
	salutation field = iota
	firstName
	middleName
	lastName
	email
	title
	department
	phone
	mobile
	fax
	website
	street
	city
	state
	postalCode
	country
	birthdate
	source
	status
	rating
	note
	company
	industry
	revenue
	employees
	legacy
	score
	segment
	fieldCount
)

// facts are what is true of a human being; each system knows its own part of it.
type facts struct {
	text                       [fieldCount]string
	optedOut, noFax, doNotCall bool
	culture                    *culture
	given, family              name
	home                       place
	inMarketo                  bool
}

// human says who a slot is. A converted lead, or a lead beside a contact, is the human being of the slot before.
func (w *World) human(f *firm, s slot) facts {
	who := s
	if s.kin == sameHuman || s.kin == converted {
		who = f.slots[s.place-1]
	}
	d := w.draw(aboutHuman, who.index)
	h := w.invent(&d, f, who.place)
	if s.hasEmail() {
		h.text[email] = w.address(&d, f, who, h)
	}
	if who.kin == sameAddress {
		h.text[email] = w.human(f, f.slots[who.place-1]).text[email]
	}
	if f.mailbox && who.place == len(f.slots)-1 {
		box := mailboxes[int(who.index)%len(mailboxes)]
		h.text[salutation], h.text[firstName], h.text[title], h.text[mobile] = "", "", "", ""
		h.text[lastName] = strings.ToUpper(box[:1]) + strings.ReplaceAll(box[1:], ".", " ")
		h.text[email] = box + "@" + f.domain
	}
	if d.chance(9500) {
		h.text[legacy] = "LG-" + strconv.FormatUint(100_000+s.index, 10)
	}
	if who.odd == longPhone {
		h.text[phone] = strings.Replace(number(&d, f.culture.phoneShapes[0]), "x", "ext.", 1) + " (reception, ask for extension " + number(&d, "####") + " please)"
	}
	if who.odd == unknownSegment {
		h.text[segment] = pick(&d, unknownSegments)
	}
	if who.odd == longTitle {
		h.text[title] = longest(&d)
	}
	h.inMarketo = s.kin == alone && s.hasEmail() && (who.odd != sound || d.chance(7000))
	return h
}

// longest is a job title of 300 characters, which one side takes and the other does not.
func longest(d *draw) string {
	var b strings.Builder
	for b.Len() < 300 {
		b.WriteString(jobs[d.below(150)])
		b.WriteString(", ")
	}
	return b.String()[:299] + "."
}

// invent makes a human being who works at a firm.
func (w *World) invent(d *draw, f *firm, at int) facts {
	h := facts{culture: f.culture}
	if d.chance(1500) {
		h.culture = someCulture(d)
	}
	c := h.culture
	h.given = c.givenNames[(f.first+at*f.step)%len(c.givenNames)]
	h.family = pick(d, c.familyNames)
	h.home = pick(d, c.placeList)
	t := &h.text
	t[firstName], t[lastName] = h.given.latin, h.family.latin
	if d.below(100) < c.native {
		t[firstName], t[lastName] = h.given.native, h.family.native
	}
	odd := d.below(10_000)
	switch {
	case odd < 120:
		t[firstName] = ""
	case odd < 150:
		t[lastName] = strings.ToUpper(t[lastName])
	case odd < 170:
		t[firstName] += " 😀"
	case odd < 190:
		t[firstName] = strings.ToLower(t[firstName])
	case odd < 240:
		t[middleName] = pick(d, c.givenNames).latin
	}
	if d.chance(4500) {
		t[salutation] = pick(d, []string{"Mr.", "Ms.", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."})
	}
	if d.chance(8500) {
		t[title] = pick(d, jobs)
	}
	if d.chance(4000) {
		t[department] = pick(d, departments)
	}
	if d.chance(8500) {
		t[phone] = number(d, pick(d, c.phoneShapes))
	}
	if d.chance(4000) {
		t[mobile] = number(d, pick(d, c.phoneShapes))
	}
	if d.chance(700) {
		t[fax] = number(d, c.phoneShapes[0])
	}
	if d.chance(7000) {
		t[street] = w.streetLine(d, c)
	}
	if d.chance(8000) {
		t[city], t[postalCode] = h.home.city, number(d, h.home.postal)
		if len(h.home.states) > 0 {
			t[state] = spelling(d, h.home.states)
		}
	}
	if d.chance(9000) {
		t[country] = spelling(d, c.countries)
	}
	if d.chance(1200) {
		t[birthdate] = strconv.Itoa(1945+d.below(60)) + "-" + twoDigits(1+d.below(12)) + "-" + twoDigits(1+d.below(28))
	}
	if d.chance(8000) {
		t[source] = pick(d, leadSources)
	}
	t[status] = pick(d, leadStatuses)
	if d.chance(3500) {
		t[rating] = pick(d, ratings)
	}
	if d.chance(800) {
		t[note] = pick(d, notes)
	}
	if d.chance(9000) {
		t[score] = strconv.Itoa(max(0, d.below(120)+d.below(120)-60))
	}
	t[company], t[website], t[industry] = f.name, f.website, f.industry
	t[revenue], t[employees], t[segment] = f.revenue, f.employees, f.segment
	h.optedOut, h.noFax, h.doNotCall = d.chance(600), d.chance(100), d.chance(300)
	return h
}

// spelling is mostly the usual one.
func spelling(d *draw, of []string) string {
	if d.chance(6500) {
		return of[0]
	}
	return pick(d, of)
}

func (w *World) streetLine(d *draw, c *culture) string {
	shape := pick(d, c.streetShapes)
	for strings.Contains(shape, "{n}") {
		shape = strings.Replace(shape, "{n}", strconv.Itoa(1+d.below(400)), 1)
	}
	return shape
}

func twoDigits(n int) string { return string([]byte{'0' + byte(n/10), '0' + byte(n%10)}) }

// address is an e-mail address that nobody else in the world has. At a firm given names differ from place to place, as
// long as the list lasts; where names may meet again, a number tells them apart.
func (w *World) address(d *draw, f *firm, s slot, h facts) string {
	given, family := h.given.plain, h.family.plain
	if f.oddAddress {
		host := pick(d, []string{"@example.com", "@example.com", "@example.org", "@example.net", "@mail.example.com"})
		return given + "." + family + strconv.FormatUint(s.index, 10) + host
	}
	suffix := ""
	if h.culture != f.culture {
		suffix = strconv.Itoa(100 + s.place)
	} else if again := s.place / len(h.culture.givenNames); again > 0 {
		suffix = strconv.Itoa(again + 1)
	}
	local := given + "." + family + suffix
	switch f.pattern {
	case 1:
		if h.family.latin == "O'Brien" || h.family.latin == "D'Angelo" {
			local = given + "." + strings.ToLower(h.family.latin) + suffix
		}
	case 2:
		local = given + suffix
	case 3:
		local = given + family + suffix
	case 4:
		local = family + "." + given + suffix
	case 5:
		local = given[:1] + family + strconv.Itoa(s.place)
	}
	if d.chance(60) {
		local += "+news"
	}
	return local + "@" + f.domain
}
