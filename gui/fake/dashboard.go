// Package fake is a backend for tests of the window: fixed numbers that look like a working day, and workspaces that do
// what a test tells them.
package fake

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
)

// Noon is the moment at which the fixtures are true.
var Noon = time.Date(2026, time.November, 24, 12, 4, 48, 0, time.UTC)

// Dashboard is a workspace in the middle of its day: one peak in the night, some failures, three cycles to see.
func Dashboard() app.Dashboard {
	d := app.Dashboard{
		AsOf: Noon, Workspace: "Acme B.V.", Mode: record.Live, Every: 5 * time.Minute, Next: Noon.Add(3*time.Minute + 12*time.Second),
		Linked: 12480, Waiting: app.Sides{ToMarketo: 29, ToSalesforce: 9}, Failures: 41, Holds: 2,
		Bars: []app.FailureBar{bar(4, 26, 10, 6), bar(3, 24, 13, 4), bar(2, 37, 17, 8), bar(1, 19, 6, 5), bar(0, 24, 11, 6)},
		Groups: []app.FailureGroup{
			{ID: "1", Side: record.Salesforce, Class: app.CauseWarning, Open: 24, Fields: []string{"State"}, Cause: app.Sentence{Key: "salesforce.picklist", Text: "State takes only listed values."}},
			{ID: "2", Side: record.Salesforce, Class: app.CauseBad, Open: 11, Fields: []string{"Title"}, Cause: app.Sentence{Key: "salesforce.too.long", Text: "The text is too long for Title."}},
			{ID: "3", Side: record.Salesforce, Class: app.CauseOther, Open: 6, Cause: app.Sentence{Key: "salesforce.owner.inactive", Text: "The owner is an inactive user."}},
		},
		Quotas: []app.Quota{
			{Side: record.Salesforce, Used: 3120, Share: 20000, Limit: 40000, Forecast: 3600, Resets: Noon.Add(12 * time.Hour)},
			{Side: record.Marketo, Used: 1010, Share: 10000, Limit: 50000, Forecast: 1200, Resets: Noon.Add(18 * time.Hour)},
		},
	}
	d.Backlog = app.Backlog{
		Day: points(24*time.Hour, 5*time.Minute), FiveDays: points(5*24*time.Hour, 5*time.Minute),
		DayPeak: &app.Peak{At: Noon.Add(-9 * time.Hour), Records: 912, By: app.Sentence{Text: "Data Loader, J. de Vries"}, Field: "Territory", Gone: 35 * time.Minute},
	}
	d.Backlog.FivePeak = d.Backlog.DayPeak
	for i := range 12 {
		row := app.CycleRow{N: int64(900 - i), Started: Noon.Add(-time.Duration(i)*5*time.Minute - time.Minute), Took: time.Duration(5+i*7%9) * time.Second, Calls: 4}
		if i != 2 {
			row.Read, row.Written = 43+i*23%97, 31+i*19%71
		}
		if i == 1 {
			row.Failed = 1
		}
		d.Cycles = append(d.Cycles, row)
	}
	return d
}

func bar(daysAgo, bad, warning, other int) app.FailureBar {
	from := time.Date(Noon.Year(), Noon.Month(), Noon.Day()-daysAgo, 0, 0, 0, 0, time.UTC)
	return app.FailureBar{From: from, Until: from.AddDate(0, 0, 1), Bad: bad, Warning: warning, Other: other}
}

// points is a quiet backlog with one hump in the night; the same every time.
func points(span, every time.Duration) []app.BacklogPoint {
	rng := rand.New(rand.NewPCG(1, uint64(span)))
	var list []app.BacklogPoint
	for at := Noon.Add(-span); !at.After(Noon); at = at.Add(every) {
		hours := Noon.Sub(at).Hours()
		hump := 880 * math.Exp(-math.Pow((hours-8.6)/1.1, 2))
		list = append(list, app.BacklogPoint{At: at, Sides: app.Sides{
			ToMarketo:    int(hump) + 18 + rng.IntN(60),
			ToSalesforce: 12 + rng.IntN(38),
		}})
	}
	return list
}

// Fresh is the sample data just after it was opened: nothing has happened yet.
func Fresh() app.Dashboard {
	return app.Dashboard{
		AsOf: Noon, Workspace: "Sample data", Demo: true, Mode: record.Live, Every: time.Minute, Next: Noon.Add(12 * time.Second), Linked: 1240,
	}
}

// Busy is a dashboard with a cycle under way.
func Busy() app.Dashboard {
	d := Dashboard()
	d.Running = &app.Progress{Phase: app.PhaseWrite, Done: 1240, Total: 5000, Left: 2 * time.Minute}
	return d
}

// Stuck is a dashboard that waits for a person.
func Stuck() app.Dashboard {
	d := Dashboard()
	d.Next = time.Time{}
	d.Problem = &app.Problem{
		What:    app.Sentence{Key: "salesforce.session", Text: "Salesforce ended the session and did not accept a new one. Sign in again."},
		Do:      app.Sentence{Text: "Sign in to Salesforce again; nothing is lost meanwhile."},
		Details: "INVALID_SESSION_ID, 2026-11-24 12:03:10 UTC",
	}
	return d
}
