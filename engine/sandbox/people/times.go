package people

import "time"

// years is how far back the world goes.
const years = 6

// history says when a record was made and last changed. One record in four was last touched by a data load, so that
// hundreds of records, numbered side by side, bear the same second.
func (w *World) history(d *draw, number uint64) Audit {
	const day = 24 * time.Hour
	created := w.opening.Add(-day - time.Duration(d.below(years*365*24*3600))*time.Second)
	a := Audit{Created: created, Modified: created, CreatedBy: someOwner(d), ModifiedBy: someOwner(d)}
	if d.chance(2500) {
		if load := w.massLoad(number / 700); load.After(created) {
			a.Modified = load
		}
	} else if d.chance(7000) {
		since := int(w.opening.Sub(created)/time.Second) - 600
		a.Modified = created.Add(time.Duration(d.below(since)) * time.Second)
	}
	return a
}

// massLoad is the second in which the given block of records was loaded.
func (w *World) massLoad(block uint64) time.Time {
	d := w.draw(aboutMass, block)
	return w.opening.Add(-time.Hour - time.Duration(d.below(700*24*3600))*time.Second)
}
