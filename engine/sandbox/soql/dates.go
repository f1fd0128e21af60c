package soql

import (
	"strings"
	"time"
)

// Span is a half-open stretch of days: Begin is in it, End is not.
type Span struct{ Begin, End time.Time }

// unit moves a time by n of its kind; floor goes to the unit's begin.
type unit struct {
	floor func(day time.Time) time.Time
	add   func(day time.Time, n int) time.Time
}

var units = map[string]unit{
	"DAY":  {func(d time.Time) time.Time { return d }, func(d time.Time, n int) time.Time { return d.AddDate(0, 0, n) }},
	"WEEK": {func(d time.Time) time.Time { return d.AddDate(0, 0, -int(d.Weekday())) }, func(d time.Time, n int) time.Time { return d.AddDate(0, 0, 7*n) }},
	"MONTH": {func(d time.Time) time.Time { return d.AddDate(0, 0, 1-d.Day()) },
		func(d time.Time, n int) time.Time { return d.AddDate(0, n, 0) }},
	"QUARTER": {func(d time.Time) time.Time { return d.AddDate(0, -(int(d.Month())-1)%3, 1-d.Day()) },
		func(d time.Time, n int) time.Time { return d.AddDate(0, 3*n, 0) }},
	"YEAR": {func(d time.Time) time.Time { return d.AddDate(0, 0, 1-d.YearDay()) },
		func(d time.Time, n int) time.Time { return d.AddDate(n, 0, 0) }},
}

// Span resolves a date literal in the zone of now, which is the user's. Weeks begin on Sunday, as in the en_US locale,
// and fiscal years are calendar years. LAST_N_DAYS and LAST_90_DAYS run through today; LAST_N_WEEKS and the longer ones
// end before the current unit (SOQL and SOSL Reference, date formats and date literals).
func (l Literal) Span(now time.Time) Span {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	name := strings.Replace(l.Raw, "FISCAL_", "", 1)
	days := units["DAY"]
	switch name {
	case "TODAY":
		return days.span(today, 0, 1)
	case "YESTERDAY":
		return days.span(today, -1, 1)
	case "TOMORROW":
		return days.span(today, 1, 1)
	case "LAST_90_DAYS":
		return days.span(today, -90, 91)
	case "NEXT_90_DAYS":
		return days.span(today, 1, 90)
	case "LAST_N_DAYS":
		return days.span(today, -l.N, l.N+1)
	}
	which, rest, _ := strings.Cut(name, "_")
	if which == "N" { // N_WEEKS_AGO
		of := units[strings.TrimSuffix(strings.TrimSuffix(rest, "_AGO"), "S")]
		return of.span(of.floor(today), -l.N, 1)
	}
	count := 1
	if trimmed, plural := strings.CutPrefix(rest, "N_"); plural {
		rest, count = strings.TrimSuffix(trimmed, "S"), l.N
	}
	of := units[rest]
	switch which {
	case "LAST":
		return of.span(of.floor(today), -count, count)
	case "NEXT":
		return of.span(of.floor(today), 1, count)
	}
	return of.span(of.floor(today), 0, 1)
}

func (u unit) span(from time.Time, skip, count int) Span {
	begin := u.add(from, skip)
	return Span{begin, u.add(begin, count)}
}

// isRange knows the names of date literals and whether a count follows.
func isRange(name string) (known, counted bool) {
	switch name {
	case "TODAY", "YESTERDAY", "TOMORROW", "LAST_90_DAYS", "NEXT_90_DAYS":
		return true, false
	}
	which, rest, _ := strings.Cut(name, "_")
	if which == "N" {
		rest, ok := strings.CutSuffix(rest, "S_AGO")
		return ok && isUnit(rest), true
	}
	if which != "LAST" && which != "THIS" && which != "NEXT" {
		return false, false
	}
	if trimmed, plural := strings.CutPrefix(rest, "N_"); plural && which != "THIS" {
		trimmed, ok := strings.CutSuffix(trimmed, "S")
		return ok && isUnit(trimmed), true
	}
	return rest != "DAY" && isUnit(rest), false
}

func isUnit(name string) bool {
	if fiscal, ok := strings.CutPrefix(name, "FISCAL_"); ok {
		return fiscal == "QUARTER" || fiscal == "YEAR"
	}
	_, ok := units[name]
	return ok
}
