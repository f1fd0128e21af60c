package app

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Whoever sales and marketing both enter is one person, whenever the second of them comes (promise 3).
func TestEnteredOnBothSides(t *testing.T) {
	const name, email = "Beide", "beide@entered.example"
	for when, story := range map[string]func(t *testing.T, a *App, o *office){
		"between two cycles": func(t *testing.T, a *App, o *office) {
			cycles(t, a, 1)
			must(t, o.intoSalesforce(name, email), o.intoMarketo(name, email))
		},
		"in Marketo, while its creation there waits": func(t *testing.T, a *App, o *office) {
			cycles(t, a, 1)
			must(t, o.intoSalesforce(name, email))
			rehearse(t, a)
			must(t, o.intoMarketo(name, email))
		},
		"in Salesforce, while its creation there waits": func(t *testing.T, a *App, o *office) {
			cycles(t, a, 1)
			must(t, o.intoMarketo(name, email))
			rehearse(t, a)
			must(t, o.intoSalesforce(name, email))
		},
		"in Marketo, and its activity shows late": func(t *testing.T, a *App, o *office) {
			cycles(t, a, 1)
			must(t, o.intoSalesforce(name, email))
			rehearse(t, a)
			must(t, o.pair.Dice().Next("late-commit", 1), o.intoMarketo(name, email))
		},
	} {
		t.Run(when, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				a, o, _ := opened(t, home, 7, nil)
				story(t, a, o)
				cycles(t, a, 3)
				if n := o.standing()[email]; n != [2]int{1, 1} {
					t.Errorf("stands %d times in Salesforce and %d times in Marketo", n[0], n[1])
				}
				for _, broken := range judge(t, a, o) {
					t.Error(broken)
				}
			})
		})
	}
}

// cycles runs some, with their rest between them.
func cycles(t *testing.T, a *App, n int) {
	t.Helper()
	for range n {
		if _, err := a.Sync(t.Context(), sampleName, SyncOptions{}); err != nil {
			t.Fatal(Say(err))
		}
		time.Sleep(betweenCycles)
	}
}

// rehearse runs a cycle that plans and writes nothing.
func rehearse(t *testing.T, a *App) {
	t.Helper()
	must(t, a.SetMode(t.Context(), sampleName, record.Rehearse))
	cycles(t, a, 1)
	must(t, a.SetMode(t.Context(), sampleName, record.Live))
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(Say(err))
		}
	}
}
