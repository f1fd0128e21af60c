package salesforce

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// Limit is one allowance of the org.
type Limit struct {
	Max       int `json:"Max"`
	Remaining int `json:"Remaining"`
}

// Limits asks for all allowances of the org by name ("DailyApiRequests"). It needs "View Setup and Configuration", which
// a lean sync user lacks; what counts arrives with every answer anyway (see pace.Pacer.Usage). Figures lag up to five minutes.
func (c *Client) Limits(ctx context.Context) (map[string]Limit, error) {
	var limits map[string]Limit
	err := c.send(ctx, &request{
		purpose: record.Quota, method: http.MethodGet, path: c.data("/limits"), repeatable: true,
		decode: func(a *answer) error {
			limits = map[string]Limit{}
			return decodeJSON(a.body, func(dec *jsontext.Decoder) error { return json.UnmarshalDecode(dec, &limits) })
		},
	})
	return limits, err
}

// Identity says which org this is, and as whom Doppio works in it.
type Identity struct {
	UserID, OrgID     record.ID
	Username          string
	Profile, License  string
	UserType          string
	OrgName, Edition  string
	Instance          string
	InstanceURL       string
	TimeZone          string
	IsSandbox, Active bool
	MarketingUser     bool
}

// Identity asks the org about itself and the sync user, in one call.
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	token, _, err := c.session.Get(ctx, "")
	if err != nil {
		return Identity{}, err
	}
	_, me := token.IDs()
	if me == "" {
		if me, err = c.whoAmI(ctx); err != nil {
			return Identity{}, err
		}
	}
	var user, org []Row
	parts := []*part{
		c.rowsPart("SELECT Id,Username,IsActive,UserType,Profile.Name,TimeZoneSidKey,UserPermissionsMarketingUser FROM User WHERE Id = "+Literal(string(me)), &user),
		c.rowsPart("SELECT Id,Name,OrganizationType,IsSandbox,InstanceName FROM Organization", &org),
	}
	if _, err := c.read(ctx, record.Check, parts); err != nil {
		return Identity{}, err
	}
	for _, p := range parts {
		if p.refused != nil {
			return Identity{}, p.refused
		}
	}
	if len(user) != 1 || len(org) != 1 {
		return Identity{}, localError(codeMalformed, errShape)
	}
	// The token may have been renewed meanwhile, and the org moved.
	if token, _, err = c.session.Get(ctx, ""); err != nil {
		return Identity{}, err
	}
	orgID, err := record.LongID(org[0].Get("Id"))
	if err != nil {
		return Identity{}, localError(codeMalformed, errShape)
	}
	return Identity{
		UserID: me, OrgID: orgID, Username: user[0].Get("Username"), Profile: user[0].Get("Profile.Name"), UserType: user[0].Get("UserType"),
		OrgName: org[0].Get("Name"), Edition: org[0].Get("OrganizationType"), Instance: org[0].Get("InstanceName"), InstanceURL: token.InstanceURL,
		TimeZone: user[0].Get("TimeZoneSidKey"), IsSandbox: org[0].Is("IsSandbox"), Active: user[0].Is("IsActive"),
		MarketingUser: user[0].Is("UserPermissionsMarketingUser"),
	}, nil
}

// rowsPart is a query of a composite whose rows no mapping describes.
func (c *Client) rowsPart(soql string, into *[]Row) *part {
	return &part{method: http.MethodGet, path: c.data("/query?q=" + escapeQuery(soql)), read: func(dec *jsontext.Decoder) (*Error, error) {
		if dec.PeekKind() == '[' {
			return readRefusals(dec)
		}
		*into = nil
		_, err := decodeRows(dec, func(r Row) { *into = append(*into, r) })
		return nil, err
	}}
}

// whoAmI asks the OAuth service for the user, for sign-ins whose answer did not say.
func (c *Client) whoAmI(ctx context.Context) (record.ID, error) {
	var info struct {
		UserID string `json:"user_id"`
	}
	err := c.send(ctx, &request{
		purpose: record.SignIn, method: http.MethodGet, path: "/services/oauth2/userinfo", repeatable: true,
		decode: func(a *answer) error {
			return decodeJSON(a.body, func(dec *jsontext.Decoder) error { return json.UnmarshalDecode(dec, &info) })
		},
	})
	if err != nil {
		return "", err
	}
	id, err := record.LongID(strings.TrimSpace(info.UserID))
	if err != nil {
		return "", localError(codeMalformed, errShape)
	}
	return id, nil
}

// Versions lists the API versions that the org answers ("61.0"), which needs no sign-in's rights and is not counted.
func (c *Client) Versions(ctx context.Context) ([]string, error) {
	var list []struct {
		Version string `json:"version"`
	}
	err := c.send(ctx, &request{
		purpose: record.SignIn, method: http.MethodGet, path: "/services/data/", repeatable: true,
		decode: func(a *answer) error {
			return decodeJSON(a.body, func(dec *jsontext.Decoder) error { return json.UnmarshalDecode(dec, &list) })
		},
	})
	versions := make([]string, 0, len(list))
	for _, v := range list {
		versions = append(versions, v.Version)
	}
	return versions, err
}

// SignIn makes sure that the credentials work, and gives the token's org and user. It is not counted.
func (c *Client) SignIn(ctx context.Context) (Token, error) {
	token, _, err := c.session.Get(ctx, "")
	return token, err
}
