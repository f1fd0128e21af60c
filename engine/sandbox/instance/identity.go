package instance

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// permission is a set of rights of an API-only user. A route may name several: one of them is enough.
type permission uint32

// The permissions of the group "Access API" that the imitation tells apart. A write right includes its read right.
const (
	readLead permission = 1 << iota
	writeLead
	readActivity
	writeActivity
	readActivityMeta
	readAsset
	writeAsset
	readCampaign
	executeCampaign
	readCompany
	writeCompany
	readOpportunity
	writeOpportunity
	readSalesPerson
	writeSalesPerson
	readCustomObject
	writeCustomObject
	schemaField
	allPermissions permission = 1<<iota - 1
)

// permissionNames are the names of Admin > Users & Roles.
var permissionNames = map[string]permission{
	"Read-Only Lead": readLead, "Read-Write Lead": readLead | writeLead,
	"Read-Only Activity": readActivity, "Read-Write Activity": readActivity | writeActivity,
	"Read-Only Activity Metadata": readActivityMeta,
	"Read-Only Assets":            readAsset, "Read-Write Assets": readAsset | writeAsset,
	"Read-Only Campaign": readCampaign, "Read-Write Campaign": readCampaign | executeCampaign, "Execute Campaign": executeCampaign,
	"Read-Only Company": readCompany, "Read-Write Company": readCompany | writeCompany,
	"Read-Only Opportunity": readOpportunity, "Read-Write Opportunity": readOpportunity | writeOpportunity,
	"Read-Only Sales Person": readSalesPerson, "Read-Write Sales Person": readSalesPerson | writeSalesPerson,
	"Read-Only Custom Object": readCustomObject, "Read-Write Custom Object": readCustomObject | writeCustomObject,
	"Read-Write Schema Standard Field": schemaField, "Read-Write Schema Custom Field": schemaField,
}

// service is a custom service of Admin > LaunchPoint, with the API-only user behind it.
type service struct {
	credentials Credentials
	user        string // login of the API user: "scope" of its tokens
	rights      permission
	token       *token // nil before the first was asked for
}

func (s *service) may(needs permission) bool { return needs == 0 || s.rights&needs != 0 }

type token struct {
	value   string
	service *service
	expires time.Time
	told    bool // 602 was answered: from now on 601
}

type identity struct {
	mu       sync.Mutex
	rng      *rand.Rand
	life     time.Duration
	services []*service
	tokens   map[string]*token

	obstacles []Obstacle
}

func newIdentity(seed uint64, life time.Duration) *identity {
	d := &identity{rng: rand.New(rand.NewPCG(seed, 0x1de7717)), life: life, tokens: map[string]*token{}}
	d.add("doppio-api@acme.example", allPermissions)
	return d
}

func (d *identity) add(user string, rights permission) *service {
	s := &service{credentials: Credentials{d.uuid(), d.secret()}, user: user, rights: rights}
	d.services = append(d.services, s)
	return s
}

func (d *identity) uuid() string {
	a, b := d.rng.Uint64(), d.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, 0x8000|b>>48&0x3fff, b&0xffffffffffff)
}

func (d *identity) secret() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, 32)
	for i := range b {
		b[i] = alphabet[d.rng.IntN(len(alphabet))]
	}
	return string(b)
}

// AddService makes another custom service. user is its API user's login; permissions are named as in Admin > Users &
// Roles ("Read-Only Lead"), an unknown name is an error. Services never share or disturb each other's tokens.
func (i *Instance) AddService(user string, permissions ...string) (Credentials, error) {
	var rights permission
	for _, name := range permissions {
		right, ok := permissionNames[name]
		if !ok {
			return Credentials{}, fmt.Errorf("%q is not a permission of the API", name)
		}
		rights |= right
	}
	i.identity.mu.Lock()
	defer i.identity.mu.Unlock()
	return i.identity.add(user, rights).credentials, nil
}

// ExpireTokens ends every access token at once: each is answered 602 when it is next used, and 601 after that.
func (i *Instance) ExpireTokens() {
	d := i.identity
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.tokens {
		t.expires = time.Time{}
	}
}

// serveToken answers /identity/oauth/token. A living token is given again, with the seconds that it has left (Marketo
// REST API, Authentication). Bad credentials are the only ones answered with a status of their own.
func (i *Instance) serveToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	q := r.URL.Query()
	reply := func(status int, body any) {
		text, err := json.Marshal(body)
		if err != nil {
			panic(err) // strings and numbers only
		}
		w.WriteHeader(status)
		// A reader that went away is no fault of ours.
		w.Write(text)
	}
	refuse := func(status int, name, description string) {
		reply(status, map[string]string{"error": name, "error_description": description})
	}
	if q.Get("grant_type") != "client_credentials" {
		refuse(http.StatusBadRequest, "unsupported_grant_type", "Unsupported grant type: "+q.Get("grant_type"))
		return
	}
	now := i.clock.Now()
	d := i.identity
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.service(q.Get("client_id"))
	if s == nil {
		refuse(http.StatusUnauthorized, "unauthorized", "No client with requested id: "+q.Get("client_id"))
		return
	}
	if subtle.ConstantTimeCompare([]byte(s.credentials.ClientSecret), []byte(q.Get("client_secret"))) != 1 {
		refuse(http.StatusUnauthorized, "invalid_client", "Bad client credentials")
		return
	}
	if s.token == nil || !s.token.expires.After(now) {
		s.token = &token{value: d.uuid() + ":ab", service: s, expires: now.Add(d.life)}
		d.tokens[s.token.value] = s.token
	}
	reply(http.StatusOK, struct {
		Token   string `json:"access_token"`
		Kind    string `json:"token_type"`
		Expires int    `json:"expires_in"`
		Scope   string `json:"scope"`
	}{s.token.value, "bearer", int(s.token.expires.Sub(now) / time.Second), s.user})
}

func (d *identity) service(id string) *service {
	for _, s := range d.services {
		if s.credentials.ClientID == id {
			return s
		}
	}
	return nil
}

// authenticate finds the service behind the call's token, which is taken from the header only: the query parameter
// access_token is withdrawn.
func (i *Instance) authenticate(c *call) error {
	value, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if !ok || value == "" {
		return fail(603, "Access denied")
	}
	d := i.identity
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.tokens[value]
	if t == nil {
		return fail(601, "Access token invalid")
	}
	if t.expires.After(c.now) && i.dice.Roll(fault.TokenExpiry) {
		t.expires = c.now
	}
	if t.expires.After(c.now) {
		c.service = t.service
		switch {
		case d.obstructed(AddressBlocked):
			return fail(603, "Access denied")
		case d.obstructed(CallsUsedUp):
			return errQuota
		}
		return nil
	}
	if t.told {
		return fail(601, "Access token invalid")
	}
	t.told = true
	for value, old := range d.tokens { // those that died long ago are rubbish now, which is answered 601 too
		if c.now.Sub(old.expires) > 24*time.Hour && old.told && old != t {
			delete(d.tokens, value)
		}
	}
	return fail(602, "Access token expired")
}
