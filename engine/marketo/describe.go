package marketo

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// FieldInfo describes one field of a person or a company.
type FieldInfo struct {
	ID                                 int // of a person's field, by which activities name it; 0 for companies
	Name, Label, Type                  string
	Length                             int
	Updateable, CRMManaged, Searchable bool
}

// Description is what the instance says about itself.
type Description struct {
	Person, Company []FieldInfo
	// NativeSync reports whether Marketo's own sync with a CRM is on: fields are managed by it, or opportunity roles are
	// refused with 1018 (no endpoint states it plainly).
	NativeSync bool
	// Managed counts the person's fields that are managed by a CRM, CRM says that companies were refused with 1018: the evidence for it.
	Managed int
	CRM     bool
}

// Describe asks which fields there are. What it answers is kept for the life of the client; Forget drops it.
func (c *Client) Describe(ctx context.Context) (Description, error) {
	c.mu.Lock()
	known := c.described
	c.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	d, err := c.describe(ctx)
	if err != nil {
		return Description{}, err
	}
	c.mu.Lock()
	c.described = &d
	c.mu.Unlock()
	return d, nil
}

// Forget drops what is known of the fields: one was refused as unknown, or a day has passed.
func (c *Client) Forget() {
	c.mu.Lock()
	c.described, c.names = nil, nil
	c.mu.Unlock()
}

// Remember tells what an earlier description said of the numbers by which activities name fields: the log goes on to speak of one that is
// hidden since.
func (c *Client) Remember(names map[int64]string) {
	c.mu.Lock()
	c.remembered, c.names = names, nil
	c.mu.Unlock()
}

func (c *Client) describe(ctx context.Context) (Description, error) {
	ids, err := c.fieldIDs(ctx)
	if err != nil {
		return Description{}, err
	}
	var d Description
	if d.Person, err = c.describeObject(ctx, "/rest/v1/leads/describe2.json"); err != nil {
		return Description{}, err
	}
	for i := range d.Person {
		d.Person[i].ID = ids[d.Person[i].Name]
		if d.Person[i].CRMManaged {
			d.Managed++
		}
	}
	d.Company, err = c.describeObject(ctx, "/rest/v1/companies/describe.json")
	var refused *Error
	switch {
	case errors.As(err, &refused) && refused.code == "1018":
		d.CRM = true
	case errors.As(err, &refused) && refused.code == "603": // the role does not show companies
	case err != nil:
		return Description{}, err
	}
	d.NativeSync = d.Managed > 0 || d.CRM
	return d, nil
}

// fieldIDs reads the older description, the only source of the ids by which activities name fields.
func (c *Client) fieldIDs(ctx context.Context) (map[string]int, error) {
	ids := map[string]int{}
	_, err := c.get(ctx, record.Describe, "/rest/v1/leads/describe.json", nil, func() { clear(ids) }, func(dec *jsontext.Decoder) error {
		var f struct {
			ID   int `json:"id"`
			REST *struct {
				Name string `json:"name"`
			} `json:"rest"`
		}
		if err := json.UnmarshalDecode(dec, &f); err != nil {
			return err
		}
		if f.REST != nil {
			ids[f.REST.Name] = f.ID
		}
		return nil
	})
	return ids, err
}

func (c *Client) describeObject(ctx context.Context, path string) (fields []FieldInfo, err error) {
	o, err := c.describeRecord(ctx, path)
	return o.Fields, err
}

// describeRecord reads what an object's describe says.
func (c *Client) describeRecord(ctx context.Context, path string) (info RecordInfo, err error) {
	var fields []FieldInfo
	_, err = c.get(ctx, record.Describe, path, nil, func() { fields = nil }, func(dec *jsontext.Decoder) error {
		var o struct {
			describedRecord
			SearchableFields [][]string `json:"searchableFields"`
			Fields           []struct {
				Name        string `json:"name"`
				DisplayName string `json:"displayName"`
				DataType    string `json:"dataType"`
				Length      int    `json:"length"`
				Updateable  bool   `json:"updateable"`
				CRMManaged  bool   `json:"crmManaged"`
			} `json:"fields"`
		}
		if err := json.UnmarshalDecode(dec, &o); err != nil {
			return err
		}
		searchable := map[string]bool{}
		for _, group := range o.SearchableFields {
			if len(group) == 1 {
				searchable[strings.ToLower(group[0])] = true
			}
		}
		for _, f := range o.Fields {
			fields = append(fields, FieldInfo{
				Name: f.Name, Label: f.DisplayName, Type: f.DataType, Length: f.Length, Updateable: f.Updateable,
				CRMManaged: f.CRMManaged, Searchable: searchable[strings.ToLower(f.Name)],
			})
		}
		info = o.info()
		return nil
	})
	if err == nil && len(fields) == 0 {
		err = localError(codeShape, nil)
	}
	info.Fields = fields
	return info, err
}

// fieldNames are the REST names by id.
func (c *Client) fieldNames(ctx context.Context) (map[int64]string, error) {
	c.mu.Lock()
	names, remembered := c.names, c.remembered
	c.mu.Unlock()
	if names != nil {
		return names, nil
	}
	ids, err := c.fieldIDs(ctx)
	if err != nil {
		return nil, err
	}
	names = maps.Clone(remembered)
	if names == nil {
		names = make(map[int64]string, len(ids))
	}
	for name, id := range ids {
		names[int64(id)] = name
	}
	c.mu.Lock()
	c.names = names
	c.mu.Unlock()
	return names, nil
}
