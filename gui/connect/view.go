// Package connect is the form that joins a workspace to its two sides: where they are, how to sign in, what a check of
// both found, and how far Doppio may go.
//
// What a person typed flows in as a Form; a check's lines and, at the end, the workspace's name flow out. Secrets pass
// through to the backend and are kept nowhere here.
package connect

import (
	"slices"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/words"
)

// Form is what a person typed.
type Form struct {
	Name       string
	LookOnly   bool
	Salesforce app.ConnectSalesforce
	Marketo    app.ConnectMarketo
	Mode       record.Mode
}

// Missing names the first thing that has to be filled before the form can be tested, as a key; empty when nothing is.
func (f Form) Missing() string {
	secret := map[app.Flow]string{
		app.FlowRefreshToken: f.Salesforce.RefreshToken, app.FlowClientCredentials: f.Salesforce.ClientSecret, app.FlowJWT: f.Salesforce.JWTKey,
		app.FlowBrowser: "none",
	}[f.Salesforce.Flow]
	for _, field := range []struct{ key, value string }{
		{"connect.name", f.Name},
		{"connect.login.url", f.Salesforce.LoginURL},
		{"connect.client.id", f.Salesforce.ClientID},
		{"connect.secret." + string(f.Salesforce.Flow), secret},
		{"connect.base.url", f.Marketo.BaseURL},
		{"connect.client.id", f.Marketo.ClientID},
		{"connect.secret.marketo", f.Marketo.ClientSecret},
	} {
		if field.value == "" {
			return field.key
		}
	}
	if f.Salesforce.Flow == app.FlowJWT && f.Salesforce.Username == "" {
		return "connect.username"
	}
	return ""
}

// View is one picture of the form.
type View struct {
	Busy    string // what is being done; empty: nothing
	Note    string // under the heading of the results
	Lines   []Line
	Problem *words.Told
	Ready   bool // both sides answered: the workspace can be opened
	Modes   []record.Mode
}

// Line is one result of the check.
type Line struct {
	State app.CheckState
	Side  string
	What  string
	Do    string
}

func picture(w *words.Words, f facts) View {
	v := View{Note: w.Say("connect.note"), Ready: f.ready}
	if f.step != "" {
		v.Busy = w.Say("connect.step." + f.step)
		v.Note = v.Busy
	}
	if f.missing != "" {
		v.Note = w.Say("connect.missing", "field", w.Say(f.missing))
	}
	if f.failed != nil {
		told := w.Problem(f.failed)
		v.Problem = &told
	}
	v.Lines = lines(w, f)
	switch {
	case !f.ready:
	case f.report.NativeSync:
		v.Note = w.Say("connect.native")
		v.Modes = []record.Mode{record.Observe}
	case f.lookOnly:
		v.Note = w.Say("connect.look")
		v.Modes = []record.Mode{record.Observe}
	default:
		v.Note = w.Say("connect.ready")
		v.Modes = []record.Mode{record.Observe, record.Rehearse, record.Live}
	}
	return v
}

// lines are what was found: the check's, what needs somebody first; until there are any, where the sign-in has led.
func lines(w *words.Words, f facts) (list []Line) {
	for _, l := range f.report.Lines {
		list = append(list, Line{State: l.State, Side: w.Say("side." + l.Side.String()), What: w.Sentence(l.What), Do: w.Sentence(l.Do)})
	}
	slices.SortStableFunc(list, func(a, b Line) int { return int(b.State) - int(a.State) })
	if len(list) > 0 {
		return list
	}
	for _, reached := range f.reached {
		list = append(list, Line{
			State: app.CheckGood, Side: w.Say("side." + reached.Side.String()),
			What: w.Say("connect.reached", "organisation", reached.Organisation),
		})
	}
	return list
}
