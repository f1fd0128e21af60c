package app

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// WhatIf is a change of many records that somebody thinks about.
type WhatIf struct {
	Object  record.Object
	Field   string // its name on either side
	Records int
	At      string // a time of day, "20:00"; empty: now
}

// WhatIfResult says what it would cost and whom it would keep waiting.
type WhatIfResult struct {
	Object      record.Object `json:"object"`
	Field       string        `json:"field"`
	Records     int           `json:"records"`
	Calls       int           `json:"calls"`
	CallsBySide cycle.Counts  `json:"calls_by_side"`
	Starts      time.Time     `json:"starts"`
	// DrainS is the seconds from the change until its last record is written, what waits already included.
	DrainS int64        `json:"drain_s"`
	Delays WhatIfDelays `json:"delays"`
	// Brake: the cycle would stop before its first write and ask.
	Brake bool `json:"brake"`
	// Measured: by what was written in the last 24 hours; else by what the sides allow.
	Measured bool          `json:"measured"`
	Shares   *WhatIfShares `json:"shares,omitempty"`
	Sentence string        `json:"sentence"`
}

// WhatIfDelays say how long a change that comes right after it has to wait at most, all in all and in business hours.
type WhatIfDelays struct {
	OthersS   int64 `json:"others_s"`
	BusinessS int64 `json:"business_s"`
}

// WhatIfShares are the parts in which nobody notices: so many records a night.
type WhatIfShares struct {
	From    string `json:"from"`
	Records int    `json:"records"`
	Nights  int    `json:"nights"`
}

// noticed is how long others may wait in business hours before somebody notices: about as long as between two cycles.
const noticed = 5 * time.Minute

// WhatIf foretells a change of one field of many records. It reads kept rows alone and calls nobody.
func (a *App) WhatIf(ctx context.Context, name string, w WhatIf) (r WhatIfResult, err error) {
	err = a.beside(ctx, name, true, func(ws *store.Workspace) error {
		r, err = whatIf(ctx, ws, w, a.world.now())
		return err
	})
	return r, err
}

func whatIf(ctx context.Context, ws *store.Workspace, w WhatIf, now time.Time) (WhatIfResult, error) {
	if w.Records < 1 {
		return WhatIfResult{}, inputf("say how many records: --records N")
	}
	start, err := startOf(w.At, now)
	if err != nil {
		return WhatIfResult{}, err
	}
	mapping, err := mappingOf(ctx, ws)
	if err != nil {
		return WhatIfResult{}, err
	}
	field, err := fieldNamed(mapping, w.Object, w.Field)
	if err != nil {
		return WhatIfResult{}, err
	}
	settings, err := settingsOf(ctx, ws)
	if err != nil {
		return WhatIfResult{}, err
	}
	status, err := ws.Status(ctx)
	if err != nil {
		return WhatIfResult{}, err
	}
	cycles, err := ws.Cycles(ctx, paceCycles)
	if err != nil {
		return WhatIfResult{}, err
	}
	target := record.Marketo // what changes there is written here; a change in the other side's field goes the other way
	if !field.Direction.Writes(record.Marketo) {
		target = record.Salesforce
	}
	q := quotaOf(target, status.Calls[target], settings, now)
	p := pipeTo(target, cycles, q, settings, now)
	r := WhatIfResult{Object: w.Object, Field: field.Salesforce, Records: w.Records, Starts: start.UTC(), Measured: p.measured, CallsBySide: callsFor(target, w.Records)}
	r.Calls = r.CallsBySide.Salesforce + r.CallsBySide.Marketo
	waiting := status.Backlog.ToMarketo
	if target == record.Salesforce {
		waiting = status.Backlog.ToSalesforce
	}
	end, ok := p.empties(start, w.Records+waiting)
	if !ok {
		return WhatIfResult{}, inputf("not even in a year %d records could be written with %d calls a day; raise the share of %s", w.Records, q.Share, sideName(target))
	}
	drain := end.Sub(start)
	r.DrainS, r.Delays.OthersS = seconds(drain), seconds(drain)
	r.Delays.BusinessS = seconds(settings.BusinessHours.within(start, end))
	r.Brake = overBrake(settings, status.People(), w.Records)
	r.Shares = shares(p, settings, w, start)
	r.Sentence = r.say(p, q, target, settings, end)
	return r, nil
}

func seconds(d time.Duration) int64 { return int64(math.Ceil(d.Seconds())) }

// startOf is the next moment of a time of day.
func startOf(at string, now time.Time) (time.Time, error) {
	if at == "" {
		return now, nil
	}
	clock, err := time.Parse("15:04", at)
	if err != nil {
		return time.Time{}, inputf("%q is not a time of day: 20:00", at)
	}
	local := now.Local()
	start := time.Date(local.Year(), local.Month(), local.Day(), clock.Hour(), clock.Minute(), 0, 0, local.Location())
	if start.Before(now) {
		start = start.AddDate(0, 0, 1)
	}
	return start, nil
}

// fieldNamed finds a mapped field by its name on either side.
func fieldNamed(m schema.Mapping, object record.Object, name string) (schema.Field, error) {
	o, ok := m.Object(object)
	if !ok {
		var names []string
		for _, o := range m.Objects {
			names = append(names, string(o.Name))
		}
		return schema.Field{}, inputf("%q is not among the mapped objects: %s", object, strings.Join(names, ", "))
	}
	for _, f := range o.Fields {
		if strings.EqualFold(f.Salesforce, name) || strings.EqualFold(f.Marketo, name) {
			return f, nil
		}
	}
	return schema.Field{}, inputf("%s has no mapped field %q; doppioctl fields lists them", object, name)
}

// callsFor are the calls that so many changed records cost when they are to be written to a side: to read them, to write them, and to
// read the writes back.
func callsFor(target record.Side, n int) cycle.Counts {
	up := func(size int) int { return (n + size - 1) / size }
	if target == record.Marketo {
		return cycle.Counts{Salesforce: up(salesforcePerRead), Marketo: 2 * up(marketoPerCall)}
	}
	return cycle.Counts{Salesforce: up(salesforcePerWrite) + up(salesforcePerRead), Marketo: 2 * up(marketoPerCall)}
}

// overBrake reports whether so many changes stop a cycle.
func overBrake(s Settings, linked, n int) bool {
	return n > max(linked*s.BrakePercent/100, s.BrakeRecords-1)
}

// shares are the parts that are done in a night, from the time asked for or from eight in the evening until business opens.
func shares(p pipe, s Settings, w WhatIf, start time.Time) *WhatIfShares {
	from := w.At
	if from == "" {
		from = "20:00"
	}
	evening, err := startOf(from, start)
	if err != nil {
		return nil
	}
	opens := s.BusinessHours.next(evening)
	night := opens.Sub(evening)
	if night <= 0 || night > 24*time.Hour { // business is open then, or a weekend is before us: one night is enough to speak of
		if s.BusinessHours.open(evening) {
			return nil
		}
		night = 12 * time.Hour
	}
	calls := float64(min(p.daily, math.MaxInt32)) * float64(100-s.ReservePercent) / 100
	records := int(min(night.Seconds()*p.perSecond, calls*p.perCall))
	records = min(max(records, 1), w.Records)
	return &WhatIfShares{From: from, Records: records, Nights: (w.Records + records - 1) / records}
}

// say is the answer in a sentence.
func (r WhatIfResult) say(p pipe, q Quota, target record.Side, s Settings, end time.Time) string {
	how := "by what the sides allow, since nothing was measured yet"
	if r.Measured {
		how = "at the pace of the last 24 hours"
	}
	text := fmt.Sprintf("A change of %s.%s on %s takes %s, %d of them to %s; %s it is written in %s, and what comes after it waits as long.",
		r.Object, r.Field, count(r.Records, "record", "records"), count(r.Calls, "call", "calls"), r.CallsBySide.On(target), sideName(target), how, spoken(end.Sub(r.Starts)))
	if need := r.CallsBySide.On(target); need > p.left && q.Share > 0 {
		text += fmt.Sprintf(" That is more than the %s left of today's share, so it goes on when they are back.", count(p.left, "call", "calls"))
	}
	business := time.Duration(r.Delays.BusinessS) * time.Second
	switch {
	case business > noticed && r.Shares != nil && r.Shares.Nights > 1:
		text += fmt.Sprintf(" Sales would wait up to %s in business hours; in shares of %d a night after %s, over %d nights, nobody notices.", spoken(business), r.Shares.Records, r.Shares.From, r.Shares.Nights)
	case business > noticed && r.Shares != nil:
		text += fmt.Sprintf(" Sales would wait up to %s in business hours; after %s nobody notices.", spoken(business), r.Shares.From)
	case business > noticed:
		text += fmt.Sprintf(" Sales would wait up to %s in business hours (%s).", spoken(business), s.BusinessHours)
	default:
		text += " Nobody notices."
	}
	if r.Brake {
		text += " The brake stops it first and asks: go on with doppioctl sync --resume."
	}
	return text
}

// spoken is a length of time as people say it.
func spoken(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return count(max(int(math.Ceil(d.Seconds())), 1), "second", "seconds")
	case d < 2*time.Hour:
		return count(int(math.Round(d.Minutes())), "minute", "minutes")
	case d < 48*time.Hour:
		return count(int(math.Round(d.Hours())), "hour", "hours")
	}
	return count(int(math.Round(d.Hours()/24)), "day", "days")
}
