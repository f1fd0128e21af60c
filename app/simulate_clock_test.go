package app

import (
	"fmt"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// setsClock is a computer whose clock somebody sets, or the network does: by how much it is wrong from then on.
func (o *office) setsClock() {
	wrong := drawn(o, 0, 0, 90*time.Second, -90*time.Second, 20*time.Minute, -time.Hour, 26*time.Hour, -72*time.Hour)
	o.line.wrong.Store(int64(wrong))
	o.clocks = append(o.clocks, clockSet{o.pair.Now(), wrong})
	o.diary("the computer's clock is %s off", wrong)
}

// clockSet is by how much the clock was wrong from a time on.
type clockSet struct {
	from  time.Time
	wrong time.Duration
}

// misdated tells whether the clock was wrong at any time: then the order of what is dated by it says nothing.
func (o *office) misdated() bool {
	return slices.ContainsFunc(o.clocks, func(c clockSet) bool { return c.wrong != 0 })
}

// truly is when it was, at the latest, what is dated by the computer's clock.
func (o *office) truly(dated time.Time) time.Time {
	latest := dated
	for i, c := range o.clocks {
		at := dated.Add(-c.wrong)
		until := o.pair.Now()
		if i+1 < len(o.clocks) {
			until = o.clocks[i+1].from
		}
		if at.After(latest) && !at.Before(c.from) && at.Before(until) {
			latest = at
		}
	}
	return latest
}

// turnsMaking has Doppio make leads of those whom Marketo alone has from now on, or no longer.
func (o *office) turnsMaking() {
	o.madeNone()
	on := !o.makes()
	_, err := o.a.ChangeSettings(o.t.Context(), sampleName, fmt.Sprintf("create_in_salesforce=%t", on))
	o.diary("leads are made: %t: %v", on, err)
	if err != nil {
		o.t.Error(err)
	}
	o.heeds()
}

func (o *office) makes() bool {
	s, err := o.a.ChangeSettings(o.t.Context(), sampleName)
	if err != nil {
		o.t.Error(err)
	}
	return s.CreateInSalesforce
}

// heeds remembers since when no leads are to be made.
func (o *office) heeds() {
	switch makes := o.makes(); {
	case makes:
		o.noLeads = time.Time{}
	case o.noLeads.IsZero():
		o.noLeads = o.pair.Now()
	}
}

// madeNone notes a broken promise where a lead was made though none was to be.
func (o *office) madeNone() {
	if o.noLeads.IsZero() {
		return
	}
	var made []string
	o.pair.Org().Each(string(record.Lead), func(id string, get func(string) (string, bool)) bool {
		by, _ := get("CreatedById")
		text, _ := get("CreatedDate")
		if at, err := time.Parse(time.RFC3339, text); by == o.pair.Org().SyncUser() && err == nil && at.After(o.noLeads) {
			made = append(made, id)
		}
		return true
	})
	slices.Sort(made)
	for _, id := range made {
		o.broken = append(o.broken, fmt.Sprintf("promise 5: %s was made, and since %s no leads are to be", id, o.noLeads.Format(time.TimeOnly)))
	}
}

// asUsual sets the clock right, and has leads made again: whoever waits is to get there.
func (o *office) asUsual() {
	if o.line.wrong.Swap(0) != 0 {
		o.clocks = append(o.clocks, clockSet{o.pair.Now(), 0})
		o.diary("the computer's clock is right again")
	}
	if !o.makes() {
		o.turnsMaking()
	}
}
