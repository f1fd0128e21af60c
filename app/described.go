package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// The settings under which the mapping is kept: the mapping itself, sealed because people write into it, when both sides were
// last asked what they look like, and what was noticed then.
const (
	metaMapping   = "mapping"
	metaDescribed = "described"
	metaNotices   = "notices"
)

// mappingAge is how long what both sides look like is believed before they are asked again.
const mappingAge = 24 * time.Hour

// mappingOf reads the stored mapping; the empty one when none was made yet.
func mappingOf(ctx context.Context, w *store.Workspace) (m schema.Mapping, err error) {
	text, err := w.Setting(ctx, metaMapping)
	if err != nil || text == "" || text[0] == '{' { // one of a version that made it anew every day
		return m, err
	}
	plain, err := w.Unseal(metaMapping, text)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(plain, &m); err != nil {
		return m, fmt.Errorf("the stored mapping cannot be read: %w", err)
	}
	return m, nil
}

// keepMapping keeps a mapping together with other settings, all or nothing.
func keepMapping(ctx context.Context, w *store.Workspace, m schema.Mapping, more map[string]string) error {
	plain, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("keep the mapping: %w", err)
	}
	sealed, err := w.Seal(metaMapping, plain)
	if err != nil {
		return err
	}
	settings := map[string]string{metaMapping: sealed}
	for name, value := range more {
		settings[name] = value
	}
	return w.SetSettings(ctx, settings)
}

// loadMapping takes the stored mapping, and asks both sides what they look like when that was a day ago: an idle cycle asks nobody.
func (s *session) loadMapping(ctx context.Context) (err error) {
	if s.mapping, err = mappingOf(ctx, s.ws); err != nil {
		return err
	}
	text, err := s.ws.Setting(ctx, metaDescribed)
	if err != nil {
		return err
	}
	var asked time.Time
	if err := decodeFact(text, &asked); err != nil {
		return err
	}
	if len(s.mapping.Objects) > 0 && s.app.world.now().Sub(asked) < mappingAge {
		return nil
	}
	return s.describe(ctx)
}

// describe asks both sides what they look like and keeps the mapping as it is then.
func (s *session) describe(ctx context.Context) error {
	described, err := s.described(ctx)
	if err != nil {
		return err
	}
	if err := s.keepPlaces(ctx); err != nil {
		return err
	}
	now := s.app.world.now()
	return s.keepSchema(ctx, s.mapping.Refresh(described, now), now, nil)
}

// described asks both sides for their fields.
func (s *session) described(ctx context.Context) (schema.Schemas, error) {
	names, twins, err := s.customTwins(ctx)
	if err != nil {
		return nil, err
	}
	objects, err := s.sf.Describe(ctx, record.Describe, append(schema.Objects(), names...))
	if err != nil {
		return nil, err
	}
	s.mk.Forget()
	instance, err := s.mk.Describe(ctx)
	if err != nil {
		return nil, err
	}
	s.places = offered(objects)
	out := schema.Schemas{}
	for _, o := range objects {
		if o.Err != nil {
			continue
		}
		for _, f := range o.Fields {
			out[o.Object] = append(out[o.Object], ofSalesforce(f))
		}
	}
	for _, f := range instance.Person {
		d := ofMarketo(f)
		d.Writable = f.Updateable && !f.CRMManaged
		out[record.Person] = append(out[record.Person], d)
	}
	for _, f := range instance.Company {
		// The key is set once, when a company is made; Doppio always names it.
		out[record.Company] = append(out[record.Company], ofMarketo(f))
	}
	records, err := s.mk.DescribeRecords(ctx, append([]record.Object{record.MarketoOpportunity, record.OpportunityRole, record.SalesPerson}, twins...))
	if err != nil {
		return nil, err
	}
	for _, o := range records {
		for _, f := range o.Fields {
			d := ofMarketo(f)
			d.Key, d.LinksTo = slices.Contains(o.Keys, f.Name), o.Links[f.Name].Object
			out[o.Object] = append(out[o.Object], d)
		}
	}
	return out, nil
}

// customTwins finds the custom objects that both sides have.
func (s *session) customTwins(ctx context.Context) (names, twins []record.Object, err error) {
	marketo, err := s.mk.CustomObjects(ctx)
	if err != nil || len(marketo) == 0 {
		return nil, nil, err
	}
	salesforce, err := s.sf.CustomObjects(ctx, record.Describe)
	if err != nil {
		return nil, nil, err
	}
	names, twins = schema.CustomTwins(salesforce, marketo)
	return names, twins, nil
}

func ofSalesforce(f salesforce.FieldInfo) schema.Described {
	return schema.Described{
		Name: f.Name, Label: f.Label, Type: f.Type, Length: f.Length, Precision: max(f.Precision, f.Digits), Scale: f.Scale, Writable: f.Updateable,
		Picklist: f.Picklist, Restricted: f.RestrictedPicklist, Calculated: f.Calculated, Required: f.Required(), Unique: f.Unique, Custom: f.Custom,
		HTML: f.HTML, Encrypted: f.Encrypted, ReferenceTo: objectsOf(f.ReferenceTo),
	}
}

func objectsOf(names []string) []record.Object {
	var out []record.Object
	for _, name := range names {
		out = append(out, record.Object(name))
	}
	return out
}

func ofMarketo(f marketo.FieldInfo) schema.Described {
	return schema.Described{Name: f.Name, Label: f.Label, Type: f.Type, Length: f.Length, Writable: f.Updateable}
}
