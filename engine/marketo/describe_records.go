package marketo

import (
	"context"
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// RecordInfo describes an object other than people.
type RecordInfo struct {
	Object record.Object
	Label  string
	Fields []FieldInfo
	// Keys are the fields by which others name a record.
	Keys []string
	// Links are the fields that hang a custom object's record on another one: by field name the object, which is Person, Company
	// or another custom object, and the field of it whose value stands there.
	Links map[string]Link
}

// Link is where a field of a custom object leads.
type Link struct {
	Object record.Object
	Field  string
}

// DescribeRecords asks what objects look like. Those that the API user may not see, or that the subscription or a native sync does
// not offer, are left out.
func (c *Client) DescribeRecords(ctx context.Context, objects []record.Object) ([]RecordInfo, error) {
	var all []RecordInfo
	for _, object := range objects {
		at, err := homeOf(object)
		if err != nil {
			continue // a name that none of Marketo's own screens would take
		}
		info, err := c.describeRecord(ctx, at.path+"/describe.json")
		if unoffered(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		info.Object = object
		all = append(all, info)
	}
	return all, nil
}

// CustomObjects are the names of the custom objects that are in use; none where the API user may not see them, or the subscription
// has none.
func (c *Client) CustomObjects(ctx context.Context) (names []record.Object, err error) {
	_, err = c.get(ctx, record.Describe, "/rest/v1/customobjects.json", nil, func() { names = nil }, func(dec *jsontext.Decoder) error {
		var o struct {
			Name string `json:"name"`
		}
		if err := json.UnmarshalDecode(dec, &o); err != nil {
			return err
		}
		names = append(names, record.Object(o.Name))
		return nil
	})
	if unoffered(err) {
		return nil, nil
	}
	return names, err
}

// unoffered reports that an object is out of reach for good: no permission, no such feature, or a CRM that owns it.
func unoffered(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && (refused.row.class == pace.Permission || refused.row.class == pace.Config)
}

// describedRecord is the part of a describe that tells how records hang together. Some answers say object where others say
// relatedTo (Marketo REST API, Custom Objects).
type describedRecord struct {
	DisplayName   string   `json:"displayName"`
	DedupeFields  []string `json:"dedupeFields"`
	Relationships []struct {
		Field     string      `json:"field"`
		RelatedTo *relatedOne `json:"relatedTo"`
		Object    *relatedOne `json:"object"`
	} `json:"relationships"`
}

type relatedOne struct {
	Name  string `json:"name"`
	Field string `json:"field"`
}

func (d describedRecord) info() RecordInfo {
	info := RecordInfo{Label: d.DisplayName, Keys: d.DedupeFields, Links: map[string]Link{}}
	for _, r := range d.Relationships {
		to := r.RelatedTo
		if to == nil {
			to = r.Object
		}
		if to == nil || r.Field == "" {
			continue
		}
		object := record.Object(to.Name)
		switch strings.ToLower(to.Name) {
		case "lead":
			object = record.Person
		case "company":
			object = record.Company
		}
		info.Links[r.Field] = Link{object, to.Field}
	}
	return info
}
