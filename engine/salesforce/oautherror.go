package salesforce

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/doppio-sync/doppio/engine/pace"
)

// oauthRow is one line of the OAuth errors, matched on error and, where one error means several things, on a part of the
// description.
type oauthRow struct {
	error, match string
	class        pace.Class
	who          pace.Who
	key, text    string
}

// oauthErrors is after Salesforce Help ("OAuth 2.0 Error Codes"), its SDKs and answers quoted in public. The first row
// that fits wins.
var oauthErrors = []oauthRow{
	{"invalid_grant", "expired authorization code", pace.SignIn, pace.Operator, "code.expired", "The sign-in took too long, or was used twice. Sign in again."},
	{"invalid_grant", "invalid authorization code", pace.SignIn, pace.Operator, "code.invalid", "Salesforce did not accept the sign-in. Sign in again; if it stays, report it."},
	{"invalid_grant", "code verifier", pace.Ours, pace.Us, "verifier", "Salesforce did not accept Doppio's proof of the sign-in. Sign in again; if it stays, report it."},
	{"invalid_grant", "expired access/refresh token", pace.SignIn, pace.Operator, "refresh.expired", "The permission to use this org has ended: revoked, expired, or replaced by newer sign-ins. Sign in again."},
	{"invalid_grant", "inactive user", pace.SignIn, pace.Admin, "user.inactive", "The sync user is deactivated or frozen. Ask the Salesforce admin to activate it."},
	{"invalid_grant", "hasn't approved", pace.Permission, pace.Admin, "user.unapproved", "The sync user may not use the app yet. Ask the Salesforce admin to assign the app's permission set to it."},
	{"invalid_grant", "authentication failure", pace.SignIn, pace.Operator, "authentication", "Salesforce refused the sign-in. Check the user; sign-in by password may be switched off in the org."},
	{"invalid_grant", "ip restricted", pace.Permission, pace.Admin, "ip", "The sync user may not sign in from this network or at this hour. Ask the Salesforce admin to relax the IP rule for the app."},
	{"invalid_grant", "not admin approved", pace.Permission, pace.Admin, "app.unapproved", "The app allows only users whom the admin approved. Ask the Salesforce admin to assign the sync user's profile or permission set to it."},
	{"invalid_grant", "must reset password", pace.SignIn, pace.Operator, "password.reset", "The sync user has to set a new password first. Sign in to Salesforce in a browser once."},
	{"invalid_grant", "organization is locked", pace.SignIn, pace.Admin, "org.locked", "The org is locked, closed or suspended. Ask the Salesforce admin."},
	{"invalid_grant", "no client credentials user", pace.SignIn, pace.Admin, "client.user", "The app names no user to run as. Ask the Salesforce admin to enable the client credentials flow and choose the sync user."},
	{"invalid_grant", "not supported on this domain", pace.SignIn, pace.Operator, "domain", "This kind of sign-in works on the org's own address only. Use https://YOURNAME.my.salesforce.com instead of login or test."},
	{"invalid_grant", "udience", pace.SignIn, pace.Operator, "audience", "The sign-in was made for another login address. Check whether the org is a sandbox (test.salesforce.com) or not (login.salesforce.com)."},
	{"invalid_grant", "invalid assertion", pace.SignIn, pace.Operator, "assertion", "Salesforce did not accept the signature. Check that the key belongs to the app's certificate, and the computer's clock."},
	{"invalid_grant", "", pace.SignIn, pace.Operator, "grant", "Salesforce refused the sign-in. Sign in again."},
	{"inactive_user", "", pace.SignIn, pace.Admin, "user.inactive", "The sync user is deactivated or frozen. Ask the Salesforce admin to activate it."},
	{"inactive_org", "", pace.SignIn, pace.Admin, "org.locked", "The org is locked, closed or suspended. Ask the Salesforce admin."},
	{"invalid_app_access", "", pace.Permission, pace.Admin, "app.unapproved", "The app allows only users whom the admin approved. Ask the Salesforce admin to assign the sync user's profile or permission set to it."},
	{"OAUTH_APP_ACCESS_DENIED", "", pace.Permission, pace.Admin, "app.unapproved", "The app allows only users whom the admin approved. Ask the Salesforce admin to assign the sync user's profile or permission set to it."},
	{"invalid_client_id", "", pace.SignIn, pace.Operator, "client.id", "Salesforce does not know the consumer key at this address. Check the key, and whether the org is a sandbox; a new app needs up to ten minutes."},
	{"invalid_client", "must be installed", pace.SignIn, pace.Admin, "app.uninstalled", "The app is not installed in the org. Ask the Salesforce admin to install it under Connected Apps OAuth Usage, or to make an external client app."},
	{"invalid_client", "", pace.SignIn, pace.Operator, "client.secret", "Salesforce refused the consumer secret: it was mistyped, the app needs one, or the Salesforce admin has made a new one. Sign in with the one that holds now."},
	{"OAUTH_APPROVAL_ERROR_GENERIC", "", pace.SignIn, pace.Admin, "app.uninstalled", "The app is not installed in the org. Ask the Salesforce admin to install it under Connected Apps OAuth Usage, or to make an external client app."},
	{"redirect_uri_mismatch", "", pace.SignIn, pace.Admin, "redirect", "The app does not list Doppio's callback address. Ask the Salesforce admin to add it."},
	{"unsupported_grant_type", "", pace.SignIn, pace.Admin, "grant.type", "The app does not allow this kind of sign-in. Ask the Salesforce admin to enable the flow."},
	{"unsupported_response_type", "", pace.Ours, pace.Us, "response.type", "The app does not allow this kind of sign-in. Report it."},
	{"invalid_scope", "", pace.SignIn, pace.Admin, "scope", "The app does not grant the rights that Doppio asks for. Ask the Salesforce admin to add the scopes 'api' and 'refresh_token'."},
	{"invalid_request", "", pace.Ours, pace.Us, "request", "Salesforce did not understand the sign-in. Report it."},
	{"access_denied", "", pace.SignIn, pace.Operator, "denied", "The sign-in was declined in the browser. Try again and choose Allow."},
	{"access-denied", "", pace.SignIn, pace.Operator, "denied", "The sign-in was declined in the browser. Try again and choose Allow."},
	{"rate_limit_exceeded", "", pace.Quota, pace.Us, "rate", "Too many sign-ins within an hour. Doppio waits."},
	{"server_error", "", pace.Transient, pace.Nobody, "server", "Salesforce's sign-in has trouble at the moment. Doppio tries again."},
	{"temporarily_unavailable", "", pace.Transient, pace.Nobody, "server", "Salesforce's sign-in has trouble at the moment. Doppio tries again."},
	{"unknown_error", "", pace.Transient, pace.Nobody, "server", "Salesforce's sign-in has trouble at the moment. Doppio tries again."},
}

// oauthError classifies a refused sign-in. Its code is the error itself; the description is kept as the message.
func oauthError(status int, code, description string) *Error {
	for _, row := range oauthErrors {
		if strings.EqualFold(row.error, code) && strings.Contains(strings.ToLower(description), strings.ToLower(row.match)) {
			return &Error{Status: status, Message: pace.Sensitive(description), code: code,
				row: codeRow{code: code, class: row.class, who: row.who, key: "oauth." + row.key, text: row.text, again: row.class == pace.Transient}}
		}
	}
	e := NewError(status, "", description)
	if e.Class() != pace.Transient {
		e.row = codeRow{class: pace.SignIn, who: pace.Operator, key: "oauth.other", text: "Salesforce refused the sign-in (%3). Check the settings of the app, then sign in again."}
	}
	if code != "" {
		e.code = code
	}
	return e
}

// readOAuthRefusal reads a refused exchange: JSON as a rule, url-encoded on some paths, a web page when Salesforce is down.
func readOAuthRefusal(status int, header http.Header, body io.Reader) *Error {
	text, err := boundedText(body, mostRefusal)
	if err != nil && len(text) == 0 {
		return readRefusal(status, header, bytes.NewReader(nil))
	}
	var pair struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(text, &pair, lenient) == nil && pair.Error != "" {
		return oauthError(status, pair.Error, pair.Description)
	}
	if form, err := url.ParseQuery(string(text)); err == nil && form.Get("error") != "" {
		return oauthError(status, form.Get("error"), form.Get("error_description"))
	}
	if status == http.StatusNotFound {
		return withStatus(localError(codeNoSignIn, nil), status)
	}
	if status >= 400 && status < 500 && status != http.StatusTooManyRequests && status != 420 {
		return oauthError(status, "", "")
	}
	return readRefusal(status, header, bytes.NewReader(text))
}
