package overview

import (
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/words"
)

// Heading answers, in one sentence, the question one comes to the Overview with. It is derived from the facts alone;
// of several that hold, the first of these wins: a person is needed, a cycle runs, it is paused, something outside is
// waited for, the mode writes nothing, nothing has happened yet, and at last how it stands.
func Heading(w *words.Words, d app.Dashboard, now time.Time) string {
	switch {
	case d.Problem != nil:
		return w.Say("state.problem")
	case d.Running != nil:
		return w.Say("state.running", "progress", w.Progress(*d.Running, now))
	case d.Paused:
		return w.Say("state.paused", "waiting", waiting(w, d, time.Time{}, now))
	case d.Wait != nil && d.Next.After(now):
		return w.Say("state.until", "time", w.Moment(d.Next, now), "waiting", waiting(w, d, time.Time{}, now))
	case d.Mode == record.Observe:
		return w.Say("state.observe")
	case d.Mode == record.Rehearse:
		return w.Say("state.rehearse", "waiting", waiting(w, d, d.Next, now))
	case len(d.Cycles) == 0 && !d.Next.IsZero():
		return w.Say("state.first", "when", when(w, d.Next, now))
	case d.Failures > 0:
		return w.Count("state.step.failures", d.Failures, "waiting", waiting(w, d, d.Next, now))
	case d.Holds > 0:
		return w.Count("state.step.holds", d.Holds, "waiting", waiting(w, d, d.Next, now))
	}
	return w.Say("state.step", "waiting", waiting(w, d, d.Next, now))
}

// waiting says how much waits, and when the next cycle takes it up (a zero next: that is not said).
func waiting(w *words.Words, d app.Dashboard, next, now time.Time) string {
	n := d.Waiting.Sum()
	switch {
	case n == 0 && next.IsZero():
		return w.Say("waiting.none")
	case n == 0:
		return w.Say("waiting.none.next", "when", when(w, next, now))
	case next.IsZero():
		return w.Count("waiting.some", n)
	}
	return w.Count("waiting.some.next", n, "when", when(w, next, now))
}

func when(w *words.Words, next, now time.Time) string {
	if next.Sub(now) < time.Second {
		return w.Say("when.now")
	}
	return w.Say("when.in", "span", w.Duration(next.Sub(now)))
}

// sub says the facts under the heading: who is linked, the last cycle, what waits for a person. Facts the heading
// already has are left out.
func sub(w *words.Words, d app.Dashboard, now time.Time) string {
	text := w.Count("overview.linked", d.Linked)
	if len(d.Cycles) > 0 {
		c := d.Cycles[0]
		text += " · " + w.Say("overview.last", "time", w.Moment(c.Started, now), "took", w.Duration(c.Took), "calls", w.Count("overview.calls", c.Calls))
	} else {
		text += " · " + w.Say("overview.never")
	}
	if d.Failures > 0 && (d.Running != nil || d.Paused || d.Mode != record.Live) {
		text += " · " + w.Count("overview.failures", d.Failures)
	}
	if d.Holds > 0 {
		text += " · " + w.Count("overview.holds", d.Holds)
	}
	if d.Wait != nil && d.Next.After(now) {
		text = w.Sentence(*d.Wait)
	}
	return text
}
