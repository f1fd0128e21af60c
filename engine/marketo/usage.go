package marketo

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// Used is how many calls were made today, by all programs together. Marketo does not tell how many there may be.
type Used struct {
	Today  int
	ByUser map[string]int // API users, in the form of addresses
}

// Usage asks for today's use of the allowance, and tells the pacer.
func (c *Client) Usage(ctx context.Context) (used Used, err error) {
	_, err = c.get(ctx, record.Quota, "/rest/v1/stats/usage.json", nil, func() { used = Used{ByUser: map[string]int{}} }, used.add)
	if err == nil {
		c.pacer.Observe(used.Today, 0)
	}
	return used, err
}

// Week is the use of the last seven days, today's included, by API user.
func (c *Client) Week(ctx context.Context) (used Used, err error) {
	_, err = c.get(ctx, record.Quota, "/rest/v1/stats/usage/last7days.json", nil, func() { used = Used{ByUser: map[string]int{}} }, used.add)
	return used, err
}

// add reads one day of use.
func (u *Used) add(dec *jsontext.Decoder) error {
	var day struct {
		Total int `json:"total"`
		Users []struct {
			UserID string `json:"userId"`
			Count  int    `json:"count"`
		} `json:"users"`
	}
	if err := json.UnmarshalDecode(dec, &day); err != nil {
		return err
	}
	u.Today += day.Total
	for _, user := range day.Users {
		u.ByUser[user.UserID] += user.Count
	}
	return nil
}

// Probe is one permission that was tried out.
type Probe struct {
	Permission string
	// Optional says that only some objects stay out without it.
	Optional bool
	// Write says that it is needed for writing alone.
	Write bool
	OK    bool
	Err   *Error // why not, when OK is false
}

// probes are the cheapest readings that need each permission (Marketo REST API, Custom Services: permissions). How an import ended may be
// read by those alone who may write people: an import that does not exist tells without writing anything (Marketo REST API, Bulk Import).
var probes = []struct {
	permission, path string
	optional, write  bool
}{
	{"Read-Only Lead", "/rest/v1/leads/describe2.json", false, false},
	{"Read-Only Activity", "/rest/v1/activities/types.json", false, false},
	{"Read-Only Company", "/rest/v1/companies/describe.json", false, false},
	{"Read-Write Lead", "/bulk/v1/leads/batch/1.json", false, true},
	{"Read-Only Opportunity", "/rest/v1/opportunities/describe.json", true, false},
	{"Read-Only Sales Person", "/rest/v1/salespersons/describe.json", true, false},
	{"Read-Only Custom Object", "/rest/v1/customobjects.json", true, false},
	{"Read-Only Assets", "/rest/asset/v1/programs.json?maxReturn=1", true, false},
	{"Read-Only Campaign", "/rest/v1/campaigns.json?batchSize=1", true, false},
	{"Read-Only Activity Metadata", "/rest/v1/activities/external/types.json", true, false},
}

// Check tries out what the API user may do, by reading alone.
func (c *Client) Check(ctx context.Context) ([]Probe, error) {
	var all []Probe
	for _, p := range probes {
		path, query, _ := strings.Cut(p.path, "?")
		values, err := url.ParseQuery(query)
		if err != nil {
			return nil, err
		}
		_, err = c.get(ctx, record.Check, path, values, nil, nil)
		probe := Probe{Permission: p.permission, Optional: p.optional, Write: p.write}
		var refused *Error
		told := errors.As(err, &refused)
		switch {
		case err == nil, p.write && told && refused.row.class != pace.Permission && !passes(refused.row.class): // that import does not exist
			probe.OK = true
			all = append(all, probe)
		case told && refused.row.class == pace.Permission:
			probe.Err = refused
			all = append(all, probe)
		case p.optional && unoffered(err): // no such feature, or a native sync: nothing that a permission would change
		default:
			return all, err
		}
	}
	return all, nil
}

// passes tells a failure that says nothing about what was asked.
func passes(class pace.Class) bool {
	return class == pace.Transient || class == pace.Quota || class == pace.SignIn || class == pace.Locked
}

// User is the API-only user behind the custom service, in the form of an address. It costs no call that counts.
func (c *Client) User(ctx context.Context) (string, error) {
	g, _, err := c.session.Get(ctx, "")
	return g.scope, err
}

// Partitions are the names of the lead partitions that the API user may use; an instance without partitions has one.
func (c *Client) Partitions(ctx context.Context) (names []string, err error) {
	_, err = c.get(ctx, record.Check, "/rest/v1/leads/partitions.json", nil, func() { names = nil }, func(dec *jsontext.Decoder) error {
		var p struct {
			Name string `json:"name"`
		}
		if err := json.UnmarshalDecode(dec, &p); err != nil {
			return err
		}
		names = append(names, p.Name)
		return nil
	})
	return names, err
}

// Companies finds companies by a searchable field, MaxBatch values a call.
func (c *Client) Companies(ctx context.Context, purpose record.Purpose, field string, values []string, cols []record.Column) ([]record.Record, error) {
	l := newLayout(record.Company, cols, "", idField, updatedField, parentField)
	return c.by(ctx, purpose, "/rest/v1/companies.json", field, values, l)
}

// ActivityType is one kind of activity that the instance knows.
type ActivityType struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// ActivityTypes lists all kinds of activities, custom ones included.
func (c *Client) ActivityTypes(ctx context.Context) (types []ActivityType, err error) {
	_, err = c.get(ctx, record.Describe, "/rest/v1/activities/types.json", nil, func() { types = nil }, func(dec *jsontext.Decoder) error {
		var t ActivityType
		if err := json.UnmarshalDecode(dec, &t); err != nil {
			return err
		}
		types = append(types, t)
		return nil
	})
	return types, err
}

// List is a static list.
type List struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Lists finds static lists by their exact names; none given means all.
func (c *Client) Lists(ctx context.Context, names ...string) (lists []List, err error) {
	query := url.Values{"batchSize": {"300"}}
	if len(names) > 0 {
		query.Set("name", strings.Join(names, ","))
	}
	for {
		var page []List
		env, err := c.get(ctx, record.Describe, "/rest/v1/lists.json", query, func() { page = nil }, func(dec *jsontext.Decoder) error {
			var l List
			if err := json.UnmarshalDecode(dec, &l); err != nil {
				return err
			}
			page = append(page, l)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if lists = append(lists, page...); env.next == "" {
			return lists, nil
		}
		if err := turn(query, env.next); err != nil {
			return nil, err
		}
	}
}
