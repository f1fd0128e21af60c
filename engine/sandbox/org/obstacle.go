package org

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
)

// Obstacle is something in the set-up of an org that keeps the app or its user out, as people meet it when they connect.
type Obstacle string

// The obstacles, and how each answers (OAuth 2.0 error codes of Salesforce Help; REST API Developer Guide, status codes).
const (
	AppUninstalled    Obstacle = "app-uninstalled"     // the browser stays on an error page; the token endpoint says invalid_client
	AppUnapproved     Obstacle = "app-unapproved"      // "admin approved users" and the user is none of them
	FlowOff           Obstacle = "flow-off"            // the app does not allow this kind of sign-in
	SecretNeeded      Obstacle = "secret-needed"       // the app wants its secret, also of a desktop program
	ScopeMissing      Obstacle = "scope-missing"       // the app does not grant "api"
	CallbackMissing   Obstacle = "callback-missing"    // the app lists another callback address; the browser stays on an error page
	NoRunAsUser       Obstacle = "no-run-as-user"      // client credentials without a user
	UserFrozen        Obstacle = "user-frozen"         // or deactivated
	PasswordExpired   Obstacle = "password-expired"    // the user has to set a new one first
	AddressBlocked    Obstacle = "address-blocked"     // login IP ranges or hours of the profile
	OrgLocked         Obstacle = "org-locked"          // a trial that is over
	EditionWithoutAPI Obstacle = "edition-without-api" // every call is refused
	UserWithoutAPI    Obstacle = "user-without-api"    // "API Enabled" is missing
	CallsUsedUp       Obstacle = "calls-used-up"       // of the last 24 hours
)

// Obstacles are all of them.
func Obstacles() []Obstacle {
	return []Obstacle{
		AppUninstalled, AppUnapproved, FlowOff, SecretNeeded, ScopeMissing, CallbackMissing, NoRunAsUser, UserFrozen, PasswordExpired, AddressBlocked,
		OrgLocked, EditionWithoutAPI, UserWithoutAPI, CallsUsedUp,
	}
}

// Obstruct puts obstacles in the way, in the place of those that were there; none clears it. Sessions end: what is in the way shows at the next
// sign-in.
func (o *Org) Obstruct(in ...Obstacle) error {
	for _, one := range in {
		if !slices.Contains(Obstacles(), one) {
			return fmt.Errorf("%q is not an obstacle of the sandbox's org", one)
		}
	}
	var refusal *apiError
	for _, row := range apiObstacles {
		if refusal == nil && slices.Contains(in, row.obstacle) {
			refusal = row.refusal
		}
	}
	o.oauth.mu.Lock()
	o.oauth.obstacles = slices.Clone(in)
	o.oauth.mu.Unlock()
	o.oauth.refusal.Store(refusal)
	o.ExpireSessions()
	return nil
}

func (o *Org) obstructed(by Obstacle) bool {
	o.oauth.mu.Lock()
	defer o.oauth.mu.Unlock()
	return slices.Contains(o.oauth.obstacles, by)
}

// refusals of the token endpoint, in the order in which Salesforce looks.
var obstacleRefusals = []struct {
	obstacle Obstacle
	refusal  oauthRefusal
}{
	{OrgLocked, oauthRefusal{"inactive_org", "organization is locked, closed, or suspended"}},
	{AppUninstalled, oauthRefusal{"invalid_client", "app must be installed into org"}},
	{FlowOff, oauthRefusal{"unsupported_grant_type", "grant type not supported"}},
	{UserFrozen, oauthRefusal{"invalid_grant", "inactive user"}},
	{PasswordExpired, oauthRefusal{"invalid_grant", "user must reset password"}},
	{AppUnapproved, oauthRefusal{"invalid_grant", "user is not admin approved to access this app"}},
	{AddressBlocked, oauthRefusal{"invalid_grant", "ip restricted or invalid login hours"}},
}

// hindered is the first obstacle in the way of an exchange, under the lock.
func (o *Org) hindered(form url.Values) *oauthRefusal {
	in := o.oauth.obstacles
	for _, row := range obstacleRefusals {
		if slices.Contains(in, row.obstacle) {
			return &row.refusal
		}
	}
	switch {
	case slices.Contains(in, SecretNeeded) && form.Get("client_secret") == "" && form.Get("assertion") == "":
		return refusedSecret
	case slices.Contains(in, NoRunAsUser) && form.Get("grant_type") == "client_credentials":
		return &oauthRefusal{"invalid_grant", "no client credentials user enabled"}
	}
	return nil
}

// apiObstacles are those that let a user sign in and refuse each call. The first that stands in the way is looked up once, because every
// call asks for it.
var apiObstacles = []struct {
	obstacle Obstacle
	refusal  *apiError
}{
	{EditionWithoutAPI, fault1(http.StatusForbidden, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")},
	{UserWithoutAPI, fault1(http.StatusForbidden, "API_CURRENTLY_DISABLED", "API is disabled for this User")},
	{CallsUsedUp, errQuota},
}

// errorPage is what Salesforce shows in the browser instead of sending it back to the app.
var errorPage = template.Must(template.New("error").Parse(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Error | Salesforce sandbox</title></head>
<body><h1>We can't authorize you because of an OAuth error.</h1><p id="error">{{.}}</p></body></html>`))

func showErrorPage(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	w.WriteHeader(http.StatusBadRequest)
	// A browser that went away is no fault of ours.
	errorPage.Execute(w, text)
}
