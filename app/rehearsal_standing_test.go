package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// standing is all that is synced, as it stands on both sides.
type standing struct {
	mapping schema.Mapping
	values  map[string]map[string]string // by side, object and id: values by field
	company map[string]bool              // items that show their company's values
	roles   map[string]string            // ids of roles, by what they hang on
}

func standingOf(t *testing.T, a *App, pair *sandbox.Pair) standing {
	t.Helper()
	s := standing{values: map[string]map[string]string{}, company: map[string]bool{}, roles: map[string]string{}}
	must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) (err error) {
		s.mapping, err = mappingOf(t.Context(), w)
		return err
	}))
	s.read(pair)
	return s
}

// companyKey is the field by which a person of Marketo belongs to a company.
const companyKey = "externalCompanyId"

// read notes what stands there.
func (s *standing) read(pair *sandbox.Pair) {
	pair.Org().Each("OpportunityContactRole", func(id string, get func(string) (string, bool)) bool {
		opportunity, _ := get("OpportunityId")
		contact, _ := get("ContactId")
		role, _ := get("Role")
		s.roles[opportunity+contact+role] = id
		return true
	})
	for _, o := range s.mapping.Objects {
		if o.Name.IsPerson() {
			pair.Org().Each(string(o.Name), s.note(record.Salesforce, o.Name, o))
		}
		object := o.Twin
		if o.Name.IsPerson() {
			object = record.Person
		}
		pair.Instance().Each(object, s.note(record.Marketo, object, o))
	}
}

func (s *standing) note(side record.Side, object record.Object, o schema.Object) func(string, func(string) (string, bool)) bool {
	return func(id string, get func(string) (string, bool)) bool {
		item := fmt.Sprintf("%s %s %s", side, object, id)
		if s.values[item] == nil {
			s.values[item] = map[string]string{}
		}
		for _, name := range append([]string{s.mapping.MarketoID, s.mapping.SalesforceID, o.Key, companyKey}, s.names(side, o)...) {
			if text, ok := get(name); ok && name != "" {
				s.values[item][name] = s.canon(side, o, name, text)
			}
		}
		return true
	}
}

func (s *standing) names(side record.Side, o schema.Object) (names []string) {
	for _, f := range o.Fields {
		names = append(names, f.On(side))
	}
	return names
}

// canon is a value as a plan says it.
func (s *standing) canon(side record.Side, o schema.Object, name, text string) string {
	for _, f := range o.Fields {
		if f.On(side) == name {
			if v, err := f.Type.Canon(text); err == nil {
				return v.Text()
			}
		}
	}
	return text
}

// since gives what changed, as items: of a record that was made, by the one that it was made from.
func (s *standing) since(t *testing.T, pair *sandbox.Pair) map[string]string {
	t.Helper()
	was := s.values
	s.values = map[string]map[string]string{}
	s.read(pair)
	done := map[string]string{}
	for item, values := range s.values {
		before, there := was[item]
		changed := map[string]string{}
		for name, text := range values {
			if before[name] != text {
				changed[name] = text
			}
		}
		for name := range before {
			if _, still := values[name]; !still {
				changed[name] = ""
			}
		}
		if len(changed) == 0 {
			continue
		}
		if !there {
			parts := strings.Split(item, " ")
			parts[2] = s.madeFrom(record.Object(parts[1]), values)
			item = strings.Join(parts, " ")
		}
		s.company[item] = values[companyKey] != ""
		done[item] = s.text(item, there, changed)
	}
	return done
}

// madeFrom is the id of the record that another was made from.
func (s *standing) madeFrom(object record.Object, values map[string]string) string {
	if object.Side() == record.Salesforce {
		return values[s.mapping.MarketoID]
	}
	if object == record.OpportunityRole {
		contact := s.values[fmt.Sprintf("%s %s %s", record.Marketo, record.Person, values["leadId"])][s.mapping.SalesforceID]
		return s.roles[values["externalOpportunityId"]+contact+values["role"]]
	}
	key := s.mapping.SalesforceID
	if o, ok := s.mapping.Of(object); ok && o.Key != "" {
		key = o.Key
	}
	if long, err := record.LongID(values[key]); err == nil {
		return string(long)
	}
	return values[key]
}

// spelled is a planned write as an item is told.
func (s *standing) spelled(p Planned) string {
	values := map[string]string{}
	for _, f := range p.Fields {
		if f.Value != nil {
			values[f.Name] = *f.Value
		} else {
			values[f.Name] = ""
		}
	}
	return s.text(fmt.Sprintf("%s %s %s", p.Side, p.Object, p.ID), p.Action != "create", values)
}

// text tells of values: of a new record those that are mapped and filled, without the ids by which it is known, whose values a plan cannot
// know, nor the persons of Marketo that it names, whom a plan names by their ids in Salesforce.
func (s *standing) text(item string, there bool, values map[string]string) string {
	parts := strings.Split(item, " ")
	var list []string
	for name, text := range values {
		switch id := name == s.mapping.MarketoID || name == s.mapping.SalesforceID; {
		case s.key(record.Object(parts[1]), name), s.company[item] && s.ofCompany(name):
			continue
		case s.named(record.Object(parts[1]), name):
			text = "*"
		case !there && (name == "OwnerId" || text == "Open - Not Contacted"): // what the org gives a new lead
			continue
		case id && !there, !there && (text == "" || text == "false"):
			continue
		case id:
			text = "*"
		}
		list = append(list, name+"="+text)
	}
	slices.Sort(list)
	return strings.Join(list, " · ")
}

func (s *standing) named(object record.Object, field string) bool {
	o, ok := s.mapping.Of(object)
	if !ok {
		return false
	}
	i := slices.IndexFunc(o.Fields, func(f schema.Field) bool { return f.Marketo == field })
	return i >= 0 && o.Fields[i].To != ""
}

// key tells the field by which Marketo knows a record: a plan tells of it as the record's id.
func (s *standing) key(object record.Object, field string) bool {
	o, ok := s.mapping.Of(object)
	return ok && o.Key == field
}

func (s *standing) ofCompany(field string) bool {
	o, _ := s.mapping.Object(record.Account)
	return slices.Contains(s.names(record.Marketo, o), field) && field != "externalSalesPersonId"
}
