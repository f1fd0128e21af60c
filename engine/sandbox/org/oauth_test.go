package org

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// form posts a form below /services/oauth2/.
func (b *bench) form(path string, form url.Values) reply {
	b.t.Helper()
	r := httptest.NewRequest("POST", "/services/oauth2/"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return reply{b.t, w.Code, w.Result().Header, w.Body.String()}
}

const verifier = "a-verifier-of-at-least-forty-three-characters-"

// page is the address of the sign-in page.
func (b *bench) page(more url.Values) string {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {b.Credentials().ClientID}, "redirect_uri": {"http://localhost:1717/cb"}, "state": {"st"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}
	for name, values := range more {
		q[name] = values
	}
	return "authorize?" + q.Encode()
}

// allow signs in on the page, and gives what comes back to the app.
func (b *bench) allow(more, entered url.Values) url.Values {
	b.t.Helper()
	got := b.form(b.page(more), entered)
	to, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.status != http.StatusFound {
		b.t.Fatalf("%d %s", got.status, got.body)
	}
	return to.Query()
}

func (b *bench) secrets() url.Values {
	return url.Values{"username": {b.Credentials().Username}, "password": {b.Credentials().Password}, "decision": {"allow"}}
}

// redeem changes a code for tokens.
func (b *bench) redeem(code string, more url.Values) reply {
	b.t.Helper()
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "client_id": {b.Credentials().ClientID},
		"redirect_uri": {"http://localhost:1717/cb"}, "code_verifier": {verifier},
	}
	for name, values := range more {
		form[name] = values
	}
	return b.form("token", form)
}

func (b *bench) refreshed(token string) reply {
	b.t.Helper()
	return b.form("token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {b.Credentials().ClientID}})
}

func TestSignInPage(t *testing.T) {
	b := newBench(t)
	shown := b.send("GET", "/services/oauth2/"+b.page(url.Values{"login_hint": {"<me>"}}), "")
	for _, part := range []string{`<form method="post">`, `type="password"`, `value="&lt;me&gt;"`, ">Allow</button>", ">Deny</button>"} {
		if !strings.Contains(shown.body, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	if again := b.form(b.page(nil), url.Values{"username": {"x"}, "password": {"y"}, "decision": {"allow"}}); again.status != 200 || !strings.Contains(again.body, "Please check your username and password") {
		t.Errorf("%d %s", again.status, again.body)
	}
	if no := b.allow(nil, url.Values{"decision": {"deny"}}); no.Get("error") != "access_denied" || no.Get("state") != "st" {
		t.Errorf("%v", no)
	}
	if no := b.allow(url.Values{"code_challenge_method": {"plain"}}, nil); no.Get("error") != "invalid_request" {
		t.Errorf("%v", no)
	}
	for name, value := range map[string]string{"client_id": "other", "redirect_uri": "http://elsewhere.example/cb"} {
		if got := b.form(b.page(url.Values{name: {value}}), nil); got.status != 400 || got.header.Get("Location") != "" {
			t.Errorf("%s: a fault of the app itself went to the app: %d", name, got.status)
		}
	}
}

// TestCodes: a code works once, soon, for its own address and with its own verifier; jsforce's verifier is 171 long.
func TestCodes(t *testing.T) {
	b := newBench(t)
	code := func() string { return b.allow(nil, b.secrets()).Get("code") }
	for _, row := range []struct {
		more        url.Values
		error, says string
	}{
		{url.Values{"code_verifier": {strings.Repeat("x", 50)}}, "invalid_grant", "invalid code verifier"},
		{url.Values{"code_verifier": nil}, "invalid_grant", "invalid code verifier"},
		{url.Values{"redirect_uri": {"http://localhost:1718/cb"}}, "redirect_uri_mismatch", "redirect_uri must match configuration"},
		{url.Values{"client_secret": {"wrong"}}, "invalid_client", "invalid client credentials"},
		{url.Values{"code": {"garbage"}}, "invalid_grant", "invalid authorization code"},
	} {
		b.redeem(code(), row.more).want(400, `{"error":"`+row.error+`","error_description":"`+row.says+`"}`)
	}
	used := code()
	if got := b.redeem(used, nil); got.status != 200 || got.at("refresh_token") == nil || got.at("token_type") != "Bearer" || strings.Contains(got.body, "expires_in") {
		t.Errorf("%d %s", got.status, got.body)
	}
	b.redeem(used, nil).want(400, `{"error":"invalid_grant","error_description":"expired authorization code"}`)
	late := code()
	b.clock.Advance(codeLife + time.Second)
	b.redeem(late, nil).want(400, `{"error":"invalid_grant","error_description":"expired authorization code"}`)
	sum := sha256.Sum256([]byte(strings.Repeat("v", 171)))
	long := b.allow(url.Values{"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}}, b.secrets()).Get("code")
	if got := b.redeem(long, url.Values{"code_verifier": {strings.Repeat("v", 171)}}); got.status != 200 {
		t.Errorf("a long verifier: %s", got.body)
	}
	pair := b.send("GET", "/services/oauth2/pkce/generator", "")
	ready := b.allow(url.Values{"code_challenge": {pair.at("code_challenge").(string)}}, b.secrets()).Get("code")
	if got := b.redeem(ready, url.Values{"code_verifier": {pair.at("code_verifier").(string)}}); got.status != 200 {
		t.Errorf("a ready verifier: %s", got.body)
	}
}

// TestRotation: switched on, a refresh token works once; an old one that is used ends the grant and its sessions.
func TestRotation(t *testing.T) {
	b := newBench(t)
	first := b.redeem(b.allow(nil, b.secrets()).Get("code"), nil).at("refresh_token").(string)
	if got := b.refreshed(first); got.status != 200 || got.at("refresh_token") != nil {
		t.Errorf("without rotation: %s", got.body)
	}
	b.SetRotation(true)
	answer := b.refreshed(first)
	second := answer.at("refresh_token").(string)
	if second == first {
		t.Fatal("the refresh token stayed")
	}
	b.token = answer.at("access_token").(string)
	b.send("GET", "limits", "").refused(200, "DailyApiRequests")
	b.refreshed(first).want(400, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`)
	b.refreshed(second).want(400, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`)
	b.send("GET", "limits", "").refused(401, "INVALID_SESSION_ID")
}

// TestGrantsEnd: by revoking, and by the sixth of a user and app.
func TestGrantsEnd(t *testing.T) {
	b := newBench(t)
	var tokens []string
	for range grantsPerUser + 1 {
		tokens = append(tokens, b.redeem(b.allow(nil, b.secrets()).Get("code"), nil).at("refresh_token").(string))
	}
	if b.refreshed(tokens[0]).status != 400 || b.refreshed(tokens[1]).status != 200 {
		t.Error("the sixth grant ends the oldest and no other")
	}
	session := b.refreshed(tokens[2])
	b.token = session.at("access_token").(string)
	b.send("GET", "/services/oauth2/userinfo", "").refused(200, "preferred_username")
	if b.form("introspect", url.Values{"token": {b.token}}).at("active") != true {
		t.Error("a live session is not active")
	}
	if got := b.form("revoke", url.Values{"token": {tokens[2]}}); got.status != 200 || got.body != "" {
		t.Errorf("revoke: %d %q", got.status, got.body)
	}
	b.refreshed(tokens[2]).refused(400, "invalid_grant")
	b.send("GET", "limits", "").refused(401, "INVALID_SESSION_ID")
	if got := b.send("GET", "/services/oauth2/userinfo", ""); got.status != 403 || got.body != "Bad_OAuth_Token" {
		t.Errorf("userinfo with a dead token: %d %q", got.status, got.body)
	}
	if b.form("introspect", url.Values{"token": {b.token}}).at("active") != false {
		t.Error("a dead session is active")
	}
	if got := b.form("revoke", url.Values{"token": {"unknown"}}); got.status != 400 || !strings.Contains(got.body, "unsupported_token_type") {
		t.Errorf("revoke of nothing: %d %q", got.status, got.body)
	}
}
