package org

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// sessionLife is Salesforce's default, counted from the last use.
const sessionLife = 2 * time.Hour

// session is one access token.
type session struct {
	token   string
	user    string // 18 characters
	client  string // consumer key, "" for a SOAP login
	grant   string // the refresh token it came from, "" for none
	scopes  []string
	issued  time.Time
	expires time.Time
}

// openSession issues an access token for a user.
func (o *Org) openSession(user, client, grant string, scopes []string) *session {
	now := o.clock.Now()
	s := &session{user: user, client: client, grant: grant, scopes: scopes, issued: now, expires: now.Add(sessionLife)}
	s.token = o.id[:15] + "!" + o.opaque("session")
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sessions[s.token] = s
	return s
}

// closeSessions ends every session for which which answers true.
func (o *Org) closeSessions(which func(*session) bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for token, s := range o.sessions {
		if which(s) {
			delete(o.sessions, token)
		}
	}
}

// opaque gives a text that was never given before and that the same seed gives again in the same order.
func (o *Org) opaque(purpose string) string {
	o.mu.Lock()
	o.issued++
	n := o.issued
	o.mu.Unlock()
	var in [16]byte
	binary.BigEndian.PutUint64(in[:8], o.seed)
	binary.BigEndian.PutUint64(in[8:], n)
	sum := sha256.Sum256(append(in[:], purpose...))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// sessionOf finds the live session of a token; nil when there is none.
func (o *Org) sessionOf(token string) *session {
	now := o.clock.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.sessions[token]
	if s == nil {
		return nil
	}
	if now.After(s.expires) {
		delete(o.sessions, token)
		return nil
	}
	s.expires = now.Add(sessionLife)
	return s
}

// authenticate finds the session of a request: "Bearer TOKEN" or "OAuth TOKEN". Now and then, where faults say so, the
// session has just expired.
func (o *Org) authenticate(r *http.Request) (*session, *apiError) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return nil, errSession
	}
	kind, token, ok := strings.Cut(header, " ")
	if !ok || !(strings.EqualFold(kind, "Bearer") || strings.EqualFold(kind, "OAuth")) {
		return nil, fault1(http.StatusUnauthorized, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
	}
	s := o.sessionOf(strings.TrimSpace(token))
	if s == nil {
		return nil, errSession
	}
	if o.dice.Roll(fault.TokenExpiry) {
		o.closeSessions(func(other *session) bool { return other == s })
		return nil, errSession
	}
	if len(s.scopes) > 0 && !s.has("api", "full", "web") {
		return nil, fault1(http.StatusForbidden, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
	}
	return s, o.oauth.refusal.Load()
}

func (s *session) has(scopes ...string) bool {
	for _, have := range s.scopes {
		for _, want := range scopes {
			if have == want {
				return true
			}
		}
	}
	return false
}
