package words

import (
	"time"

	"github.com/doppio-sync/doppio/app"
)

// long is how long work takes before it is said how long it has taken.
const long = 10 * time.Second

// Progress says what long work is doing and how far it is, "Writing: 1,240 of 5,000, about 2 min left".
func (w *Words) Progress(p app.Progress, now time.Time) string {
	phase := w.Say("phase." + string(p.Phase))
	if bySide := "phase." + string(p.Phase) + "." + p.Side.String(); p.Side != 0 && w.Has(bySide) {
		phase = w.Say(bySide)
	}
	text := phase
	switch {
	case p.Total > 0:
		text = w.Say("progress.of", "phase", phase, "done", w.Number(p.Done), "total", w.Number(p.Total))
	case p.Done > 0:
		text = w.Say("progress.some", "phase", phase, "done", w.Number(p.Done))
	}
	switch took := now.Sub(p.Since); {
	case p.Left > 0:
		return w.Say("progress.left", "progress", text, "left", w.About(p.Left))
	case !p.Since.IsZero() && took >= long:
		return w.Say("progress.since", "progress", text, "span", w.Duration(took))
	}
	return text
}
