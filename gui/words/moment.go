package words

import (
	"fmt"
	"strconv"
	"time"
)

// Number writes a whole number with the language's separators.
func (w *Words) Number(n int) string { return w.printer.Sprintf("%d", n) }

// Percent writes a share of a whole, rounded; a whole of 0 is 0 %.
func (w *Words) Percent(part, whole int) string {
	if whole <= 0 {
		return w.Say("number.percent", "n", "0")
	}
	return w.Say("number.percent", "n", w.Number((part*100+whole/2)/whole))
}

// Clock is a time of day, "12:03".
func (w *Words) Clock(t time.Time) string { return t.In(w.Zone).Format("15:04") }

// Second is a time of day to the second, "12:03:09", for axes that span minutes.
func (w *Words) Second(t time.Time) string { return t.In(w.Zone).Format("15:04:05") }

// Date is a day of the year, "4 November".
func (w *Words) Date(t time.Time) string {
	t = t.In(w.Zone)
	return w.Say("date.day", "day", strconv.Itoa(t.Day()), "month", w.Say("month."+strconv.Itoa(int(t.Month()))))
}

// Day is a day that may lie years away, "4 November 2028".
func (w *Words) Day(t time.Time) string {
	return w.Say("date.year", "date", w.Date(t), "year", strconv.Itoa(t.In(w.Zone).Year()))
}

// Weekday is a short name of a day, "Mon"; today is "today".
func (w *Words) Weekday(t, now time.Time) string {
	t, now = t.In(w.Zone), now.In(w.Zone)
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return w.Say("day.today")
	}
	return w.Say("weekday." + strconv.Itoa(int(t.Weekday())))
}

// Moment is a time as people say it near now: "12:03", "yesterday 12:03", "4 November".
func (w *Words) Moment(t, now time.Time) string {
	days := dayNumber(now.In(w.Zone)) - dayNumber(t.In(w.Zone))
	switch days {
	case 0:
		return w.Clock(t)
	case 1:
		return w.Say("date.yesterday", "time", w.Clock(t))
	case -1:
		return w.Say("date.tomorrow", "time", w.Clock(t))
	}
	return w.Date(t)
}

// MomentSecond is Moment to the second, for what is seconds apart: "12:03:09".
func (w *Words) MomentSecond(t, now time.Time) string {
	if dayNumber(t.In(w.Zone)) == dayNumber(now.In(w.Zone)) {
		return w.Second(t)
	}
	return w.Moment(t, now)
}

// Point is a moment of a chart, to the minute whatever its day: "12:03", "4 November, 12:03".
func (w *Words) Point(t, now time.Time) string {
	if dayNumber(t.In(w.Zone)) == dayNumber(now.In(w.Zone)) {
		return w.Clock(t)
	}
	return w.Say("date.point", "date", w.Date(t), "time", w.Clock(t))
}

// Ago is how long ago something was: "2 minutes ago", "on 4 November".
func (w *Words) Ago(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d < 45*time.Second:
		return w.Say("ago.now")
	case d < 90*time.Minute:
		return w.Count("ago.minutes", int((d+30*time.Second)/time.Minute))
	case d < 36*time.Hour:
		return w.Count("ago.hours", int((d+30*time.Minute)/time.Hour))
	case d < 14*24*time.Hour:
		return w.Count("ago.days", int((d+12*time.Hour)/(24*time.Hour)))
	}
	return w.Say("ago.on", "date", w.Date(t))
}

// Duration is a time span to two units, "3 min 12 s". Below a second it is "0 s" for nothing, else "under 1 s".
func (w *Words) Duration(d time.Duration) string {
	switch {
	case d <= 0:
		return w.Say("span.s", "s", "0")
	case d < time.Second:
		return w.Say("span.under")
	}
	d = d.Round(time.Second)
	seconds, minutes, hours := int(d/time.Second)%60, int(d/time.Minute)%60, int(d/time.Hour)
	switch {
	case hours >= 48:
		return w.Count("span.days", (hours+12)/24)
	case hours > 0 && minutes > 0:
		return w.Say("span.h.min", "h", fmt.Sprint(hours), "min", fmt.Sprint(minutes))
	case hours > 0:
		return w.Say("span.h", "h", fmt.Sprint(hours))
	case minutes > 0 && seconds > 0:
		return w.Say("span.min.s", "min", fmt.Sprint(minutes), "s", fmt.Sprint(seconds))
	case minutes > 0:
		return w.Say("span.min", "min", fmt.Sprint(minutes))
	}
	return w.Say("span.s", "s", fmt.Sprint(seconds))
}

// About is a time span to one unit, for estimates: "about 2 min". Estimates do not pretend to seconds beyond a minute.
func (w *Words) About(d time.Duration) string {
	switch {
	case d < time.Minute:
		d = max(d.Round(5*time.Second), 5*time.Second)
	case d < time.Hour:
		d = d.Round(time.Minute)
	default:
		d = d.Round(15 * time.Minute)
	}
	return w.Duration(d)
}

// Every is an interval, "every 5 minutes".
func (w *Words) Every(d time.Duration) string {
	if d < time.Minute {
		return w.Count("every.seconds", int(d/time.Second))
	}
	if d%time.Hour == 0 {
		return w.Count("every.hours", int(d/time.Hour))
	}
	return w.Count("every.minutes", int((d+30*time.Second)/time.Minute))
}

// dayNumber counts days, so that two times can be said to be a day apart across months and years.
func dayNumber(t time.Time) int {
	return int(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}
