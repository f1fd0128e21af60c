package org

import (
	"strings"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/words"
)

// Row is one setting of the app that the Salesforce admin registers, by the label that Salesforce's screen gives it, with what goes in
// there. A row without a label begins a part of the screen.
type Row struct {
	Part         string
	Label, Value string
	Copy         bool // the value is to be copied as it is
	Certificate  bool // the value is the certificate, to be saved as a file
}

// What Salesforce calls the scopes (Salesforce Help, OAuth Tokens and Scopes).
const (
	scopeAPI     = "Manage user data via APIs (api)"
	scopeOffline = "Perform requests at any time (refresh_token, offline_access)"
	scopeID      = "Access the identity URL service (id, profile, email, address, phone)"
)

// Guide is what to set for a way of signing in: of an external client app, which is what new apps are since 2025, or of a connected app
// that there is already.
func Guide(w *words.Words, flow app.Flow, older bool) (rows []Row) {
	part := func(key string) { rows = append(rows, Row{Part: w.Say(key)}) }
	set := func(label, value string) { rows = append(rows, Row{Label: label, Value: value}) }
	copied := func(label, value string) { rows = append(rows, Row{Label: label, Value: value, Copy: true}) }
	on, off := w.Say("org.on"), w.Say("org.off")

	if older {
		part("org.part.older")
	} else {
		part("org.part.new")
		copied("External Client App Name", "Doppio")
		set("Contact Email", w.Say("org.value.email"))
		set("Distribution State", "Local")
		part("org.part.oauth")
		set("Enable OAuth", on)
	}
	copied("Callback URL", strings.Join(app.CallbackURLs(), "\n"))
	set("OAuth Scopes", scopeAPI)
	if flow != app.FlowClientCredentials {
		set("", scopeOffline)
	}
	set("", scopeID)
	switch flow {
	case app.FlowClientCredentials:
		part("org.part.flow")
		set("Enable Client Credentials Flow", on)
	case app.FlowJWT:
		part("org.part.flow")
		label := "Enable JWT Bearer Flow"
		if older {
			label = "Use digital signatures"
		}
		set(label, on)
		rows = append(rows, Row{Label: w.Say("org.certificate"), Value: "doppio.crt", Certificate: true})
	default:
		part("org.part.security")
		set("Require secret for Web Server Flow", off)
		set("Require secret for Refresh Token Flow", off)
		set("Require Proof Key for Code Exchange (PKCE)", on)
	}
	if older {
		part("org.part.older.policies")
	} else {
		part("org.part.policies")
	}
	switch flow {
	case app.FlowClientCredentials:
		set("Run As", w.Say("org.value.user"))
	case app.FlowJWT:
		set("Permitted Users", "Admin approved users are pre-authorized")
		set("Permission Sets", w.Say("org.value.set"))
	default:
		set("Permitted Users", "All users may self-authorize")
		set("Refresh Token Policy", "Refresh token is valid until revoked")
	}
	set("IP Relaxation", "Relax IP restrictions")
	if older {
		part("org.part.older.key")
	} else {
		part("org.part.key")
	}
	set("Consumer Key", w.Say("org.value.key"))
	if flow == app.FlowClientCredentials {
		set("Consumer Secret", w.Say("org.value.secret"))
	}
	return rows
}

// Mail is the guide as text, for whoever has to do it.
func Mail(w *words.Words, rows []Row) string {
	var b strings.Builder
	b.WriteString(w.Say("org.mail.head") + "\n")
	for _, r := range rows {
		switch {
		case r.Part != "":
			b.WriteString("\n" + r.Part + "\n")
		case r.Label == "":
			b.WriteString("    " + r.Value + "\n")
		default:
			b.WriteString("  " + r.Label + ": " + strings.ReplaceAll(r.Value, "\n", "\n    ") + "\n")
		}
	}
	return b.String()
}
