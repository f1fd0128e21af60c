package org

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// Lives of what sign-in hands out. A code is redeemed at once by every client, so the shorter of the two published
// figures is kept; the sixth grant of a user and app silently ends the oldest.
const (
	codeLife      = 2 * time.Minute
	grantsPerUser = 5
	allScopes     = "api refresh_token id"
)

// grant is what a user allowed the app. It outlives sessions and dies with its refresh token.
type grant struct {
	user    string // 18 characters
	scopes  string
	refresh string
	seeded  bool // printed at the start: stays valid
	dead    bool
}

// authorization is a code on its way from the browser to the token endpoint.
type authorization struct {
	user, scopes, redirect, challenge string
	expires                           time.Time
	spent                             bool
}

// oauthState is the org's one external client app and what it was granted.
type oauthState struct {
	mu      sync.Mutex
	rotate  bool
	grants  map[string]*grant // by every refresh token ever given
	order   []*grant
	codes   map[string]*authorization
	trusted []*rsa.PublicKey

	obstacles []Obstacle
	refusal   atomic.Pointer[apiError] // of every call; nil: none
}

// Credentials are what a client needs to sign in as the sync user, and what an admin enters on the login page.
type Credentials struct {
	ClientID, ClientSecret, Username, Password, RefreshToken string
	AdminUsername, AdminPassword                             string
}

// Credentials follow from the seed.
func (o *Org) Credentials() Credentials {
	return Credentials{
		ClientID: "3MVG9" + o.derived("client id", 70), ClientSecret: strings.ToUpper(o.derived("client secret", 48)),
		Username: syncUsername, Password: o.derived("password", 16), RefreshToken: o.seededRefresh(),
		AdminUsername: adminUsername, AdminPassword: o.derived("admin password", 16),
	}
}

const (
	syncUsername  = "doppio@acme.example"
	adminUsername = "akell@acme.example"
)

// login is the name and the username of who has a session.
func (o *Org) login(user string) (name, username string) {
	if user == o.people.admin {
		return "Ada Keller", adminUsername
	}
	return "Doppio Sync", syncUsername
}

func (o *Org) seededRefresh() string { return "5Aep861" + o.derived("refresh token", 80) }

// derived is a text that the seed decides: letters and digits only.
func (o *Org) derived(use string, n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		sum := sha256.Sum256([]byte(use + strconv.FormatUint(o.seed, 10) + "/" + strconv.Itoa(i)))
		b.WriteString(strings.NewReplacer("-", "x", "_", "y").Replace(base64.RawURLEncoding.EncodeToString(sum[:])))
	}
	return b.String()[:n]
}

// SetRotation switches refresh token rotation: each exchange then returns a new refresh token, and using an old one ends
// the grant (Salesforce Help 005316711).
func (o *Org) SetRotation(on bool) {
	o.oauth.mu.Lock()
	defer o.oauth.mu.Unlock()
	o.oauth.rotate = on
}

// TrustKey adds the public half of a certificate with which the app may sign JWT assertions.
func (o *Org) TrustKey(key *rsa.PublicKey) {
	o.oauth.mu.Lock()
	defer o.oauth.mu.Unlock()
	o.oauth.trusted = append(o.oauth.trusted, key)
}

// UseKey puts a certificate in the place of those before: an app holds one.
func (o *Org) UseKey(key *rsa.PublicKey) {
	o.oauth.mu.Lock()
	defer o.oauth.mu.Unlock()
	o.oauth.trusted = []*rsa.PublicKey{key}
}

func (o *Org) routeOAuth(mux *http.ServeMux) {
	o.oauth.grants, o.oauth.codes = map[string]*grant{}, map[string]*authorization{}
	seeded := &grant{user: o.people.sync, scopes: allScopes, refresh: o.seededRefresh(), seeded: true}
	o.oauth.grants[seeded.refresh] = seeded
	mux.HandleFunc("/services/oauth2/token", o.serveToken)
	mux.HandleFunc("/services/oauth2/authorize", o.serveAuthorize)
	mux.HandleFunc("/services/oauth2/revoke", o.serveRevoke)
	mux.HandleFunc("/services/oauth2/introspect", o.serveIntrospect)
	mux.HandleFunc("/services/oauth2/userinfo", o.serveUserinfo)
	mux.HandleFunc("/services/oauth2/pkce/generator", o.servePair)
	mux.HandleFunc("/.well-known/openid-configuration", o.serveDiscovery)
	mux.HandleFunc("/id/{org}/{user}", o.serveIdentity)
}

// oauthRefusal is a refusal of the token endpoint.
type oauthRefusal struct{ code, description string }

var (
	refusedMethod    = &oauthRefusal{"invalid_request", "must use HTTP POST"}
	refusedClient    = &oauthRefusal{"invalid_client_id", "client identifier invalid"}
	refusedSecret    = &oauthRefusal{"invalid_client", "invalid client credentials"}
	refusedType      = &oauthRefusal{"unsupported_grant_type", "grant type not supported"}
	refusedCode      = &oauthRefusal{"invalid_grant", "invalid authorization code"}
	refusedOldCode   = &oauthRefusal{"invalid_grant", "expired authorization code"}
	refusedVerifier  = &oauthRefusal{"invalid_grant", "invalid code verifier"}
	refusedRedirect  = &oauthRefusal{"redirect_uri_mismatch", "redirect_uri must match configuration"}
	refusedRefresh   = &oauthRefusal{"invalid_grant", "expired access/refresh token"}
	refusedPassword  = &oauthRefusal{"invalid_grant", "authentication failure"}
	refusedAssertion = &oauthRefusal{"invalid_grant", "invalid assertion"}
	refusedAudience  = &oauthRefusal{"invalid_grant", "audience is invalid"}
	refusedApproval  = &oauthRefusal{"invalid_grant", "user hasn't approved this consumer"}
)

// granted is what an exchange gives.
type granted struct {
	session *session
	refresh string
	scopes  string
	bare    bool // JWT answers carry neither signature nor issued_at
}

func (o *Org) serveToken(w http.ResponseWriter, r *http.Request) {
	g, refused := o.exchange(r)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Date", o.clock.Now().UTC().Format(http.TimeFormat))
	if refused != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": refused.code, "error_description": refused.description})
		return
	}
	issued := strconv.FormatInt(g.session.issued.UnixMilli(), 10)
	answer := map[string]string{
		"access_token": g.session.token, "scope": g.scopes, "instance_url": o.Base(), "id": o.identityURL(g.session.user), "token_type": "Bearer",
	}
	if !g.bare {
		sum := sha256.Sum256([]byte(answer["id"] + issued + o.Credentials().ClientSecret))
		answer["issued_at"], answer["signature"] = issued, base64.StdEncoding.EncodeToString(sum[:])
	}
	if g.refresh != "" {
		answer["refresh_token"] = g.refresh
	}
	writeJSON(w, http.StatusOK, answer)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	// A client that went away is no fault of ours.
	json.NewEncoder(w).Encode(body)
}

func (o *Org) identityURL(user string) string { return o.Base() + "/id/" + o.id + "/" + user }

func (o *Org) exchange(r *http.Request) (granted, *oauthRefusal) {
	if r.Method != http.MethodPost {
		return granted{}, refusedMethod
	}
	if err := r.ParseForm(); err != nil {
		return granted{}, &oauthRefusal{"invalid_request", "the request cannot be read"}
	}
	form := r.PostForm
	if id, secret, ok := r.BasicAuth(); ok {
		form.Set("client_id", id)
		form.Set("client_secret", secret)
	}
	o.oauth.mu.Lock()
	defer o.oauth.mu.Unlock()
	if refused := o.hindered(form); refused != nil {
		return granted{}, refused
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		return o.redeem(form)
	case "refresh_token":
		return o.refresh(form)
	case "client_credentials":
		if refused := o.client(form, true); refused != nil {
			return granted{}, refused
		}
		return o.grantSession(o.people.sync, allScopes, nil), nil
	case "password":
		if refused := o.client(form, true); refused != nil {
			return granted{}, refused
		}
		user, ok := o.logIn(form.Get("username"), form.Get("password"))
		if !ok {
			return granted{}, refusedPassword
		}
		return o.grantSession(user, allScopes, nil), nil
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		return o.assertion(form.Get("assertion"))
	}
	return granted{}, refusedType
}

// client checks the app. A secret that is sent has to be right; the flows of a desktop app may leave it out.
func (o *Org) client(form url.Values, needsSecret bool) *oauthRefusal {
	c := o.Credentials()
	secret := form.Get("client_secret")
	switch {
	case form.Get("client_id") != c.ClientID:
		return refusedClient
	case (needsSecret || secret != "") && secret != c.ClientSecret:
		return refusedSecret
	}
	return nil
}

// logIn checks a password. The security token that clients glue to it is not compared: every caller's address is trusted.
func (o *Org) logIn(username, password string) (user string, ok bool) {
	switch c := o.Credentials(); {
	case strings.EqualFold(username, c.Username) && strings.HasPrefix(password, c.Password):
		return o.people.sync, true
	case strings.EqualFold(username, c.AdminUsername) && strings.HasPrefix(password, c.AdminPassword):
		return o.people.admin, true
	}
	return "", false
}

func (o *Org) grantSession(user, scopes string, g *grant) granted {
	refresh := ""
	if g != nil {
		refresh = g.refresh
	}
	return granted{session: o.openSession(user, o.Credentials().ClientID, refresh, strings.Fields(scopes)), scopes: scopes}
}

func (o *Org) redeem(form url.Values) (granted, *oauthRefusal) {
	if refused := o.client(form, false); refused != nil {
		return granted{}, refused
	}
	a := o.oauth.codes[form.Get("code")]
	switch {
	case a == nil:
		return granted{}, refusedCode
	case a.spent || o.clock.Now().After(a.expires):
		return granted{}, refusedOldCode
	case form.Get("redirect_uri") != a.redirect:
		return granted{}, refusedRedirect
	case a.challenge != "" && !proves(form.Get("code_verifier"), a.challenge):
		return granted{}, refusedVerifier
	}
	a.spent = true
	if !strings.Contains(a.scopes, "refresh_token") && !strings.Contains(a.scopes, "offline_access") {
		return o.grantSession(a.user, a.scopes, nil), nil
	}
	g := &grant{user: a.user, scopes: a.scopes, refresh: "5Aep861" + o.opaque("refresh token")}
	o.oauth.grants[g.refresh] = g
	if o.oauth.order = append(o.oauth.order, g); len(o.oauth.order) > grantsPerUser {
		o.end(o.oauth.order[0])
		o.oauth.order = o.oauth.order[1:]
	}
	answer := o.grantSession(a.user, a.scopes, g)
	answer.refresh = g.refresh
	return answer, nil
}

// proves checks PKCE. RFC 7636's upper limit of 128 characters is not kept: jsforce sends 171.
func proves(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return len(verifier) >= 43 && base64.RawURLEncoding.EncodeToString(sum[:]) == strings.TrimRight(challenge, "=")
}

func (o *Org) refresh(form url.Values) (granted, *oauthRefusal) {
	if refused := o.client(form, false); refused != nil {
		return granted{}, refused
	}
	given := form.Get("refresh_token")
	g := o.oauth.grants[given]
	switch {
	case g == nil || g.dead:
		return granted{}, refusedRefresh
	case g.refresh != given: // replaced by rotation: whoever uses it may have stolen it
		o.end(g)
		return granted{}, refusedRefresh
	}
	answer := o.grantSession(g.user, g.scopes, g)
	if o.oauth.rotate || o.dice.Roll(fault.RotateRefresh) {
		g.refresh = "5Aep861" + o.opaque("refresh token")
		o.oauth.grants[g.refresh] = g
		answer.refresh = g.refresh
	}
	return answer, nil
}

// end kills a grant and the sessions made from it.
func (o *Org) end(g *grant) {
	g.dead = true
	for token, other := range o.oauth.grants {
		if other == g {
			o.closeSessions(func(s *session) bool { return s.grant == token })
		}
	}
}

// claims take exp as a number and as a string: two of the three usual clients send a string.
type claims struct {
	Issuer   string          `json:"iss"`
	Subject  string          `json:"sub"`
	Audience json.RawMessage `json:"aud"`
	Expires  json.RawMessage `json:"exp"`
}

func (claims) GetExpirationTime() (*jwt.NumericDate, error) { return nil, nil }
func (claims) GetIssuedAt() (*jwt.NumericDate, error)       { return nil, nil }
func (claims) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (c claims) GetIssuer() (string, error)                 { return c.Issuer, nil }
func (c claims) GetSubject() (string, error)                { return c.Subject, nil }
func (c claims) GetAudience() (jwt.ClaimStrings, error)     { return nil, nil }

// assertion is the JWT bearer flow: RS256, a trusted certificate, time by the org's own clock.
func (o *Org) assertion(text string) (granted, *oauthRefusal) {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation())
	var c claims
	trusted := false
	for _, key := range o.oauth.trusted {
		c = claims{}
		if _, err := parser.ParseWithClaims(text, &c, func(*jwt.Token) (any, error) { return key, nil }); err == nil {
			trusted = true
			break
		}
	}
	seconds, err := strconv.ParseFloat(strings.Trim(string(c.Expires), `"`), 64)
	switch {
	case !trusted || err != nil:
		return granted{}, refusedAssertion
	case c.Issuer != o.Credentials().ClientID:
		return granted{}, refusedClient
	case !o.isAudience(strings.Trim(string(c.Audience), `"[]`)):
		return granted{}, refusedAudience
	case o.clock.Now().After(time.Unix(int64(seconds), 0)):
		return granted{}, refusedOldCode
	case !strings.EqualFold(c.Subject, syncUsername):
		return granted{}, refusedApproval
	}
	answer := o.grantSession(o.people.sync, allScopes, nil)
	answer.bare = true
	return answer, nil
}

func (o *Org) isAudience(a string) bool {
	switch strings.TrimSuffix(a, "/") {
	case "https://login.salesforce.com", "https://test.salesforce.com", o.Base():
		return true
	}
	return false
}

// ExpireSessions ends every session at once, as an admin's logout of all users does; grants stay.
func (o *Org) ExpireSessions() { o.closeSessions(func(*session) bool { return true }) }
