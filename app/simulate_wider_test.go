package app

import (
	"math/rand/v2"
	"slices"
	"time"
)

// The deeds that change what is synced and how, each kind drawn from a stream of its own: a day without any of them is what it was before
// there were such deeds.
const (
	reshaping = "an admin changes what a side looks like"
	remapping = "the mapping is changed"
	scoring   = "scores rise"
	quieting  = "fields are written once an hour or a day"
	ruling    = "another rule file is set"
	spelling  = "people spell things as they like"
	byJobs    = "bulk jobs carry what is much"
	napping   = "the laptop sleeps for a while"
	clocking  = "the computer's clock is set"
	turning   = "leads are made, or no longer"
)

// wider draws those deeds of a day. What an admin or a person changes needs a mapping, which the first cycles make.
func wider(seed uint64) (deeds []deed) {
	kinds := []func(*sketch){
		func(s *sketch) { s.often(4, 2, reshaping); s.during(8, 2, reshaping) },
		func(s *sketch) { s.often(4, 2, remapping); s.often(3, 2, spelling) },
		func(s *sketch) { s.often(8, 2, quieting) },
		func(s *sketch) { s.often(6, 1, ruling); s.often(1, 1, spelling); s.during(2, 1, spelling) },
		func(s *sketch) { s.often(8, 0, byJobs); s.often(8, 1, job) },
		func(s *sketch) { s.often(6, 1, napping); s.during(10, 1, napping) },
	}
	if *unusual {
		kinds = append(kinds,
			func(s *sketch) { s.often(4, 1, clocking); s.during(8, 1, clocking) },
			func(s *sketch) { s.often(4, 1, turning) })
	}
	for n, kind := range kinds {
		s := &sketch{rng: rand.New(rand.NewPCG(seed, 0x71de+uint64(n)))}
		if s.rng.IntN(3) == 0 {
			kind(s)
		}
		deeds = append(deeds, s.deeds...)
	}
	return deeds
}

// sketch is one kind's part of a day.
type sketch struct {
	rng   *rand.Rand
	deeds []deed
}

// often has something happen before one in so many cycles, from the n-th on.
func (s *sketch) often(oneIn, from int, what string) {
	for n := from; n < simulatedCycles; n++ {
		if own := s.rng.Uint64(); s.rng.IntN(oneIn) == 0 {
			s.deeds = append(s.deeds, deed{what, n, -1, false, own})
		}
	}
}

// during has something happen at one of the calls of one in so many cycles.
func (s *sketch) during(oneIn, from int, what string) {
	for n := from; n < simulatedCycles; n++ {
		if own, at := s.rng.Uint64(), s.rng.IntN(12); s.rng.IntN(oneIn) == 0 {
			s.deeds = append(s.deeds, deed{what, n, at, s.rng.IntN(2) == 0, own})
		}
	}
}

// altered is what was changed of what is synced and how.
type altered struct {
	line     *wire
	inCycle  bool                  // calls are under way
	shape    map[string]shape      // what an admin made of fields, by their names
	asMapped map[spot]MappingField // as it was in the morning
	out      map[spot]time.Time    // taken out of the mapping
	oneWay   map[spot]oneWay
	rested   map[spot]time.Time   // when the quiet time of a field was set last
	later    []MappingField       // mapped in the middle of the day
	edicts   map[string]time.Time // fields that had a rule
	inForce  map[string]inForce
	hasty    bool       // somebody wanted something at once, or decided it
	clocks   []clockSet // how the clock was set, one time after the other
	noLeads  time.Time  // since when no leads are to be made; zero while they are
}

// widerActs are what is done in them.
func (o *office) widerActs() map[string]func() {
	return map[string]func(){
		reshaping: o.reshapes, remapping: o.remaps, quieting: o.quiets, scoring: o.scores, ruling: o.rules, spelling: o.spells, byJobs: o.employs, napping: o.naps,
		clocking: o.setsClock, turning: o.turnsMaking,
	}
}

// employs has records from some number on read and written by bulk jobs.
func (o *office) employs() {
	o.line.bulkFrom = []int{3, 20, 20, 0}[o.rng.IntN(4)]
	o.diary("bulk jobs carry %d records and more", o.line.bulkFrom)
}

// naps is a laptop that sleeps for minutes or hours, perhaps with a call under way.
func (o *office) naps() {
	nap := time.Duration(1+o.rng.IntN(30*60)) * time.Minute
	if o.inCycle { // long enough for a sign-in to expire; what runs beside a call, which a real laptop stops, is to go on for no longer
		nap = min(nap, 70*time.Minute)
	}
	o.diary("the laptop sleeps for %s", nap)
	time.Sleep(nap)
}

// evening ends what was changed of both sides, of the mapping and of the rules, once it was looked at: what was kept from travelling for a
// while must have cost nobody anything. Rules, bands and quiet times stay as they are.
func (o *office) evening() error {
	if o.shape == nil && o.asMapped == nil && o.edicts == nil {
		return nil
	}
	time.Sleep(25 * time.Hour) // Marketo is asked once a day what it looks like
	if err := o.syncs(); err != nil {
		return err
	}
	o.noticed()
	o.stayedOut()
	if err := o.restores(); err != nil {
		return err
	}
	if err := o.mapsAsBefore(); err != nil {
		return err
	}
	time.Sleep(25 * time.Hour)
	if err := o.syncs(); err != nil {
		return err
	}
	time.Sleep(25 * time.Hour) // what is compared afresh may wait until a quiet day is over
	return nil
}

func (o *office) syncs() error {
	_, err := o.a.Sync(o.t.Context(), sampleName, SyncOptions{AllowBrake: true})
	return err
}

// drawn is one of some things.
func drawn[T any](o *office, of ...T) T { return of[o.rng.IntN(len(of))] }

// busiest is a day on which scores rise before each cycle, as those of a campaign that never rests do.
func busiest(seed uint64) []deed {
	s := &sketch{rng: rand.New(rand.NewPCG(seed, 0x5c02e))}
	s.often(1, 2, scoring)
	return slices.Concat(widest(seed), s.deeds)
}

// widest is the whole of a day.
func widest(seed uint64) []deed { return slices.Concat(script(seed), wider(seed)) }
