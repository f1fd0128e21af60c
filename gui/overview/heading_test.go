package overview

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/fake"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// TestHeading is the table of what the Overview answers, in the order of importance: a row is a situation.
func TestHeading(t *testing.T) {
	now := fake.Noon
	calm := func(d *app.Dashboard) { d.Failures, d.Holds = 0, 0 }
	rows := []struct {
		name   string
		change func(d *app.Dashboard)
		en, nl string
	}{
		{"in step, and something waits", calm,
			"In step. 38 changes wait for the next cycle, in 3 min 12 s.", "In de pas. 38 wijzigingen wachten op de volgende ronde, over 3 min 12 s."},
		{"one change waits", func(d *app.Dashboard) { calm(d); d.Waiting = app.Sides{ToMarketo: 1} },
			"In step. 1 change waits for the next cycle, in 3 min 12 s.", "In de pas. 1 wijziging wacht op de volgende ronde, over 3 min 12 s."},
		{"nothing waits", func(d *app.Dashboard) { calm(d); d.Waiting = app.Sides{} },
			"In step. Nothing waits; the next cycle starts in 3 min 12 s.", "In de pas. Er wacht niets; de volgende ronde begint over 3 min 12 s."},
		{"the next cycle is due", func(d *app.Dashboard) { calm(d); d.Waiting, d.Next = app.Sides{}, now.Add(-time.Second) },
			"In step. Nothing waits; the next cycle starts now.", "In de pas. Er wacht niets; de volgende ronde begint nu."},
		{"failures are open", func(d *app.Dashboard) { d.Waiting = app.Sides{} },
			"In step but for 41 failures. Nothing waits; the next cycle starts in 3 min 12 s.", "In de pas op 41 fouten na. Er wacht niets; de volgende ronde begint over 3 min 12 s."},
		{"only decisions are open", func(d *app.Dashboard) { d.Failures, d.Holds, d.Waiting = 0, 1, app.Sides{} },
			"In step, and 1 decision is yours. Nothing waits; the next cycle starts in 3 min 12 s.", "In de pas, en 1 besluit is aan u. Er wacht niets; de volgende ronde begint over 3 min 12 s."},
		{"no cycle yet", func(d *app.Dashboard) { d.Cycles = nil }, "Ready. The first cycle starts in 3 min 12 s.", "Klaar. De eerste ronde begint over 3 min 12 s."},
		{"rehearsing", func(d *app.Dashboard) { d.Mode = record.Rehearse },
			"Rehearsing: nothing is written. 38 changes wait for the next cycle, in 3 min 12 s.", "Oefenen: er wordt niets geschreven. 38 wijzigingen wachten op de volgende ronde, over 3 min 12 s."},
		{"observing", func(d *app.Dashboard) { d.Mode = record.Observe }, "Looking only: nothing is written.", "Alleen kijken: er wordt niets geschreven."},
		{"an allowance is used up", func(d *app.Dashboard) { d.Wait, d.Next = &app.Sentence{Text: "Used up."}, now.Add(14*time.Hour) },
			"Nothing runs until tomorrow 02:04. 38 changes wait.", "Er loopt niets tot morgen 02:04. 38 wijzigingen wachten."},
		{"paused", func(d *app.Dashboard) { d.Paused = true }, "Paused. 38 changes wait.", "Gepauzeerd. 38 wijzigingen wachten."},
		{"writing", func(d *app.Dashboard) {
			d.Running = &app.Progress{Phase: app.PhaseWrite, Side: record.Marketo, Done: 1240, Total: 5000, Left: 118 * time.Second}
		}, "Writing to Marketo: 1,240 of 5,000, about 2 min left.", "Schrijven naar Marketo: 1.240 van 5.000, nog ongeveer 2 min."},
		{"reading for a while", func(d *app.Dashboard) {
			d.Running = &app.Progress{Phase: app.PhaseRead, Since: now.Add(-75 * time.Second)}
		}, "Reading, 1 min 15 s so far.", "Lezen, al 1 min 15 s."},
		{"reading, and nobody knows how much", func(d *app.Dashboard) { d.Running = &app.Progress{Phase: app.PhaseRead, Done: 12} }, "Reading: 12.", "Lezen: 12."},
		{"signing in", func(d *app.Dashboard) { d.Running = &app.Progress{Phase: app.PhaseConnect} }, "Signing in on both sides.", "Aanmelden aan beide kanten."},
		{"a person is needed, whatever else holds", func(d *app.Dashboard) { d.Problem, d.Paused, d.Running = &app.Problem{}, true, &app.Progress{} },
			"Stopped. Something needs you.", "Gestopt. U bent nodig."},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			d := fake.Dashboard()
			row.change(&d)
			for language, want := range map[string]string{"en": row.en, "nl": row.nl} {
				w := words.For(language)
				w.Zone = time.UTC
				if got := Heading(w, d, now); got != want {
					t.Errorf("%s: %q\nwant %q", language, got, want)
				}
			}
		})
	}
}

// TestTexts covers the sentences under the charts and bars.
func TestTexts(t *testing.T) {
	w := words.For("en")
	w.Zone = time.UTC
	now := fake.Noon
	picture := func(change func(d *app.Dashboard)) View {
		d := fake.Dashboard()
		change(&d)
		return Picture(w, d, now)
	}
	flat := func(n int) []app.BacklogPoint {
		return []app.BacklogPoint{{At: now.Add(-time.Hour)}, {At: now.Add(-time.Minute), Sides: app.Sides{ToMarketo: n}}}
	}
	rows := []struct{ name, got, want string }{
		{"peak", picture(func(*app.Dashboard) {}).DayText, "Records waiting. The peak at 03:04 was 912 records changed by **Data Loader, J. de Vries**, field **Territory**; gone after 35 min."},
		{"peak that lasts, of nobody", picture(func(d *app.Dashboard) { d.Backlog.DayPeak = &app.Peak{At: now, Records: 1} }).DayText, "Records waiting. The peak at 12:04 was 1 record; it still lasts."},
		{"first sync", picture(func(d *app.Dashboard) { d.Backlog.DayPeak.First = true }).DayText, "Records waiting. The first sync at 03:04 had **912 records** to write, field **Territory**; gone after 35 min."},
		{"calm", picture(func(d *app.Dashboard) { d.Backlog.DayPeak, d.Backlog.Day = nil, flat(7) }).DayText, "Records waiting. Nothing stood out; the most was **7**, at 12:03."},
		{"nothing", picture(func(d *app.Dashboard) { d.Backlog.DayPeak, d.Backlog.Day = nil, flat(0) }).DayText, "Records waiting. Nothing waited in this time."},
		{"young", picture(func(d *app.Dashboard) { d.Backlog.Day = flat(1)[:1] }).DayText, "Records waiting."},
		{"causes", picture(func(*app.Dashboard) {}).FailuresText, "41 open. Most of them: **State not in Salesforce's list**"},
		{"no failure", picture(func(d *app.Dashboard) { d.Failures = 0 }).FailuresText, "Nothing is refused."},
		{"forecast", picture(func(*app.Dashboard) {}).QuotaText, "At this pace **18 %** of Salesforce's and **12 %** of Marketo's by the end of the day."},
		{"forecast of one", picture(func(d *app.Dashboard) { d.Quotas[0].Forecast = 0 }).QuotaText, "At this pace **12 %** of Marketo's by the end of the day."},
		{"merged causes", picture(func(d *app.Dashboard) { d.Groups = append(d.Groups, d.Groups[1], d.Groups[1]) }).FailuresText, "41 open. Most of them: **Title too long**"},
		{"no cause has most", picture(func(d *app.Dashboard) { d.Failures = 50 }).FailuresText, "50 open. Most often: **State not in Salesforce's list**"},
		{"one failure", picture(func(d *app.Dashboard) { d.Failures = 1 }).FailuresText, "1 open: **State not in Salesforce's list**"},
		{"cycles minutes apart", picture(func(*app.Dashboard) {}).Cycles[1].Cells[0], "11:58"},
		{"cycles seconds apart", picture(func(d *app.Dashboard) { d.Cycles[1].Started = d.Cycles[0].Started.Add(-15 * time.Second) }).Cycles[1].Cells[0], "12:03:33"},
		{"stopped cycle", picture(func(d *app.Dashboard) { d.Cycles[0].Stopped.Key = "cycle.stopped.quota" }).Cycles[0].Cells[0], "12:03, ended early"},
		{"what calls were for", picture(func(d *app.Dashboard) {
			d.Spent = []app.Spent{{Purpose: record.Feed, Salesforce: 7, Marketo: 3}, {Purpose: record.Check, Marketo: 6}, {Purpose: record.Describe, Salesforce: 6}}
		}).MostText, "Most went into **Signing in and checking**: 12 of 22."},
		{"early", picture(func(d *app.Dashboard) { d.Quotas[0].Forecast, d.Quotas[1].Forecast = 0, 0 }).QuotaText, "A forecast needs an hour of cycles."},
		{"used up", picture(func(d *app.Dashboard) { d.Quotas[1].Used = 10000 }).QuotaText, "**Marketo** has used up what was granted; it goes on tomorrow 06:04."},
		{"sub", picture(func(*app.Dashboard) {}).Sub, "12,480 people linked · last cycle 12:03, 5 s, 4 calls · 2 wait for your decision"},
		{"sub of a wait", picture(func(d *app.Dashboard) { d.Wait = &app.Sentence{Text: "Used up."} }).Sub, "Used up."},
	}
	for _, row := range rows {
		if row.got != row.want {
			t.Errorf("%s: %q\nwant %q", row.name, row.got, row.want)
		}
	}
}

// TestYoungTicks labels an axis that spans minutes with round times that differ, and reaches to its last point.
func TestYoungTicks(t *testing.T) {
	w := words.For("en")
	w.Zone = time.UTC
	for _, span := range []time.Duration{2 * time.Second, 30 * time.Second, 4 * time.Minute, 11 * time.Minute, 100 * time.Minute, 7 * time.Hour, 26 * time.Hour} {
		d := fake.Dashboard()
		last := fake.Noon.Add(900 * time.Millisecond)
		d.Backlog.Day = []app.BacklogPoint{{At: last.Add(-span)}, {At: last}}
		p := backlogPlot(w, Picture(w, d, last), false)
		if n := len(p.Ticks); n < 2 || n > ticksAtMost+1 {
			t.Errorf("%v: %d ticks", span, n)
		}
		seen := map[string]bool{}
		for _, tick := range p.Ticks {
			if seen[tick.Label] {
				t.Errorf("%v: %q stands there twice", span, tick.Label)
			}
			seen[tick.Label] = true
		}
		if end := p.X[len(p.X)-1]; p.To < end || p.From > p.X[0] {
			t.Errorf("%v: the axis goes from %v to %v, the points from %v to %v", span, p.From, p.To, p.X[0], end)
		}
	}
}

// TestSampleName says what the sample data is called in the language of the window.
func TestSampleName(t *testing.T) {
	for language, want := range map[string]string{"en": "Sample data", "nl": "Proefgegevens"} {
		if got := Picture(words.For(language), fake.Fresh(), fake.Noon).Name; got != want {
			t.Errorf("%s: %q", language, got)
		}
	}
	if got := Picture(words.For("nl"), fake.Dashboard(), fake.Noon).Name; got != "Acme B.V." {
		t.Errorf("a workspace of one's own: %q", got)
	}
}

// TestEnds says when a certificate comes to its end, and what to do; a place to do it is one press away.
func TestEnds(t *testing.T) {
	w, d := words.For("en"), fake.Dashboard()
	if v := Picture(w, d, fake.Noon); v.Ends != "" {
		t.Errorf("nothing ends, and it says %q", v.Ends)
	}
	d.Expiring = []app.Expiry{{Side: record.Salesforce, What: "certificate", At: fake.Noon.AddDate(0, 0, 6), Days: 6}}
	v := Picture(w, d, fake.Noon)
	if !strings.Contains(v.Ends, "ends on "+w.Day(d.Expiring[0].At.Local())+". Days left: 6. Make a new one on the page Sign in") {
		t.Errorf("it says %q", v.Ends)
	}
	fake.NewStage(t, look.Light())
	gone := false
	s := New(w, fake.NewRunning(d), time.Now, Ways{SignIn: func() { gone = true }})
	if s.Show(v); !slices.Contains(fake.Texts(s.Content()), v.Ends) {
		t.Errorf("it is not shown in %q", fake.Texts(s.Content()))
	}
	test.Tap(fake.Button(s.Content(), "Sign in"))
	if s.Show(Picture(w, fake.Dashboard(), fake.Noon)); !gone || fake.Button(s.Content(), "Sign in") != nil {
		t.Error("it does not lead there, or stays")
	}
}
