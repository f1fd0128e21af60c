package salesforce

import (
	"context"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// Description is what the org says about one object, as the sync user may see and change it.
type Description struct {
	Object                                       record.Object
	Label, Plural                                string
	Fields                                       []FieldInfo
	Createable, Updateable, Deletable, Queryable bool
	// Err says why there is no description: as a rule the sync user cannot see the object.
	Err *Error
}

// Field finds a field by its API name, exact in case as the org spells it.
func (d Description) Field(name string) (FieldInfo, bool) {
	for _, f := range d.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return FieldInfo{}, false
}

// FieldInfo describes one field (REST API Developer Guide, sObject Describe). Createable and Updateable include the
// field-level security of the sync user.
type FieldInfo struct {
	Name, Label, Type                                         string
	Length, Precision, Scale, Digits                          int
	Createable, Updateable, Nillable, DefaultedOnCreate       bool
	Calculated, AutoNumber, Custom, Encrypted                 bool
	ExternalID, Unique, CaseSensitive, IDLookup               bool
	RestrictedPicklist, DependentPicklist, Filterable, Hidden bool
	Permissionable                                            bool     // rights on it can be granted: not on required and system fields
	HTML                                                      bool     // rich text
	Compound                                                  string   // the compound field that this is a part of
	ReferenceTo                                               []string // objects that a reference may point to
	Relationship                                              string   // by which the referenced record is reached: Account
	Picklist                                                  []string // the active values
	Choices                                                   []Choice // the active entries, with what people read
	All                                                       []string // the values of all entries, in their order
}

// Choice is one entry of a picklist.
type Choice struct {
	Value, Label string
	// For are the places among all entries of the controlling field for which a dependent picklist offers this one (validFor).
	For []int
}

// Required reports whether a new record cannot be saved without the field.
func (f FieldInfo) Required() bool { return f.Createable && !f.Nillable && !f.DefaultedOnCreate }

// Describe asks what the objects look like, 25 of them a call. Descriptions stand in the order of objects.
func (c *Client) Describe(ctx context.Context, purpose record.Purpose, objects []record.Object) ([]Description, error) {
	all := make([]Description, len(objects))
	for from := 0; from < len(objects); from += mostParts {
		to := min(from+mostParts, len(objects))
		if err := c.describe(ctx, purpose, objects[from:to], all[from:to]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// CustomObjects are the names of the org's custom objects that the sync user may read.
func (c *Client) CustomObjects(ctx context.Context, purpose record.Purpose) (names []record.Object, err error) {
	err = c.send(ctx, &request{
		purpose: purpose, method: http.MethodGet, path: c.data("/sobjects"), repeatable: true,
		decode: func(a *answer) error {
			var global struct {
				Objects []struct {
					Name          string `json:"name"`
					Custom        bool   `json:"custom"`
					CustomSetting bool   `json:"customSetting"`
					Queryable     bool   `json:"queryable"`
				} `json:"sobjects"`
			}
			names = nil
			return decodeJSON(a.body, func(dec *jsontext.Decoder) error {
				if err := json.UnmarshalDecode(dec, &global); err != nil {
					return err
				}
				for _, o := range global.Objects {
					if o.Custom && o.Queryable && !o.CustomSetting {
						names = append(names, record.Object(o.Name))
					}
				}
				return nil
			})
		},
	})
	return names, err
}

func (c *Client) describe(ctx context.Context, purpose record.Purpose, objects []record.Object, into []Description) error {
	parts := make([]*part, len(objects))
	for i, object := range objects {
		if !isName(string(object)) {
			return localError(codeLocal, errShape)
		}
		parts[i] = &part{
			method: http.MethodGet, path: c.data("/sobjects/" + string(object) + "/describe"),
			read: func(dec *jsontext.Decoder) (refused *Error, err error) {
				if dec.PeekKind() == '[' {
					return readRefusals(dec)
				}
				into[i], err = decodeDescription(dec)
				return nil, err
			},
		}
	}
	if _, err := c.read(ctx, purpose, parts); err != nil {
		return err
	}
	for i, p := range parts {
		if p.refused != nil {
			into[i] = Description{Err: unseen(p.refused.about(objects[i], ""))}
		}
		into[i].Object = objects[i]
	}
	return nil
}

// unseen gives NOT_FOUND the meaning that it has for a whole object: there is none that this user may see.
func unseen(e *Error) *Error {
	if e.code == "NOT_FOUND" {
		e.row = lookUp(e.Status, "INVALID_TYPE", "")
	}
	return e
}

type describedObject struct {
	Label      string           `json:"label"`
	Plural     string           `json:"labelPlural"`
	Createable bool             `json:"createable"`
	Updateable bool             `json:"updateable"`
	Deletable  bool             `json:"deletable"`
	Queryable  bool             `json:"queryable"`
	Fields     []describedField `json:"fields"`
}

type describedField struct {
	Name                string   `json:"name"`
	Label               string   `json:"label"`
	Type                string   `json:"type"`
	ExtraTypeInfo       string   `json:"extraTypeInfo"`
	Length              int      `json:"length"`
	Precision           int      `json:"precision"`
	Scale               int      `json:"scale"`
	Digits              int      `json:"digits"`
	Createable          bool     `json:"createable"`
	Updateable          bool     `json:"updateable"`
	Nillable            bool     `json:"nillable"`
	DefaultedOnCreate   bool     `json:"defaultedOnCreate"`
	Calculated          bool     `json:"calculated"`
	AutoNumber          bool     `json:"autoNumber"`
	Custom              bool     `json:"custom"`
	Encrypted           bool     `json:"encrypted"`
	ExternalID          bool     `json:"externalId"`
	Unique              bool     `json:"unique"`
	CaseSensitive       bool     `json:"caseSensitive"`
	IDLookup            bool     `json:"idLookup"`
	RestrictedPicklist  bool     `json:"restrictedPicklist"`
	DependentPicklist   bool     `json:"dependentPicklist"`
	Filterable          bool     `json:"filterable"`
	DeprecatedAndHidden bool     `json:"deprecatedAndHidden"`
	Permissionable      bool     `json:"permissionable"`
	CompoundFieldName   string   `json:"compoundFieldName"`
	ReferenceTo         []string `json:"referenceTo"`
	Relationship        string   `json:"relationshipName"`
	PicklistValues      []struct {
		Active   bool   `json:"active"`
		Value    string `json:"value"`
		Label    string `json:"label"`
		ValidFor []byte `json:"validFor"`
	} `json:"picklistValues"`
}

func decodeDescription(dec *jsontext.Decoder) (Description, error) {
	var o describedObject
	if err := json.UnmarshalDecode(dec, &o); err != nil {
		return Description{}, err
	}
	if len(o.Fields) == 0 {
		return Description{}, errShape
	}
	d := Description{Label: o.Label, Plural: o.Plural, Createable: o.Createable, Updateable: o.Updateable, Deletable: o.Deletable, Queryable: o.Queryable}
	for _, f := range o.Fields {
		d.Fields = append(d.Fields, f.info())
	}
	return d, nil
}

func (f describedField) info() FieldInfo {
	info := FieldInfo{
		Name: f.Name, Label: f.Label, Type: f.Type, Length: f.Length, Precision: f.Precision, Scale: f.Scale, Digits: f.Digits,
		Createable: f.Createable, Updateable: f.Updateable, Nillable: f.Nillable, DefaultedOnCreate: f.DefaultedOnCreate,
		Calculated: f.Calculated, AutoNumber: f.AutoNumber, Custom: f.Custom, Encrypted: f.Encrypted,
		ExternalID: f.ExternalID, Unique: f.Unique, CaseSensitive: f.CaseSensitive, IDLookup: f.IDLookup,
		RestrictedPicklist: f.RestrictedPicklist, DependentPicklist: f.DependentPicklist, Filterable: f.Filterable, Hidden: f.DeprecatedAndHidden, Permissionable: f.Permissionable,
		HTML: f.ExtraTypeInfo == "richtextarea", Compound: f.CompoundFieldName, ReferenceTo: f.ReferenceTo, Relationship: f.Relationship,
	}
	for _, v := range f.PicklistValues {
		info.All = append(info.All, v.Value)
		if v.Active {
			info.Picklist = append(info.Picklist, v.Value)
			info.Choices = append(info.Choices, Choice{v.Value, v.Label, places(v.ValidFor)})
		}
	}
	return info
}

// places are the bits that are set, the most significant of each byte first (REST API Developer Guide, validFor).
func places(bits []byte) []int {
	var out []int
	for i := range 8 * len(bits) {
		if bits[i/8]&(0x80>>(i%8)) != 0 {
			out = append(out, i)
		}
	}
	return out
}
