package app

import (
	"testing"
	"testing/cryptotest"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// Where both sides changed one field, the history keeps the value that lost, whoever wins and whenever the edits came (promise 6).
func TestEditedOnBothSides(t *testing.T) {
	const most = 40 // of the 43 people whom Marketo has at first
	edit := func(o *office, side record.Side) {
		o.edit(sandbox.Edit{Sides: []record.Side{side}, People: most, Fields: []string{"Title", "title"}})
	}
	for when, story := range map[string]func(t *testing.T, a *App, o *office){
		"before they ever met": func(t *testing.T, a *App, o *office) {
			edit(o, record.Marketo)
			edit(o, record.Salesforce)
		},
		"between two cycles": func(t *testing.T, a *App, o *office) {
			cycles(t, a, 2)
			edit(o, record.Marketo)
			edit(o, record.Salesforce)
		},
		"in Salesforce, while what Marketo says waits": func(t *testing.T, a *App, o *office) {
			cycles(t, a, 2)
			edit(o, record.Marketo)
			rehearse(t, a)
			edit(o, record.Salesforce)
		},
		"in Marketo, while what Salesforce says waits": func(t *testing.T, a *App, o *office) {
			cycles(t, a, 2)
			edit(o, record.Salesforce)
			rehearse(t, a)
			edit(o, record.Marketo)
		},
		"in Salesforce twice, while what Marketo says waits": func(t *testing.T, a *App, o *office) {
			cycles(t, a, 2)
			edit(o, record.Marketo)
			edit(o, record.Salesforce)
			rehearse(t, a)
			edit(o, record.Salesforce)
			edit(o, record.Marketo)
		},
		"while the first sync waits to be written": func(t *testing.T, a *App, o *office) {
			rehearse(t, a)
			edit(o, record.Marketo)
			edit(o, record.Salesforce)
		},
	} {
		t.Run(when, func(t *testing.T) {
			home := t.TempDir()
			cryptotest.SetGlobalRandom(t, 7)
			synctest.Test(t, func(t *testing.T) {
				a, o, _ := opened(t, home, 7, nil)
				story(t, a, o)
				cycles(t, a, 3)
				for _, broken := range judge(t, a, o) {
					t.Error(broken)
				}
			})
		})
	}
}
