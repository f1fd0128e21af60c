// Package start is the first screen: set up a connection, look at one that exists, try it on sample data, or open a
// workspace.
//
// The list of workspaces flows in; what is opened flows out as a running workspace. view.go and model.go know no
// window, screen.go draws.
package start

import (
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// State says which of its four faces the list shows.
type State uint8

// The states. Exactly one holds.
const (
	Loading State = iota
	Failed
	Empty
	Full
)

// View is one picture of the start page.
type View struct {
	State   State
	Note    string // instead of the list, while there is none
	Rows    []Row
	Problem *words.Told // of the list, or of what was opened last

	Opening string // what is being opened; empty: nothing
	Demo    bool   // it is the sample data
	Doing   string // how far that is
	Share   float64
}

// Row is one workspace.
type Row struct {
	Name, Where  string
	Mode         record.Mode
	ModeText     string
	Fact         string
	Button       string
	Doing        string // instead of the button's text while Busy
	Unfinished   bool   // its set-up goes on before it can be opened
	Begun        bool   // there is no workspace yet, only what was typed of one
	LookOnly     bool
	Busy, Closed bool // Busy: it is being opened; Closed: it cannot be opened now
}

// picture makes the view of what is known.
func picture(w *words.Words, f facts, now time.Time) View {
	v := View{State: Full}
	switch {
	case f.failed != nil:
		told := w.Problem(f.failed)
		v.State, v.Note, v.Problem = Failed, w.Say("start.failed"), &told
	case !f.listed:
		v.State, v.Note = Loading, w.Say("start.loading")
	case len(f.cards) == 0:
		v.State, v.Note = Empty, w.Say("start.empty")
	}
	if f.action != nil && v.Problem == nil {
		told := w.Problem(f.action)
		v.Problem = &told
	}
	if f.opening != nil {
		v.Opening, v.Demo = f.opening.name, f.opening.demo
		v.Doing = w.Say("start.opening", "name", f.opening.name)
		if p := f.opening.progress; p != nil {
			v.Doing = w.Progress(*p, now)
			if p.Total > 0 {
				v.Share = float64(p.Done) / float64(p.Total)
			}
		}
	}
	for _, c := range f.cards {
		r := Row{
			Name: c.Name, Where: where(c), Mode: c.Mode, ModeText: w.Say("mode." + c.Mode.String()), Fact: fact(w, c, now),
			Button: w.Say("start.open"), Unfinished: (!c.Connected() || c.Step != "") && c.Trouble.Text == "", Begun: c.Begun, LookOnly: c.LookOnly,
			Busy: v.Opening != "" && v.Opening == c.Name && !v.Demo, Closed: c.InUse || v.Opening != "",
		}
		if c.Trouble.Text != "" || c.Begun {
			r.ModeText = ""
		}
		if c.Begun {
			r.Name = w.Say("start.begun")
			if c.LookOnly {
				r.Name = w.Say("start.begun.look")
			}
		}
		if r.Busy {
			r.Doing = w.Say("state.loading")
			if f.opening.forget {
				r.Doing = w.Say("start.forgetting")
			}
		}
		if r.Unfinished {
			r.Button = w.Say("start.finish")
		}
		v.Rows = append(v.Rows, r)
	}
	return v
}

func where(c app.WorkspaceCard) string {
	switch {
	case c.Salesforce != "" && c.Marketo != "":
		return c.Salesforce + " · " + c.Marketo
	case c.Salesforce != "":
		return c.Salesforce
	}
	return c.Marketo
}

func fact(w *words.Words, c app.WorkspaceCard, now time.Time) string {
	switch {
	case c.InUse:
		return w.Say("start.inuse")
	case c.Trouble.Key == "trouble.outdated":
		return w.Say("start.outdated")
	case c.Trouble.Text != "":
		return w.Sentence(c.Trouble)
	case c.Begun:
		return w.Say("start.step", "step", w.Say("wizard.step.salesforce"))
	case c.Step != "":
		return w.Say("start.step", "step", w.Say("wizard.step."+wizard.ParseStand(c.Step).At))
	case c.Salesforce == "" && c.Marketo == "":
		return w.Say("start.unconnected")
	case !c.Connected():
		return w.Say("start.half")
	case c.LastCycle.IsZero():
		return w.Say("start.never")
	}
	return w.Count("start.synced", c.Linked, "ago", w.Ago(c.LastCycle, now))
}
