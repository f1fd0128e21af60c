package filter_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// side is the sandbox's Salesforce as a test asks it: without any client in between.
type side struct {
	t     testing.TB
	pair  *sandbox.Pair
	token string
}

var opening = time.Date(2026, 11, 24, 10, 30, 0, 0, time.UTC)

func newSide(t testing.TB, people int) *side {
	t.Helper()
	pair, err := sandbox.New(sandbox.Options{People: people, Seed: 3, Now: func() time.Time { return opening }})
	if err != nil {
		t.Fatal(err)
	}
	s := &side{t: t, pair: pair}
	c := pair.Credentials().Salesforce
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret}, "refresh_token": {c.RefreshToken}}
	r := httptest.NewRequest("POST", "/services/oauth2/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		Token string `json:"access_token"`
	}
	s.serve(r, &answer)
	s.token = answer.Token
	return s
}

func (s *side) serve(r *http.Request, into any) {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.pair.Salesforce.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil || w.Code >= 300 {
		s.t.Fatalf("%s %s: %d %v %.600s", r.Method, r.URL.Path, w.Code, err, body)
	}
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			s.t.Fatalf("%s: %v", r.URL, err)
		}
	}
}

func (s *side) send(method, path, body string, into any) {
	s.t.Helper()
	r := httptest.NewRequest(method, "/services/data/v61.0/"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+s.token)
	s.serve(r, into)
}

// query gives the rows of a query, all pages of it.
func (s *side) query(soql string) []map[string]any {
	s.t.Helper()
	var page struct {
		Done    bool             `json:"done"`
		Records []map[string]any `json:"records"`
	}
	s.send("GET", "query?q="+url.QueryEscape(soql), "", &page)
	if !page.Done {
		s.t.Fatalf("more than one page: %s", soql)
	}
	return page.Records
}

// catalog is what the sandbox's org has.
func (s *side) catalog(objects ...record.Object) filter.Catalog {
	var catalog filter.Catalog
	for _, name := range objects {
		var d struct {
			Label, LabelPlural string
			Fields             []struct {
				Name, Label, Type, RelationshipName                  string
				Scale                                                int
				Filterable, Calculated, ExternalID, Unique, IDLookup bool
				ReferenceTo                                          []record.Object
				PicklistValues                                       []struct{ Value string }
			}
		}
		s.send("GET", "sobjects/"+string(name)+"/describe", "", &d)
		o := filter.Object{Name: name, Label: d.Label, Plural: d.LabelPlural}
		for _, f := range d.Fields {
			field := filter.Field{
				Name: f.Name, Label: f.Label, Kind: filter.KindOf(f.Type), Scale: f.Scale, Hidden: !f.Filterable, Formula: f.Calculated,
				Relationship: f.RelationshipName, To: f.ReferenceTo,
			}
			for _, v := range f.PicklistValues {
				field.Picklist = append(field.Picklist, v.Value)
			}
			o.Fields = append(o.Fields, field)
		}
		catalog = append(catalog, o)
	}
	return catalog
}

// read gives all records of an object, by id, with columns as the engine reads them.
func (s *side) read(object record.Object, columns []record.Column) map[string][]record.Value {
	s.t.Helper()
	names := []string{"Id"}
	for _, c := range columns {
		if c.Name != "Id" {
			names = append(names, c.Name)
		}
	}
	out := map[string][]record.Value{}
	for _, row := range s.query("SELECT " + strings.Join(names, ",") + " FROM " + string(object)) {
		values := make([]record.Value, len(columns))
		for i, c := range columns {
			v, err := c.Type.Canon(textOf(row, c.Name))
			if err != nil {
				s.t.Fatalf("%s: %v", c.Name, err)
			}
			values[i] = v
		}
		out[row["Id"].(string)] = values
	}
	return out
}

// textOf is a field's text in a row, also of a related record; "" for null.
func textOf(row map[string]any, path string) string {
	head, rest, deep := strings.Cut(path, ".")
	v := row[head]
	if deep {
		parent, _ := v.(map[string]any)
		return textOf(parent, rest)
	}
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strings.TrimSuffix(fmt.Sprintf("%.4f", v), ".0000")
	}
	return fmt.Sprint(v)
}
