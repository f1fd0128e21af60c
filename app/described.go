package app

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// The settings under which the mapping is kept: the mapping itself, sealed because people write into it, when both sides were
// last asked what they look like, and what was noticed then.
const (
	metaMapping   = "mapping"
	metaDescribed = "looked"
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
	plain, err := json.Marshal(m, json.OmitZeroStructFields(true)) // half of it would be zero, and each command reads it
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

// look remembers when both sides were last asked what they look like, and whether they have to be asked again.
type look struct {
	lookTimes
	changed atomic.Bool // a side said, or a refusal hinted, that it looks different
}

// lookTimes are kept: the next process goes on by them.
type lookTimes struct {
	At   time.Time `json:"at"`            // when both sides were last asked
	Idle time.Time `json:"idle,omitzero"` // when a side said that it looks different and did not
}

// lookMargin is how far behind the local clock a change of a side is looked for: clocks differ.
const lookMargin = 2 * time.Minute

// idleLook is how long a side is not asked along whether it changed after it said so and nothing was found: some orgs answer
// so whatever happened.
const idleLook = time.Hour

// since is from when on a change matters, for a cycle to ask along; zero asks nobody.
func (l *look) since(now time.Time) time.Time {
	if l.At.IsZero() || !pace.Over(now, l.Idle, idleLook) {
		return time.Time{}
	}
	return l.At.Add(-lookMargin)
}

func (l *look) suspect() { l.changed.Store(true) }

// due reports that both sides are to be asked.
func (l *look) due(now time.Time) bool {
	return pace.Over(now, l.At, mappingAge) || l.changed.Load()
}

// loadMapping takes the stored mapping, and asks both sides what they look like when there is none: an idle cycle asks nobody.
func (s *session) loadMapping(ctx context.Context) (err error) {
	if s.mapping, err = mappingOf(ctx, s.ws); err != nil {
		return err
	}
	text, err := s.ws.Setting(ctx, metaDescribed)
	if err != nil {
		return err
	}
	if err := decodeFact(text, &s.look.lookTimes); err != nil {
		return err
	}
	if len(s.mapping.Objects) > 0 {
		return nil
	}
	return s.describe(ctx)
}

// lookAgain asks both sides what they look like, where that is due. It is no reason to end a cycle that they do not answer: what
// they last looked like stands until they do.
func (s *session) lookAgain(ctx context.Context) (changed bool, err error) {
	if !s.look.due(s.app.world.now()) {
		return false, nil
	}
	before := s.mapping
	switch err := s.describe(ctx); {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		s.app.log.Warn("both sides could not be asked for their fields; those of the last time stand", "err", err)
		return false, nil
	}
	if reflect.DeepEqual(before, s.mapping) {
		return false, nil
	}
	return true, s.loadRules(ctx) // they go by the fields that travel
}

// describe asks both sides what they look like and keeps the mapping as it is then. What was hidden and is back is compared
// afresh: what changed meanwhile was not read. Writes that were refused for the field's sake are tried again.
func (s *session) describe(ctx context.Context) error {
	described, err := s.described(ctx)
	if err != nil {
		return err
	}
	if err := s.keepPlaces(ctx); err != nil {
		return err
	}
	now := s.app.world.now()
	next := s.mapping.Refresh(described, now)
	suspected := s.look.changed.Swap(false)
	if reflect.DeepEqual(next, s.mapping) {
		if suspected {
			s.look.Idle = now
		}
		return s.keepSchema(ctx, next, now, nil)
	}
	afresh, err := s.compareAfresh(ctx, next.Resumed(s.mapping))
	if err != nil {
		return err
	}
	for _, n := range next.Notices {
		if n.At.Equal(now) {
			s.app.log.Info("a side looks different", "kind", n.Kind, "object", n.Object, "field", n.Field)
		}
	}
	return errors.Join(s.keepSchema(ctx, next, now, afresh), s.retryRefused(ctx))
}

// retryRefused lets writes wait again that were refused because a field was not there, or not to be written: a key too.
func (s *session) retryRefused(ctx context.Context) error {
	groups, err := s.ws.FailureGroups(ctx, 0)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if code, _, _ := strings.Cut(g.Cause, ":"); cycle.SchemaCode(code) || code == marketo.CodeKeyless {
			if _, err := s.ws.RetryGroup(ctx, g.ID); err != nil {
				return err
			}
		}
	}
	return nil
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
		if o.Err != nil && o.Err.Class() != pace.Permission && o.Err.Class() != pace.Config {
			return nil, o.Err // it passes: nothing is known of the object now
		}
		if o.Err != nil {
			continue
		}
		for _, f := range o.Fields {
			out[o.Object] = append(out[o.Object], ofSalesforce(f))
		}
	}
	for _, f := range instance.Person {
		d := ofMarketo(f)
		d.ID, d.Writable = f.ID, f.Updateable && !f.CRMManaged
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
