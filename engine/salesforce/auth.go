package salesforce

import (
	"context"
	"crypto/rsa"
	"errors"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/doppio-sync/doppio/engine/pace"
)

// Auth is a way to get access tokens without a person at hand. One session asks one Auth, one exchange at a time.
type Auth interface {
	// Form is what to post to the token endpoint.
	Form(ctx context.Context) (url.Values, error)
	// Accept is told of each answer before its access token is used. An error stops the sign-in.
	Accept(ctx context.Context, t Token) error
}

// RefreshToken signs in with a refresh token that a person once approved (see AuthorizationCode).
type RefreshToken struct {
	ClientID     string
	ClientSecret pace.Secret // empty if the app asks for none
	Token        pace.Secret
	// Store keeps a rotated refresh token. It is called before the new access token is used, because the old refresh
	// token is dead from then on; if it fails, the sign-in fails with it. nil is for apps that do not rotate.
	Store func(ctx context.Context, token pace.Secret) error
	// Load gives the token that is kept now: another program may have signed in since, and rotated it. nil is
	// for programs that are alone.
	Load func(ctx context.Context) (pace.Secret, error)

	mu      sync.Mutex
	rotated pace.Secret
}

// Form asks with the newest refresh token.
func (a *RefreshToken) Form(ctx context.Context) (url.Values, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	token := a.Token
	if a.rotated != "" {
		token = a.rotated
	}
	if a.Load != nil {
		kept, err := a.Load(ctx)
		if err != nil {
			return nil, err
		}
		if kept != "" {
			token = kept
		}
	}
	if token == "" {
		return nil, oauthError(0, "invalid_grant", "expired access/refresh token")
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {string(token)}, "client_id": {a.ClientID}}
	if a.ClientSecret != "" {
		form.Set("client_secret", string(a.ClientSecret))
	}
	return form, nil
}

// Accept stores a rotated token before anything else happens.
func (a *RefreshToken) Accept(ctx context.Context, t Token) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t.Refresh == "" || t.Refresh == a.Token || t.Refresh == a.rotated {
		return nil
	}
	a.rotated = t.Refresh
	if a.Store == nil {
		return nil
	}
	if err := a.Store(ctx, t.Refresh); err != nil {
		return &StoreError{Cause: err}
	}
	return nil
}

// StoreError says that the app rotated the refresh token and the new one could not be stored. The sign-in stops there: going on would
// work until the program ends, and then nothing could sign in again.
type StoreError struct{ Cause error }

// Error is the English sentence.
func (e *StoreError) Error() string {
	return e.Sentence().Text + " " + e.Cause.Error()
}

// Unwrap gives what the keychain said.
func (e *StoreError) Unwrap() error { return e.Cause }

// Class is SignIn.
func (e *StoreError) Class() pace.Class { return pace.SignIn }

// Who is the operator.
func (e *StoreError) Who() pace.Who { return pace.Operator }

// Code is our own.
func (e *StoreError) Code() string { return "TOKEN_NOT_STORED" }

// Retryable is false.
func (e *StoreError) Retryable() bool { return false }

// Sentence says what to do.
func (e *StoreError) Sentence() pace.Sentence {
	return pace.Say("salesforce.oauth.store", "Salesforce gave a new refresh token, but it could not be kept in the keychain. Unlock the keychain, then sign in again.")
}

// ClientCredentials signs in as the user that the app's settings name. It works on the org's own My Domain host only, and needs no
// token to be kept, which makes it the better choice for unattended runs.
type ClientCredentials struct {
	ClientID     string
	ClientSecret pace.Secret
}

// Form asks with id and secret.
func (a *ClientCredentials) Form(context.Context) (url.Values, error) {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {a.ClientID}, "client_secret": {string(a.ClientSecret)}}, nil
}

// Accept has nothing to keep.
func (a *ClientCredentials) Accept(context.Context, Token) error { return nil }

// JWT signs in with a certificate: no secret travels, nothing has to be kept but the key.
type JWT struct {
	ClientID string // the consumer key, "iss"
	Username string // of the user to run as, "sub"
	Audience string // see JWTAudience
	Key      *rsa.PrivateKey
	Now      func() time.Time
	// Next is a newer key, whose certificate the app may not have yet: it is tried where Key is refused, and takes its place where it is
	// accepted. Took is told of that before the access token is used. An app holds one certificate, so at no moment do both work.
	Next *rsa.PrivateKey
	Took func(ctx context.Context) error

	trying bool // Next stands in the place of Key
}

// another puts the other key in place where the one that was used is refused, and reports whether there is one to try.
func (a *JWT) another(err error) bool {
	var refused *Error
	if a.Next == nil || !errors.As(err, &refused) || refused.Code() != "invalid_grant" {
		return false
	}
	a.Key, a.Next, a.trying = a.Next, a.Key, !a.trying
	return a.trying
}

// jwtLife is how long an assertion is good for. Salesforce's libraries use three to five minutes.
const jwtLife = 3 * time.Minute

// Form signs an assertion with RS256.
func (a *JWT) Form(context.Context) (url.Values, error) {
	if a.Key == nil {
		return nil, errors.New("the JWT sign-in has no private key")
	}
	now := time.Now
	if a.Now != nil {
		now = a.Now
	}
	claims := jwt.MapClaims{"iss": a.ClientID, "sub": a.Username, "aud": a.Audience, "exp": now().Add(jwtLife).Unix()}
	assertion, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(a.Key)
	if err != nil {
		return nil, errors.New("the private key cannot sign")
	}
	return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}, nil
}

// Accept has nothing to keep but that a newer key took the place of the one before.
func (a *JWT) Accept(ctx context.Context, _ Token) error {
	if !a.trying {
		return nil
	}
	a.trying, a.Next = false, nil
	if a.Took == nil {
		return nil
	}
	return a.Took(ctx)
}

// ParseKey reads an RSA private key from PEM, in PKCS#1 or PKCS#8.
func ParseKey(pem []byte) (*rsa.PrivateKey, error) {
	key, err := jwt.ParseRSAPrivateKeyFromPEM(pem)
	if err != nil {
		return nil, errors.New("the key file holds no RSA private key in PEM form, or it is protected by a passphrase")
	}
	return key, nil
}

// JWTAudience is the "aud" that Salesforce expects for a login host: login or test.salesforce.com, whichever the org belongs to.
// For other hosts it is the host itself.
func JWTAudience(login string) string {
	host := strings.TrimPrefix(login, "https://")
	switch {
	case host == "test.salesforce.com", strings.HasSuffix(host, ".sandbox.my.salesforce.com"):
		return "https://test.salesforce.com"
	case host == "login.salesforce.com", strings.HasSuffix(host, ".salesforce.com"):
		return "https://login.salesforce.com"
	}
	return login
}
