package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// Reason is what a side says about one refused write when it is asked with the sync user's own eyes, without a write.
type Reason struct {
	Object   record.Object `json:"object"`
	Source   record.ID     `json:"source"`
	Target   record.ID     `json:"target,omitempty"`
	Findings []Finding     `json:"findings"`
}

// Finding is one thing that stands in the way of a write, or the note that nothing of what can be asked does.
type Finding struct {
	// Kind is record, object, field, value or rule.
	Kind     string `json:"kind"`
	Field    string `json:"field,omitempty"`
	Sentence string `json:"sentence"`
}

// whyAtMost is how many records of a group are looked at.
const whyAtMost = 20

// Why lists one group of failures and asks the side that refused why, as the sync user: what the permissions say, what the
// description says of each field and value, what access there is to the record. It sends no write; it needs a few calls.
// Rules, flows and triggers cannot be foretold: where nothing else is found those that are active are named.
func (a *App) Why(ctx context.Context, name, group string) (list []Failure, err error) {
	err = a.asSyncUser(ctx, name, func(s *session) error {
		if list, err = failuresOf(ctx, s.ws, group); err != nil {
			return err
		}
		id, err := strconv.ParseInt(list[0].ID, 10, 64)
		if err != nil {
			return err
		}
		rows, err := s.ws.FailedRows(ctx, id, 0, whyAtMost)
		if err != nil {
			return err
		}
		if s.mapping, err = mappingOf(ctx, s.ws); err != nil {
			return err
		}
		ask := s.whyMarketo
		if list[0].Side == record.Salesforce {
			ask = s.whySalesforce
		}
		list[0].Why, err = ask(ctx, list[0], rows)
		return err
	})
	return list, err
}

// asSyncUser connects to both sides beside whoever works in the workspace. Nothing can be written; what the calls cost is kept.
func (a *App) asSyncUser(ctx context.Context, name string, ask func(*session) error) error {
	return a.asUser(ctx, name, record.Observe, (*session).connect, ask)
}

// asSalesforceUser is asSyncUser where Salesforce alone need be connected.
func (a *App) asSalesforceUser(ctx context.Context, name string, mode record.Mode, ask func(*session) error) error {
	return a.asUser(ctx, name, mode, (*session).connectOrg, ask)
}

func (a *App) asUser(ctx context.Context, name string, mode record.Mode, connect func(*session, context.Context) error, ask func(*session) error) error {
	s, leave, err := a.visit(ctx, name, mode, connect)
	if err != nil {
		return err
	}
	return errors.Join(ask(s), leave(ctx))
}

// reason begins the answer for a row.
func reason(r cycle.Row) Reason {
	return Reason{Object: r.Object, Source: r.Source, Target: r.Target, Findings: []Finding{}}
}

func (r *Reason) find(kind, field, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{kind, field, fmt.Sprintf(format, args...)})
}

func (s *session) whySalesforce(ctx context.Context, f Failure, rows []cycle.Row) ([]Reason, error) {
	described, err := s.sf.Describe(ctx, record.Check, []record.Object{f.Object})
	if err != nil {
		return nil, err
	}
	who, err := s.sf.Identity(ctx)
	if err != nil {
		return nil, err
	}
	var targets []record.ID
	for _, row := range rows {
		if row.Target != "" {
			targets = append(targets, row.Target)
		}
	}
	access, err := s.sf.RecordAccess(ctx, who.UserID, targets)
	if err != nil {
		return nil, err
	}
	var rules []Finding
	reasons := make([]Reason, len(rows))
	for i, row := range rows {
		reasons[i] = s.salesforceReason(row, described[0], access[row.Target])
		if len(reasons[i].Findings) > 0 {
			continue
		}
		if rules == nil {
			rules = s.automation(ctx, f.Object)
		}
		reasons[i].Findings = append(reasons[i].Findings, rules...)
	}
	return reasons, nil
}

// salesforceReason holds one row against what the org says of the object, its fields and the record.
func (s *session) salesforceReason(row cycle.Row, d salesforce.Description, access salesforce.Access) Reason {
	r := reason(row)
	creates := row.Target == ""
	switch {
	case d.Err != nil:
		r.find("object", "", "The sync user cannot see the object %s.", row.Object)
		return r
	case creates && !d.Createable:
		r.find("object", "", "The sync user may not create records of the object %s.", row.Object)
	case !creates && !d.Updateable:
		r.find("object", "", "The sync user may not edit records of the object %s.", row.Object)
	}
	switch {
	case creates:
	case !access.Read:
		r.find("record", "", "The sync user cannot see %s %s: it was deleted, or sharing hides it.", row.Object, row.Target)
	case !access.Edit:
		r.find("record", "", "The sync user may see %s %s but not edit it (UserRecordAccess): sharing, the record type or an approval holds it.", row.Object, row.Target)
	}
	written := map[string]bool{}
	for _, c := range row.Unwritten() {
		name := s.fieldOn(row, c.Field)
		if name == "" {
			continue
		}
		written[name] = true
		s.salesforceValue(&r, d, name, c.Value, creates)
	}
	for _, f := range d.Fields {
		if creates && f.Required() && f.Type != "boolean" && !written[f.Name] {
			r.find("field", f.Name, "%s is required, has no default value, and is not among what would be written.", f.Name)
		}
	}
	return r
}

func (s *session) salesforceValue(r *Reason, d salesforce.Description, name string, v record.Value, creates bool) {
	f, shown := d.Field(name)
	length := len(utf16.Encode([]rune(v.Text())))
	switch {
	case !shown:
		r.find("field", name, "%s does not exist, or is hidden from the sync user (field-level security).", name)
	case creates && !f.Createable, !creates && !f.Updateable:
		r.find("field", name, "%s is read only for the sync user.", name)
	case v.IsBlank() && !f.Nillable && f.Type != "boolean":
		r.find("value", name, "%s would be emptied, and the org requires it.", name)
	case f.Length > 0 && length > f.Length:
		r.find("value", name, "The text for %s has %d characters; the field takes %d.", name, length, f.Length)
	case f.RestrictedPicklist && !v.IsBlank() && unlisted(f, v.Text()):
		r.find("value", name, "The value for %s is not in its picklist of %d values.", name, len(f.Picklist))
	}
}

// unlisted tells whether a value, or one of several, is not in a field's picklist.
func unlisted(f salesforce.FieldInfo, text string) bool {
	parts := []string{text}
	if f.Type == "multipicklist" {
		parts = strings.Split(text, ";")
	}
	return slices.ContainsFunc(parts, func(part string) bool {
		return !slices.ContainsFunc(f.Picklist, func(value string) bool { return strings.EqualFold(value, part) })
	})
}

// automation names what may have refused a write that everything else allows. Who may not see the set-up is told so.
func (s *session) automation(ctx context.Context, object record.Object) []Finding {
	r := Reason{}
	r.find("rule", "", "Permissions, fields, values and record access allow this write: a rule or automation of the org refused it. Do the same edit by hand as the sync user to read its own message.")
	hidden := false
	for _, kind := range []struct{ what, soql, name string }{
		{"Validation rule", "SELECT ValidationName FROM ValidationRule WHERE Active = true AND EntityDefinition.QualifiedApiName = '" + string(object) + "'", "ValidationName"},
		{"Apex trigger", "SELECT Name FROM ApexTrigger WHERE TableEnumOrId = '" + string(object) + "' AND Status = 'Active'", "Name"},
	} {
		for row, err := range s.sf.QueryTooling(ctx, record.Check, kind.soql) {
			if err != nil {
				hidden = true
				break
			}
			r.find("rule", "", "%s %s is active on %s.", kind.what, row.Get(kind.name), object)
		}
	}
	if hidden {
		r.find("rule", "", "Which rules and triggers are active cannot be said: the sync user may not see the set-up (View Setup and Configuration).")
	}
	return r.Findings
}

func (s *session) whyMarketo(ctx context.Context, f Failure, rows []cycle.Row) ([]Reason, error) {
	d, err := s.mk.Describe(ctx)
	if err != nil {
		return nil, err
	}
	fields := map[string]marketo.FieldInfo{}
	list := d.Person
	if f.Object == record.Company {
		list = d.Company
	}
	for _, info := range list {
		fields[info.Name] = info
	}
	there := map[record.ID]bool{}
	var ids []record.ID
	for _, row := range rows {
		if f.Object == record.Person && row.Target != "" {
			ids = append(ids, row.Target)
		}
	}
	if len(ids) > 0 {
		people, err := s.mk.People(ctx, record.Check, ids, nil, "")
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			there[p.ID] = true
		}
	}
	reasons := make([]Reason, len(rows))
	for i, row := range rows {
		r := reason(row)
		if f.Object == record.Person && row.Target != "" && !there[row.Target] {
			r.find("record", "", "Marketo has no person %s any more: deleted, or merged into another.", row.Target)
		}
		for _, c := range row.Unwritten() {
			name := s.fieldOn(row, c.Field)
			info, shown := fields[name]
			length := len([]rune(c.Value.Text()))
			switch {
			case name == "":
			case !shown:
				r.find("field", name, "%s does not exist, or the API user may not see it.", name)
			case info.CRMManaged:
				r.find("field", name, "%s is managed by Marketo's own sync with a CRM.", name)
			case !info.Updateable:
				r.find("field", name, "%s cannot be written through the API.", name)
			case info.Length > 0 && length > info.Length:
				r.find("value", name, "The text for %s has %d characters; the field takes %d.", name, length, info.Length)
			}
		}
		if len(r.Findings) == 0 {
			r.find("value", "", "The field descriptions and the person allow this write; the value itself, a partition or a duplicate refused it (%s).", f.Code)
		}
		reasons[i] = r
	}
	return reasons, nil
}

// fieldOn is the API name that a row's field has on the row's side, empty when the mapping has lost it.
func (s *session) fieldOn(row cycle.Row, number uint16) string {
	mapping := cycle.Shown(s.mapping)
	object, ok := mapping.Object(cycle.MappedObject(mapping, row))
	if !ok {
		return ""
	}
	i := object.Index(number)
	if i < 0 {
		return ""
	}
	return object.Fields[i].On(row.Side)
}
