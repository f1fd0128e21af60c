package marketo

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// mostTypes is how many activity types one call takes (Marketo REST API, Activities).
const mostTypes = 10

// The types whose attributes are understood (Marketo REST API, Activities: activity types).
const (
	typeChangeDataValue = 13
	typeChangeScore     = 22
	typeMergeLeads      = 32
	typeNewLead         = 12
	typeProgression     = 104
)

// Change is one activity, as far as a sync needs it.
type Change struct {
	GUID   string
	Person record.ID
	Type   int
	At     time.Time
	// Field is the REST name of the field that changed; empty when the activity is about none, or about one that the API
	// does not show.
	Field string
	// Old and New are the log's texts, not canonical: booleans come as True and False, date-times without a zone. HasNew
	// is false when the log does not say.
	Old, New string
	HasNew   bool
	// Losers are the people that a merge removed; Person is the winner.
	Losers []record.ID
	Source string
	// Campaign is the smart campaign whose flow made the change, 0 for none.
	Campaign int64
	User     string // the API user of a change through the API
	// Asset and AssetName are the primary attribute of what is about none of a person's fields: the program of a change of
	// status, whose Old and New are the statuses; the form, mail or link of a visit.
	Asset     int64
	AssetName string
	// Details are the further attributes of such an activity, in the log's order. They may hold people's data.
	Details []Detail
}

// Detail is one attribute of an activity.
type Detail struct {
	Name  string
	Value record.Value
}

// ActivityPage is one page of the activity log. Next is where the following one begins, also after the last page: keep it.
type ActivityPage struct {
	Changes []Change
	Next    string
	More    bool
	Server  time.Time // the instance's own clock, zero if it did not say
}

// DeletedPage is one page of the log of deletions, which reaches back 14 days.
type DeletedPage struct {
	IDs  []record.ID
	At   []time.Time
	Next string
	More bool
}

// PagingToken gives the place in the activity log that a time stands for, cut to the second.
func (c *Client) PagingToken(ctx context.Context, since time.Time) (string, error) {
	query := url.Values{"sinceDatetime": {since.UTC().Truncate(time.Second).Format(time.RFC3339)}}
	env, err := c.get(ctx, record.Feed, "/rest/v1/activities/pagingtoken.json", query, nil, nil)
	if err == nil && env.next == "" {
		err = localError(codeShape, nil)
	}
	return env.next, err
}

// activity is one element of the log.
type activity struct {
	GUID       string           `json:"marketoGUID"`
	LeadID     int64            `json:"leadId"`
	Date       string           `json:"activityDate"`
	Type       int              `json:"activityTypeId"`
	Campaign   int64            `json:"campaignId"`
	PrimaryID  jsontext.Value   `json:"primaryAttributeValueId"`
	Primary    jsontext.Value   `json:"primaryAttributeValue"`
	Attributes []activityDetail `json:"attributes"`
}

type activityDetail struct {
	Name  string         `json:"name"`
	Value jsontext.Value `json:"value"`
}

// Activities reads one page of the log from a token on: at most ten types, at most 300 activities. A page may be short or
// empty while More is true.
func (c *Client) Activities(ctx context.Context, purpose record.Purpose, token string, types []int) (ActivityPage, error) {
	return c.activities(ctx, purpose, token, types, nil)
}

// MaxPeople is how many people ActivitiesOf takes (Marketo REST API, Get Lead Activities: at most 30 leadIds).
const MaxPeople = 30

// ActivitiesOf is Activities of some people only, at most MaxPeople.
func (c *Client) ActivitiesOf(ctx context.Context, purpose record.Purpose, token string, types []int, people []record.ID) (ActivityPage, error) {
	if len(people) == 0 || len(people) > MaxPeople {
		return ActivityPage{}, localError(codeShape, fmt.Errorf("the activities of %d people in one call", len(people)))
	}
	return c.activities(ctx, purpose, token, types, people)
}

func (c *Client) activities(ctx context.Context, purpose record.Purpose, token string, types []int, people []record.ID) (ActivityPage, error) {
	if len(types) == 0 || len(types) > mostTypes {
		return ActivityPage{}, localError(codeShape, fmt.Errorf("%d activity types in one call", len(types)))
	}
	ids := make([]string, len(types))
	for i, t := range types {
		ids[i] = strconv.Itoa(t)
	}
	var list []activity
	query := url.Values{"nextPageToken": {token}, "activityTypeIds": {strings.Join(ids, ",")}, "batchSize": {strconv.Itoa(MaxBatch)}}
	if len(people) > 0 {
		wanted := make([]string, len(people))
		for i, id := range people {
			wanted[i] = string(id)
		}
		query.Set("leadIds", strings.Join(wanted, ","))
	}
	env, err := c.logPage(ctx, purpose, "/rest/v1/activities.json", query, &list)
	if err != nil {
		return ActivityPage{}, err
	}
	page := ActivityPage{Next: env.next, More: env.more, Server: env.server}
	fields := map[int64]string{}
	if speaksOfFields(list) {
		if fields, err = c.fieldNames(ctx); err != nil {
			return ActivityPage{}, err
		}
	}
	for _, a := range list {
		change, err := a.change(fields)
		if err != nil {
			return ActivityPage{}, err
		}
		page.Changes = append(page.Changes, change)
	}
	return page, nil
}

func speaksOfFields(list []activity) bool {
	for _, a := range list {
		if a.Type == typeChangeDataValue || a.Type == typeChangeScore {
			return true
		}
	}
	return false
}

// logPage reads one page of a log.
func (c *Client) logPage(ctx context.Context, purpose record.Purpose, path string, query url.Values, list *[]activity) (envelope, error) {
	env, err := c.get(ctx, purpose, path, query, func() { *list = nil }, func(dec *jsontext.Decoder) error {
		var a activity
		if err := json.UnmarshalDecode(dec, &a, jsontext.AllowDuplicateNames(true)); err != nil {
			return err
		}
		*list = append(*list, a)
		return nil
	})
	if err == nil && env.next == "" {
		err = localError(codeShape, nil) // without it the log would be lost
	}
	return env, err
}

func (a activity) change(fields map[int64]string) (Change, error) {
	at, err := record.ParseTime(a.Date)
	if err != nil {
		return Change{}, localError(codeShape, nil)
	}
	c := Change{GUID: a.GUID, Person: record.MarketoID(a.LeadID), Type: a.Type, At: at, Campaign: a.Campaign}
	if a.Type == typeChangeDataValue || a.Type == typeChangeScore {
		if id, err := strconv.ParseInt(plain(a.PrimaryID), 10, 64); err == nil {
			c.Field = fields[id]
		}
	}
	if a.tells() {
		c.Asset, _ = strconv.ParseInt(plain(a.PrimaryID), 10, 64) // null and text are no asset's
		c.AssetName = plain(a.Primary)
	}
	for _, d := range a.Attributes {
		if a.tells() && a.Type != typeProgression {
			c.Details = append(c.Details, Detail{d.Name, record.Of(plain(d.Value))})
			continue
		}
		switch d.Name {
		case "New Status":
			c.New, c.HasNew = plain(d.Value), true
		case "Old Status":
			c.Old = plain(d.Value)
		case "New Value":
			c.New, c.HasNew = plain(d.Value), true
		case "Old Value":
			c.Old = plain(d.Value)
		case "Source":
			c.Source = plain(d.Value)
		case "Modifying User":
			c.User = plain(d.Value)
		case "Merge IDs":
			c.Losers = mergeIDs(d.Value)
		}
	}
	if a.Type == typeMergeLeads {
		if winner, err := strconv.ParseInt(plain(a.PrimaryID), 10, 64); err == nil && winner > 0 {
			c.Person = record.MarketoID(winner)
		}
	}
	// An attribute whose value is empty is left out: a change that names a field and no new value cleared it.
	if c.Field != "" && !c.HasNew {
		c.HasNew = true
	}
	return c, nil
}

// tells reports whether the activity is about what a person did or went through, not about a field or the record itself.
func (a activity) tells() bool {
	switch a.Type {
	case typeNewLead, typeChangeDataValue, typeChangeScore, typeMergeLeads:
		return false
	}
	return true
}

// plain is the text of a JSON scalar; null and nothing are empty.
func plain(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		var text string
		if err := json.Unmarshal(v, &text); err != nil {
			return ""
		}
		return text
	case '0', 't', 'f':
		return string(v)
	}
	return ""
}

// mergeIDs reads a list of ids, which comes as an array or as its text.
func mergeIDs(v jsontext.Value) []record.ID {
	text := string(v)
	if v.Kind() == '"' {
		text = plain(v)
	}
	var ids []record.ID
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		ids = append(ids, record.ID(part))
	}
	return ids
}

// Deleted reads one page of the deletions from a token on.
func (c *Client) Deleted(ctx context.Context, purpose record.Purpose, token string) (DeletedPage, error) {
	var list []activity
	env, err := c.logPage(ctx, purpose, "/rest/v1/activities/deletedleads.json", url.Values{"nextPageToken": {token}, "batchSize": {strconv.Itoa(MaxBatch)}}, &list)
	if err != nil {
		return DeletedPage{}, err
	}
	page := DeletedPage{Next: env.next, More: env.more}
	for _, a := range list {
		id := a.LeadID
		if id == 0 { // examples do not always repeat the person's id
			if id, err = strconv.ParseInt(plain(a.PrimaryID), 10, 64); err != nil {
				return DeletedPage{}, localError(codeShape, nil)
			}
		}
		at, err := record.ParseTime(a.Date)
		if err != nil {
			return DeletedPage{}, localError(codeShape, nil)
		}
		page.IDs, page.At = append(page.IDs, record.MarketoID(id)), append(page.At, at)
	}
	return page, nil
}
