package org

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

// signInPage is the page that a person sees in the browser: who asks, and Allow or Deny.
var signInPage = template.Must(template.New("sign-in").Parse(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Log in | Salesforce sandbox</title>
<style>body{font:16px sans-serif;background:#f4f6f9;display:grid;place-items:center;min-height:100vh;margin:0}form{background:#fff;padding:2rem;border-radius:8px;width:22rem;box-shadow:0 2px 8px #0002}
label{display:block;margin:.8rem 0 .2rem}input{width:100%;padding:.5rem;box-sizing:border-box}button{margin:1rem .5rem 0 0;padding:.6rem 1.2rem}.error{color:#a8322a}</style></head>
<body><form method="post"><h1>Log in and allow access?</h1><p>Doppio asks to manage your data by the API, at any time.</p>{{if .Error}}<p class="error" id="error">{{.Error}}</p>{{end}}
<label for="username">Username</label><input id="username" name="username" value="{{.Username}}" autocomplete="username">
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password">
<button id="allow" name="decision" value="allow">Allow</button><button id="deny" name="decision" value="deny">Deny</button></form></body></html>`))

// serveAuthorize is the page of the web-server flow. Faults of the app itself stay on the page; those of the request go back
// to the caller.
func (o *Org) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	redirect, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case q.Get("client_id") != o.Credentials().ClientID:
		showErrorPage(w, "error=invalid_client_id&error_description=client identifier invalid")
		return
	case err != nil || !callback(redirect) || o.obstructed(CallbackMissing):
		showErrorPage(w, "error=redirect_uri_mismatch&error_description=redirect_uri must match configuration")
		return
	case o.obstructed(AppUninstalled):
		showErrorPage(w, "OAUTH_APPROVAL_ERROR_GENERIC: error=invalid_client&error_description=app must be installed into org")
		return
	case o.obstructed(ScopeMissing):
		back(w, r, redirect, url.Values{"error": {"invalid_scope"}, "error_description": {"the requested scope is not allowed"}})
		return
	case q.Get("response_type") != "code":
		back(w, r, redirect, url.Values{"error": {"unsupported_response_type"}, "error_description": {"response type not supported"}})
		return
	case q.Get("code_challenge_method") == "plain":
		back(w, r, redirect, url.Values{"error": {"invalid_request"}, "error_description": {"code challenge method must be S256"}})
		return
	}
	page := map[string]string{"Username": q.Get("login_hint")}
	if r.Method == http.MethodPost {
		if r.FormValue("decision") == "deny" {
			back(w, r, redirect, url.Values{"error": {"access_denied"}, "error_description": {"end-user denied authorization"}})
			return
		}
		if user, ok := o.logIn(r.PostFormValue("username"), r.PostFormValue("password")); ok {
			back(w, r, redirect, url.Values{"code": {o.authorize(user, q)}})
			return
		}
		page["Username"], page["Error"] = r.PostFormValue("username"), "Please check your username and password."
	}
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	if err := signInPage.Execute(w, page); err != nil {
		return // the browser went away
	}
}

// callback reports whether an address is registered: any port of this machine, or https.
func callback(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && u.Hostname() == "localhost"
}

func (o *Org) authorize(user string, q url.Values) string {
	scopes := q.Get("scope")
	if scopes == "" {
		scopes = allScopes
	}
	code := "aPrx" + o.opaque("code") + "=="
	o.oauth.mu.Lock()
	defer o.oauth.mu.Unlock()
	o.oauth.codes[code] = &authorization{
		user: user, scopes: scopes, redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"), expires: o.clock.Now().Add(codeLife),
	}
	return code
}

// servePair hands out a ready verifier and its challenge.
func (o *Org) servePair(w http.ResponseWriter, r *http.Request) {
	verifier := o.opaque("code verifier")
	sum := sha256.Sum256([]byte(verifier))
	writeJSON(w, http.StatusOK, map[string]string{"code_verifier": verifier, "code_challenge": base64.RawURLEncoding.EncodeToString(sum[:])})
}

func (o *Org) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	at := o.Base() + "/services/oauth2/"
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer": o.Base(), "authorization_endpoint": at + "authorize", "token_endpoint": at + "token", "revocation_endpoint": at + "revoke",
		"introspection_endpoint": at + "introspect", "userinfo_endpoint": at + "userinfo", "scopes_supported": strings.Fields(allScopes),
		"response_types_supported": []string{"code"}, "code_challenge_methods_supported": []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"},
	})
}

// back sends the browser to the app's address, with the state that it came with.
func back(w http.ResponseWriter, r *http.Request, to *url.URL, answer url.Values) {
	if state := r.URL.Query().Get("state"); state != "" {
		answer.Set("state", state)
	}
	u := *to
	u.RawQuery = answer.Encode()
	http.Redirect(w, r, u.String(), http.StatusFound)
}

// serveRevoke ends a session, or with a refresh token the grant and all its sessions.
func (o *Org) serveRevoke(w http.ResponseWriter, r *http.Request) {
	token := r.FormValue("token")
	o.oauth.mu.Lock()
	g := o.oauth.grants[token]
	if g != nil {
		o.end(g)
	}
	o.oauth.mu.Unlock()
	if g == nil {
		if o.sessionOf(token) == nil {
			w.Header().Set("Content-Type", "application/x-www-form-urlencoded")
			http.Error(w, "error=unsupported_token_type&error_description=this+token+type+is+not+supported", http.StatusBadRequest)
			return
		}
		o.closeSessions(func(s *session) bool { return s.token == token })
	}
	w.WriteHeader(http.StatusOK)
}

func (o *Org) serveIntrospect(w http.ResponseWriter, r *http.Request) {
	s := o.sessionOf(r.FormValue("token"))
	if s == nil {
		writeJSON(w, http.StatusOK, map[string]any{"active": false})
		return
	}
	_, username := o.login(s.user)
	writeJSON(w, http.StatusOK, map[string]any{
		"active": true, "scope": strings.Join(s.scopes, " "), "client_id": s.client, "username": username, "sub": o.identityURL(s.user),
		"token_type": "access_token", "exp": s.expires.Unix(), "iat": s.issued.Unix(), "nbf": s.issued.Unix(),
	})
}

// bearer is the session of a request to the identity service, which answers in its own way when there is none.
func (o *Org) bearer(w http.ResponseWriter, r *http.Request) *session {
	token := r.FormValue("oauth_token")
	if _, given, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
		token = given
	}
	if s := o.sessionOf(token); s != nil {
		return s
	}
	text := "Bad_OAuth_Token"
	if token == "" {
		text = "Missing_OAuth_Token"
	}
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprint(w, text)
	return nil
}

func (o *Org) serveUserinfo(w http.ResponseWriter, r *http.Request) {
	s := o.bearer(w, r)
	if s == nil {
		return
	}
	name, username := o.login(s.user)
	writeJSON(w, http.StatusOK, map[string]any{
		"sub": o.identityURL(s.user), "user_id": s.user, "organization_id": o.id, "preferred_username": username, "name": name,
		"email": username, "email_verified": true, "zoneinfo": "America/Los_Angeles", "active": true, "user_type": "STANDARD",
		"language": "en_US", "locale": "en_US", "urls": o.identityURLs(),
	})
}

func (o *Org) serveIdentity(w http.ResponseWriter, r *http.Request) {
	s := o.bearer(w, r)
	if s == nil {
		return
	}
	name, username := o.login(s.user)
	writeJSON(w, http.StatusOK, map[string]any{
		"id": o.identityURL(s.user), "asserted_user": true, "user_id": s.user, "organization_id": o.id, "username": username,
		"display_name": name, "email": username, "active": true, "user_type": "STANDARD", "language": "en_US", "locale": "en_US",
		"urls": o.identityURLs(),
	})
}

func (o *Org) identityURLs() map[string]string {
	base := o.Base()
	return map[string]string{
		"rest": base + "/services/data/v{version}/", "sobjects": base + "/services/data/v{version}/sobjects/",
		"query": base + "/services/data/v{version}/query/", "partner": base + "/services/Soap/u/{version}/" + o.id[:15],
	}
}
