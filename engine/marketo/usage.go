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
	_, err = c.get(ctx, record.Quota, "/rest/v1/stats/usage.json", nil, func() { used = Used{ByUser: map[string]int{}} }, func(dec *jsontext.Decoder) error {
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
		used.Today += day.Total
		for _, u := range day.Users {
			used.ByUser[u.UserID] += u.Count
		}
		return nil
	})
	if err == nil {
		c.pacer.Observe(used.Today, 0)
	}
	return used, err
}

// Probe is one permission that was tried out.
type Probe struct {
	Permission string
	// Optional says that only some objects stay out without it.
	Optional bool
	OK       bool
	Err      *Error // why not, when OK is false
}

// probes are the cheapest readings that need each permission (Marketo REST API, Custom Services: permissions).
var probes = []struct {
	permission, path string
	optional         bool
}{
	{"Read-Only Lead", "/rest/v1/leads/describe2.json", false},
	{"Read-Only Activity", "/rest/v1/activities/types.json", false},
	{"Read-Only Company", "/rest/v1/companies/describe.json", false},
	{"Read-Only Opportunity", "/rest/v1/opportunities/describe.json", true},
	{"Read-Only Sales Person", "/rest/v1/salespersons/describe.json", true},
	{"Read-Only Custom Object", "/rest/v1/customobjects.json", true},
}

// Check tries out what the API user may read. What it may write cannot be tried without writing.
func (c *Client) Check(ctx context.Context) ([]Probe, error) {
	var all []Probe
	for _, p := range probes {
		_, err := c.get(ctx, record.Check, p.path, nil, nil, nil)
		var refused *Error
		switch {
		case err == nil:
			all = append(all, Probe{Permission: p.permission, Optional: p.optional, OK: true})
		case errors.As(err, &refused) && refused.row.class == pace.Permission:
			all = append(all, Probe{Permission: p.permission, Optional: p.optional, Err: refused})
		case p.optional && unoffered(err): // no such feature, or a native sync: nothing that a permission would change
		default:
			return all, err
		}
	}
	return all, nil
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
