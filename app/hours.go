package app

import (
	"fmt"
	"time"
)

// Hours are business hours from Monday to Friday, in full hours of the local clock. The zero Hours are no hours at all.
type Hours struct{ From, To int }

// String is what parseHours reads.
func (h Hours) String() string { return fmt.Sprintf("%d-%d", h.From, h.To) }

// MarshalText writes what String says.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *Hours) UnmarshalText(text []byte) (err error) {
	*h, err = parseHours(string(text))
	return err
}

func parseHours(text string) (h Hours, err error) {
	if _, err = fmt.Sscanf(text, "%d-%d", &h.From, &h.To); err != nil || h.From < 0 || h.To > 24 || h.From > h.To || h.String() != text {
		return Hours{}, fmt.Errorf("%q are no business hours: 8-18", text)
	}
	return h, nil
}

// open reports whether business is open at a time.
func (h Hours) open(t time.Time) bool {
	t = t.Local()
	day := t.Weekday()
	return day != time.Saturday && day != time.Sunday && t.Hour() >= h.From && t.Hour() < h.To
}

// next is t while business is open, else when it opens; t where it never does.
func (h Hours) next(t time.Time) time.Time {
	if h.From >= h.To || h.open(t) {
		return t
	}
	local := t.Local()
	for days := range 8 {
		at := time.Date(local.Year(), local.Month(), local.Day()+days, h.From, 0, 0, 0, local.Location())
		if at.After(t) && h.open(at) {
			return at
		}
	}
	return t
}

// within is how much of the time between two moments lies in business hours.
func (h Hours) within(from, to time.Time) (d time.Duration) {
	for at := h.next(from); at.Before(to) && h.open(at); {
		local := at.Local()
		closes := time.Date(local.Year(), local.Month(), local.Day(), h.To, 0, 0, 0, local.Location())
		if to.Before(closes) {
			closes = to
		}
		d += closes.Sub(at)
		at = h.next(closes)
	}
	return d
}
