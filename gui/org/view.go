// Package org is the step of the set-up that says where Salesforce is and by which app Doppio signs in: an address in any form, the way
// to sign in, and what the Salesforce admin registers for it, field by field.
//
// What a person types flows in and is kept at once; a workspace flows out. No secret passes through here.
package org

import (
	"strings"
	"unicode"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/wizard"
	"github.com/doppio-sync/doppio/gui/words"
)

// View is what is known beside what stands in the fields.
type View struct {
	Loaded  *Typed // what to begin with; nil while it is being read
	Made    bool   // the workspace exists: its name stays
	Busy    bool
	Note    string
	Problem *words.Told
}

func picture(w *words.Words, f facts) View {
	v := View{Loaded: f.loaded, Made: f.name != "", Busy: f.Busy, Note: f.Note}
	if f.Failed != nil {
		told := w.Problem(f.Failed)
		v.Problem = &told
	}
	return v
}

// Reading is what is to be said about what stands in the fields now.
type Reading struct {
	Where app.SalesforceAddress
	Is    string // how the address was understood
	Bad   bool   // it was not
	Name  string // for the workspace, of the org
	Foot  wizard.Foot
}

// Read understands what was typed.
func Read(w *words.Words, t Typed) Reading {
	var r Reading
	missing := ""
	if strings.TrimSpace(t.Address) == "" {
		missing, r.Is = "org.address", w.Say("org.is.nothing")
	} else if where, err := app.UnderstandSalesforce(t.Address); err != nil {
		r.Is, r.Bad, missing = w.Problem(err).What, true, "org.address"
	} else {
		r.Where, r.Is, r.Name = where, is(w, where), suggested(where)
	}
	switch {
	case missing != "":
	case strings.TrimSpace(t.Name) == "":
		missing = "org.name"
	case strings.TrimSpace(t.ClientID) == "":
		missing = "org.client"
	}
	switch {
	case missing != "":
		r.Foot.Note = w.Say("org.missing", "field", w.Say(missing))
	case t.Flow == app.FlowClientCredentials && (r.Where.Kind == app.OrgProductionLogin || r.Where.Kind == app.OrgSandboxLogin):
		r.Foot.Note = w.Say("org.own.address")
	default:
		r.Foot.Ready = true
	}
	return r
}

// is says how an address was understood.
func is(w *words.Words, a app.SalesforceAddress) string {
	host := strings.TrimPrefix(a.Host, "https://")
	switch a.Kind {
	case app.OrgProductionLogin:
		return w.Say("org.is.production", "host", host)
	case app.OrgSandboxLogin:
		return w.Say("org.is.test", "host", host)
	case app.OrgMyDomain:
		return w.Say("org.is.domain", "org", a.Org, "host", host)
	case app.OrgMySandbox:
		return w.Say("org.is.sandbox", "org", a.Org, "sandbox", a.Sandbox, "host", host)
	case app.OrgDeveloper:
		return w.Say("org.is.developer", "org", a.Org, "host", host)
	case app.OrgInstance:
		return w.Say("org.is.instance", "host", host)
	}
	return w.Say("org.is.elsewhere", "host", a.Host)
}

// suggested is a name for the workspace, of what the address says.
func suggested(a app.SalesforceAddress) string {
	var parts []string
	for _, part := range strings.FieldsFunc(a.Org, func(r rune) bool { return r == '-' || r == '_' }) {
		letters := []rune(part)
		letters[0] = unicode.ToUpper(letters[0])
		parts = append(parts, string(letters))
	}
	if a.Sandbox != "" && len(parts) > 0 {
		parts = append(parts, "("+a.Sandbox+")")
	}
	return strings.Join(parts, " ")
}
