package filter

import (
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Value is what a field is compared with. Exactly one of its forms is used, by Form.
type Value struct {
	Form Form
	// Text is a text, a number's digits, a day (2026-01-31) or a moment in UTC (2026-01-31T12:00:00Z).
	Text string
	// N and Unit are a stretch of time: of Ago and On, counted from today; of Stretch, counted from now.
	N    int
	Unit Unit
}

// Form says how a value was given.
type Form uint8

// The forms.
const (
	Words  Form = iota + 1
	Number      // in digits
	True
	Day
	Moment
	// Ago is the day so long before today; with N 0 it is today. On is the day so long after.
	Ago
	On
	// Stretch is the length of a Within or an Ahead, or the age that Less and GreaterOrEqual compare with.
	Stretch
)

// Unit is a unit of time.
type Unit uint8

// The units.
const (
	Hours Unit = iota + 1
	Days
	Weeks
	Months
	Years
)

var unitNames = map[Unit]string{Hours: "hour", Days: "day", Weeks: "week", Months: "month", Years: "year"}

func (v Value) span() string {
	s := itoa(v.N) + " " + unitNames[v.Unit]
	if v.N != 1 {
		s += "s"
	}
	return s
}

// Clock is when and where "today" is: the zone is the org's.
type Clock struct {
	Now  time.Time
	Zone *time.Location
}

func (c Clock) now() time.Time {
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	return c.Now.In(zone).Truncate(time.Second)
}

func (c Clock) today() time.Time { return midnight(c.now(), 0) }

// midnight is where the day begins that is so many days after that of at.
func midnight(at time.Time, days int) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day()+days, 0, 0, 0, 0, at.Location())
}

// move goes n units from a time. From the 31st a month back leads to the last day of that month.
func move(at time.Time, n int, u Unit) time.Time {
	switch u {
	case Hours:
		return at.Add(time.Duration(n) * time.Hour)
	case Days:
		return at.AddDate(0, 0, n)
	case Weeks:
		return at.AddDate(0, 0, 7*n)
	case Years:
		n *= 12
	}
	to := time.Date(at.Year(), at.Month()+time.Month(n), 1, at.Hour(), at.Minute(), at.Second(), 0, at.Location())
	last := to.AddDate(0, 1, -1).Day()
	return to.AddDate(0, 0, min(at.Day(), last)-1)
}

// interval is a half-open stretch [begin, end) of canonical texts; an empty one is open on that side.
type interval struct{ begin, end string }

// interval is what a value covers of a field of kind k: a day, or for a moment one second.
func (c Clock) interval(v Value, k record.Kind) interval {
	var begin, end time.Time
	zone := c.today().Location()
	switch v.Form {
	case Day:
		at, err := time.ParseInLocation(time.DateOnly, v.Text, zone)
		if err != nil { // no parser lets one through; it covers nothing
			return interval{"~", "~"}
		}
		begin, end = at, midnight(at, 1)
	case Moment:
		at, err := time.Parse(time.RFC3339, v.Text)
		if err != nil {
			return interval{"~", "~"}
		}
		begin, end = at, at.Add(time.Second)
		if k == record.Date {
			begin, end = midnight(at.In(zone), 0), midnight(at.In(zone), 1)
		}
	case Ago, On:
		n := v.N
		if v.Form == Ago {
			n = -n
		}
		begin = midnight(move(c.today(), n, v.Unit), 0)
		end = midnight(begin, 1)
	case Stretch:
		begin = move(c.now(), -v.N, v.Unit)
		end = begin
	}
	return interval{canon(begin, k), canon(end, k)}
}

// window is what Within or Ahead covers.
func (c Clock) window(op Op, v Value, k record.Kind) interval {
	if op == Ahead {
		last := move(c.now(), v.N, v.Unit)
		if k == record.Date {
			return interval{canon(c.now(), k), canon(midnight(last, 1), k)}
		}
		return interval{canon(c.now(), k), canon(last.Add(time.Second), k)}
	}
	return interval{canon(move(c.now(), -v.N, v.Unit), k), canon(midnight(c.now(), 1), k)}
}

// canon is a time as fields of a kind hold it.
func canon(at time.Time, k record.Kind) string {
	if k == record.Date {
		return at.Format(time.DateOnly)
	}
	return at.UTC().Format("2006-01-02T15:04:05Z")
}

func isDay(raw string) bool {
	at, err := time.Parse(time.DateOnly, raw)
	return err == nil && inCalendar(at)
}

func isMoment(raw string) bool {
	at, err := record.ParseTime(strings.ToUpper(raw))
	return err == nil && inCalendar(at)
}

// inCalendar keeps to the years that Salesforce stores (SOQL and SOSL Reference, date formats).
func inCalendar(at time.Time) bool { return at.Year() >= 1700 && at.Year() < 4000 }

// mostUnits bounds a stretch of time: nobody looks back further than a century.
var mostUnits = map[Unit]int{Hours: 24 * 366 * 100, Days: 366 * 100, Weeks: 53 * 100, Months: 1200, Years: 100}

func unitOf(word string) (Unit, bool) {
	for u, n := range unitNames {
		if strings.EqualFold(word, n) || strings.EqualFold(word, n+"s") {
			return u, true
		}
	}
	return 0, false
}

func wholeNumber(raw string) (int, bool) {
	n, err := strconv.Atoi(raw)
	return n, err == nil && n >= 0
}
