package people

import (
	"iter"
	"strconv"
	"strings"
	"time"
)

// Options say which world is invented.
type Options struct {
	// People is the number of Salesforce leads and contacts together, converted leads included.
	People int
	Seed   uint64
	// Opening is the moment at which the sandbox opens; everything in the world happened before it.
	Opening time.Time
}

// World invents records. It holds nothing but its options; its methods may be called in any order, many times and at
// once.
type World struct {
	people  int
	seed    uint64
	opening time.Time
}

// New makes a world.
func New(o Options) *World {
	return &World{max(o.People, 0), scramble(o.Seed), o.Opening.UTC().Truncate(time.Second)}
}

// firm is a company, whether or not it is an account in Salesforce.
type firm struct {
	number                                uint64 // 1 for the first
	account                               uint64 // its number as an account, 0 when Salesforce has none
	culture                               *culture
	name, domain, website, phone          string
	industry, employees, revenue, segment string
	pattern                               int // how its people's addresses are formed
	first, step                           int // which given names they have, so that addresses differ
	owner                                 uint64
	slots                                 []slot
	mailbox                               bool // its last person is a shared mailbox
	oddAddress                            bool // a mail service's address instead of one of its own
}

// kinship is what a Salesforce person has to do with the one before it.
type kinship uint8

const (
	alone       kinship = iota
	sameHuman           // the same human being, as a lead beside the contact
	converted           // the lead that was converted into the contact before it
	sameAddress         // somebody else who is reached at the same address
)

// slot is one Salesforce person: a lead or a contact, by number.
type slot struct {
	index         uint64 // 0 for the first person of the world
	place         int    // within the firm
	lead, contact uint64
	kin           kinship
	odd           oddity
}

// oddity is what makes a person trouble; most have none.
type oddity uint8

const (
	sound oddity = iota
	longTitle
	unknownSegment
	longPhone
	twiceInMarketo
)

// firms walks through the world. The firm that is yielded is reused for the next.
func (w *World) firms() iter.Seq[*firm] {
	loadCultures()
	return func(yield func(*firm) bool) {
		var f firm
		var accounts, leads, contacts, index uint64
		for number := uint64(1); index < uint64(w.people); number++ {
			d := w.draw(aboutFirm, number)
			slots := f.slots[:0]
			f = firm{number: number}
			size := min(w.size(&d, number), int(uint64(w.people)-index))
			if size > 1 || d.chance(4000) {
				accounts++
				f.account = accounts
			}
			w.describe(&f, &d, size)
			for place := range size {
				s := slot{index: index, place: place}
				sd := w.draw(aboutSlot, index)
				asContact := f.account != 0 && (place == 0 || sd.chance(6200))
				var before *slot
				if place > 0 {
					before = &slots[place-1]
				}
				asContact = s.relate(&sd, before, asContact, place == size-1 && f.mailbox)
				if asContact {
					contacts++
					s.contact = contacts
				} else {
					leads++
					s.lead = leads
				}
				slots = append(slots, s)
				index++
			}
			f.slots = slots
			if !yield(&f) {
				return
			}
		}
	}
}

// relate rolls what is odd about a person; shares are in ten thousand people.
func (s *slot) relate(d *draw, before *slot, asContact, mailbox bool) bool {
	roll := d.below(10_000)
	kin := before != nil && before.kin == alone && before.odd == sound && before.index%33 != 32
	switch {
	case mailbox:
	case roll < 20 && kin && before.contact != 0:
		s.kin = sameHuman
		return false
	case roll >= 20 && roll < 50 && kin && before.contact != 0:
		s.kin = converted
		return false
	case roll >= 50 && roll < 65 && kin:
		s.kin = sameAddress
		return before.contact != 0
	case roll >= 65 && roll < 80:
		s.odd = longTitle
	case roll >= 80 && roll < 90:
		s.odd = unknownSegment
	case roll >= 90 && roll < 95:
		s.odd = longPhone
	case roll >= 95 && roll < 105:
		s.odd = twiceInMarketo
	}
	return asContact
}

// hasEmail is false for about one person in thirty-three.
func (s slot) hasEmail() bool { return s.kin != alone || s.odd != sound || s.index%33 != 32 }

// theGroup is the firm that is large in every world which has room for it: a company of several hundred contacts.
const theGroup = 7

// size is the number of people whom Salesforce knows at a firm.
func (w *World) size(d *draw, number uint64) int {
	size := 1
	switch roll := d.below(1000); {
	case number == theGroup && w.people >= 2000:
		size = 600
	case roll < 430:
	case roll < 820:
		size = 2 + d.below(5)
	case roll < 945:
		size = 7 + d.below(14)
	case roll < 993:
		size = 20 + d.below(60)
	default:
		size = 80 + d.below(400)
	}
	return min(size, 3+w.people/8)
}

func (w *World) describe(f *firm, d *draw, size int) {
	f.culture = someCulture(d)
	f.pattern, f.first, f.step = d.below(6), d.below(1<<20), pick(d, []int{7, 11, 13, 17, 19, 23})
	if len(f.culture.givenNames)%f.step == 0 {
		f.step = 1 // a step that divides the list's length would meet the same names again too soon
	}
	f.owner = someOwner(d)
	f.mailbox = size > 2 && d.chance(800)
	f.oddAddress = size == 1 && d.chance(5500)
	f.industry = pick(d, industries)
	staff := (size + d.below(20)) * (1 + d.below(30))
	f.employees, f.revenue = strconv.Itoa(staff), strconv.Itoa(staff*(60+d.below(200))*1000)
	switch {
	case staff > 1000:
		f.segment = segments[0]
	case staff > 150:
		f.segment = segments[1]
	case d.chance(1000):
		f.segment = segments[3]
	default:
		f.segment = segments[2]
	}
	first, second := pick(d, firmFirst), pick(d, firmSecond)
	legal := pick(d, f.culture.suffixes)
	slug := strings.ToLower(first)
	switch d.below(10) {
	case 0, 1:
		founder := pick(d, f.culture.familyNames)
		f.name, slug = founder.native+" "+legal, founder.plain
	case 2:
		founder := pick(d, f.culture.familyNames)
		f.name, slug = founder.latin+" "+second+" "+legal, founder.plain+"-"+strings.ToLower(second)
	case 3:
		f.name = first + " " + second
	case 4:
		f.name = strings.ToUpper(first) + " " + legal
	case 5:
		f.name = pick(d, f.culture.placeList).city + " " + second + " " + legal
	default:
		f.name = first + " " + second + " " + legal
	}
	f.name = strings.ReplaceAll(f.name, " , ", ", ")
	f.domain = slug + strconv.FormatUint(f.number, 10) + ".example"
	switch d.below(12) {
	case 0:
	case 1, 2, 3:
		f.website = "https://" + f.domain
	case 4:
		f.website = f.domain
	case 5:
		f.website = "http://" + f.domain + "/index.html?utm_source=crm&lang=en"
	default:
		f.website = "https://www." + f.domain
	}
	if d.chance(8000) {
		f.phone = number(d, pick(d, f.culture.phoneShapes))
	}
}

// Owners: users 1 to 20 are at work, number 21 has left and still owns some records.
const (
	activeUsers  = 20
	inactiveUser = 21
)

func someOwner(d *draw) uint64 {
	if d.chance(200) {
		return inactiveUser
	}
	return uint64(1 + d.below(activeUsers))
}

// number fills a shape: # becomes a digit, @ a capital letter.
func number(d *draw, shape string) string {
	b := make([]byte, len(shape))
	for i := range len(shape) {
		switch c := shape[i]; c {
		case '#':
			b[i] = '0' + byte(d.below(10))
		case '@':
			b[i] = "ABCDEFGHJKLMNPRSTUVWXY"[d.below(22)]
		default:
			b[i] = c
		}
	}
	return string(b)
}
