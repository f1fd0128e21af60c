package people

import (
	"fmt"
	"iter"
	"strconv"
	"time"
)

// Subscription is a record of the org's own that hangs on a contact or a lead; the other one is 0.
type Subscription struct {
	Number, Contact, Lead            uint64
	Name, Plan, Fee, Seats, StartsOn string
	Active                           bool
	Owner                            uint64
	Audit                            Audit
}

// Site is a record of the org's own that hangs on an account.
type Site struct {
	Number, Account       uint64
	Name, City, Employees string
	Opened                time.Time
	Audit                 Audit
}

// Machine is a record of the org's own that hangs on a site.
type Machine struct {
	Number, Site               uint64
	Name, Serial, Model, Hours string
	Audit                      Audit
}

// mostCustom is how many records of one of the org's own objects a world has, about.
const mostCustom = 50_000

// Subscriptions come in the order of their numbers: about one person in ten has one, fewer in a large world.
func (w *World) Subscriptions() iter.Seq[Subscription] {
	return func(yield func(Subscription) bool) {
		share := min(1000, 10_000*mostCustom/max(w.people, 1))
		number := uint64(0)
		for f := range w.firms() {
			for _, s := range f.slots {
				d := w.draw(aboutCustom, s.index)
				if s.kin == converted || !d.chance(share) {
					continue
				}
				number++
				one := Subscription{
					Number: number, Contact: s.contact, Lead: s.lead, Plan: pick(&d, []string{"Free", "Team", "Enterprise"}),
					Name: fmt.Sprintf("S-%05d", number), Seats: strconv.Itoa(1 + d.below(200)), Active: d.chance(7000), Owner: f.owner,
					StartsOn: w.opening.AddDate(0, 0, -d.below(1200)).Format(time.DateOnly), Audit: w.history(&d, number),
				}
				if one.Plan != "Free" {
					one.Fee = strconv.Itoa(120*(1+d.below(300))) + ".50"
				}
				if !yield(one) {
					return
				}
			}
		}
	}
}

// Sites come in the order of their numbers.
func (w *World) Sites() iter.Seq[Site] {
	return func(yield func(Site) bool) {
		share := min(2500, 10_000*mostCustom*4/max(w.people, 1))
		number := uint64(0)
		for f := range w.firms() {
			d := w.draw(aboutCustom, ^f.number)
			if f.account == 0 || !d.chance(share) {
				continue
			}
			for range 1 + d.below(2) {
				number++
				city := pick(&d, f.culture.placeList).city
				audit := w.history(&d, number)
				site := Site{
					Number: number, Account: f.account, Name: city + " " + strconv.FormatUint(number, 10), City: city,
					Employees: strconv.Itoa(5 + d.below(900)), Opened: audit.Created, Audit: audit,
				}
				if !yield(site) {
					return
				}
			}
		}
	}
}

// Machines come in the order of their numbers.
func (w *World) Machines() iter.Seq[Machine] {
	return func(yield func(Machine) bool) {
		number := uint64(0)
		for site := range w.Sites() {
			d := w.draw(aboutCustom, site.Number<<24)
			for range d.below(4) {
				number++
				if !yield(Machine{
					Number: number, Site: site.Number, Name: fmt.Sprintf("M-%05d", number), Serial: fmt.Sprintf("%08X", d.below(1<<30)),
					Model: pick(&d, []string{"Press", "Lathe", "Mill", "Robot"}), Hours: fmt.Sprintf("%d.%d", d.below(9000), 1+d.below(9)), Audit: w.history(&d, number),
				}) {
					return
				}
			}
		}
	}
}
