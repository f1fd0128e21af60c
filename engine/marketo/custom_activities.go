package marketo

import (
	"context"
	"errors"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// CustomType is an activity type that the subscription made for itself.
type CustomType struct {
	ID       int    `json:"id"`
	APIName  string `json:"apiName"`
	Name     string `json:"name"`
	Approved bool   `json:"-"`
	// Attributes are the names under which values may be sent, besides the primary one.
	Attributes []string `json:"-"`
}

// CustomType describes one of the subscription's own activity types; ok is false where there is none of that API name. It
// needs the permission "Read-Only Activity Metadata".
func (c *Client) CustomType(ctx context.Context, apiName string) (t CustomType, ok bool, err error) {
	_, err = c.get(ctx, record.Describe, "/rest/v1/activities/external/types.json", nil, func() { ok = false }, func(dec *jsontext.Decoder) error {
		var one struct {
			CustomType
			Status     string `json:"status"`
			Attributes []struct {
				Name string `json:"name"`
			} `json:"attributes"`
		}
		if err := json.UnmarshalDecode(dec, &one, jsontext.AllowDuplicateNames(true)); err != nil {
			return err
		}
		if one.APIName != apiName {
			return nil
		}
		t, ok = one.CustomType, true
		t.Approved = one.Status == "approved" || one.Status == "approved with draft"
		for _, a := range one.Attributes {
			t.Attributes = append(t.Attributes, a.Name)
		}
		return nil
	})
	return t, ok, err
}

// ActivityWrite is an activity to add to a person's log. It can never be changed or removed again.
type ActivityWrite struct {
	Key        int64 // the caller's, unique within a call
	Person     record.ID
	Type       int
	At         time.Time
	Primary    record.Value
	Attributes []Field // by their names; blank ones are left out
}

// AddActivities adds at most MaxBatch activities of the subscription's own types, in one call. Results stand in the order of
// rows, and their IDs are the new activities' GUIDs. The call is never repeated by itself: an answer that was lost is a
// *pace.InDoubt, and whoever asks again has to look first.
func (c *Client) AddActivities(ctx context.Context, purpose record.Purpose, rows []ActivityWrite) ([]Result, error) {
	type attribute struct {
		Name  string         `json:"name"`
		Value jsontext.Value `json:"value"`
	}
	type input struct {
		Person     int64          `json:"leadId"`
		At         string         `json:"activityDate"`
		Type       int            `json:"activityTypeId"`
		Primary    jsontext.Value `json:"primaryAttributeValue"`
		Attributes []attribute    `json:"attributes"`
	}
	inputs, keys := make([]input, len(rows)), make([]int64, len(rows))
	for i, r := range rows {
		id, err := r.Person.Number()
		if err != nil {
			return nil, localError(codeShape, err)
		}
		if r.Primary.IsBlank() {
			return nil, localError(codeShape, errors.New("an activity without a primary attribute"))
		}
		keys[i] = r.Key
		inputs[i] = input{Person: id, At: r.At.UTC().Format(time.RFC3339), Type: r.Type, Primary: appendQuoted(nil, r.Primary.Text()), Attributes: []attribute{}}
		for _, f := range r.Attributes {
			if !f.Value.IsBlank() {
				inputs[i].Attributes = append(inputs[i].Attributes, attribute{f.Name, appendValue(nil, f)})
			}
		}
	}
	results, err := c.post(ctx, purpose, "/rest/v1/activities/external.json", map[string]any{"input": inputs}, keys)
	for i := range results {
		if results[i].Err != nil {
			results[i].Err.Object, results[i].Err.ID = record.Person, rows[i].Person
		}
	}
	return results, err
}
