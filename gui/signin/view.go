// Package signin is the step of the set-up at which Doppio signs in to Salesforce, and says as whom: whether that is a user of its own, and
// what is left of the org's calls.
//
// How to sign in flows in from the step before; secrets pass through to the backend and are kept nowhere here.
package signin

import (
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/org"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// Face is what the page shows.
type Face uint8

// The faces.
const (
	Loading Face = iota
	Out          // nobody is signed in: the fields
	Waiting      // for the browser
	Working      // it is being signed in, or asked
	In           // who it is
)

// View is one picture of the page.
type View struct {
	Face    Face
	Heading string
	Sub     string
	Flow    app.Flow
	Address string // the page in the browser
	Wait    string // what is waited for
	Facts   [][2]string
	Lines   []frame.Line
	// Renew says that it signs in with a certificate that can be renewed; Note what came of that.
	Renew   bool
	Note    string
	Problem *words.Told
	Foot    wizard.Foot
}

// Picture is the page of somebody who is signed in.
func Picture(w *words.Words, who app.Who) View {
	return picture(w, facts{plan: &org.Typed{Flow: app.FlowBrowser, Address: who.Address}, in: true, who: &who})
}

func picture(w *words.Words, f facts) View {
	v := View{Heading: w.Say("signin.heading"), Sub: w.Say("signin.reading")}
	if f.Failed != nil {
		told := w.Problem(f.Failed)
		v.Problem = &told
	}
	if f.plan == nil {
		return v
	}
	v.Face, v.Flow = Out, f.plan.Flow
	v.Sub = w.Say("signin.sub."+string(f.plan.Flow), "host", hostOf(f.plan.Address))
	v.Foot = wizard.Foot{Continue: w.Say("signin.do"), Ready: true}
	switch {
	case f.address != "":
		v.Face, v.Address, v.Wait = Waiting, f.address, w.Say("signin.wait")
		if f.unopened {
			v.Wait = w.Say("signin.wait.unopened")
		}
		v.Foot.Ready, v.Foot.Note = false, w.Say("signin.wait.foot")
	case f.in && f.who != nil: // also while another certificate is saved
		signedIn(w, *f.who, &v)
		v.Note, v.Foot.Ready = f.Note, !f.Busy
	case f.Busy:
		v.Face = Working
		v.Foot.Ready, v.Foot.Note = false, w.Say("signin.busy")
	case f.in:
		v.Foot.Continue = w.Say("signin.ask")
	}
	return v
}

func signedIn(w *words.Words, who app.Who, v *View) {
	v.Face, v.Heading = In, w.Say("signin.heading.in", "user", who.Username)
	v.Sub, v.Foot = w.Say("signin.sub.in"), wizard.Foot{Ready: true}
	kind := w.Say("signin.kind.production")
	if who.Sandbox {
		kind = w.Say("signin.kind.sandbox")
	}
	v.Facts = [][2]string{
		{w.Say("signin.fact.user"), who.Username}, {w.Say("signin.fact.profile"), who.Profile},
		{w.Say("signin.fact.org"), who.Org + ", " + kind}, {w.Say("signin.fact.edition"), who.Edition}, {w.Say("signin.fact.address"), hostOf(who.Address)},
	}
	if !who.Since.IsZero() {
		v.Facts = append(v.Facts, [2]string{w.Say("signin.fact.since"), w.Day(who.Since)})
	}
	if v.Renew = !who.Until.IsZero(); v.Renew {
		v.Facts = append(v.Facts, [2]string{w.Say("signin.fact.until"), w.Day(who.Until)})
	} else {
		v.Facts = append(v.Facts, [2]string{w.Say("signin.fact.until"), w.Say("signin.until." + string(v.Flow))})
	}
	lines := slices.Clone(who.Lines) // what is to be looked at comes first
	slices.SortStableFunc(lines, func(a, b app.CheckLine) int { return int(b.State) - int(a.State) })
	for _, l := range lines {
		v.Lines = append(v.Lines, lineOf(w, l))
		if l.State != app.CheckGood && v.Foot.Note == "" {
			v.Foot.Note = w.Say("signin.foot.warning")
		}
	}
}

func lineOf(w *words.Words, l app.CheckLine) frame.Line {
	tone := map[app.CheckState]look.Tone{app.CheckGood: look.GoodTone, app.CheckWarning: look.WarningTone, app.CheckBad: look.BadTone}[l.State]
	sign := map[app.CheckState]string{app.CheckGood: "check.good", app.CheckWarning: "check.warning", app.CheckBad: "check.bad"}[l.State]
	return frame.Line{Tone: tone, Sign: w.Say(sign), What: w.Sentence(l.What), Do: w.Sentence(l.Do)}
}

func hostOf(address string) string {
	if where, err := app.UnderstandSalesforce(address); err == nil {
		address = where.Host
	}
	return strings.TrimPrefix(address, "https://")
}
