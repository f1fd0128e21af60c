package app

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// FieldSetup is what a person needs to decide which fields travel: the mapping as it is, what both sides have besides, how full and how
// restless fields are, and who wins. Nothing in it is people's data.
type FieldSetup struct {
	Mapping MappingDocument
	// Kept tells that the mapping is the workspace's own; else it is what the first cycle would begin with.
	Kept      bool
	Suggested []Suggested
	Objects   []FieldObject
	// Facts are by field ("Lead.Rating"); a field of which nothing is known has none.
	Facts   map[string]FieldFacts
	Sampled bool // the filled shares are of a sample
	Winners Winners

	described schema.Schemas
	stored    schema.Mapping
	base      schema.Mapping // stored, held against what the sides said
	rules     rule.Document
	places    rule.Org
	now       time.Time
}

// AskedFields is what the page Fields asks of a workspace.
type AskedFields interface {
	// FieldSetup asks both sides for their fields, FieldPrices says what each mapped one cost in the last days, by the kept history.
	FieldSetup(ctx context.Context) (FieldSetup, error)
	FieldPrices(ctx context.Context, days int) ([]FieldPrice, error)
	// KeepFields puts mapping and winners in the place of the workspace's: both, or with an error neither.
	KeepFields(ctx context.Context, d MappingDocument, w Winners) (KeptFields, error)
}

// FieldObject is an object that can take part.
type FieldObject struct {
	Salesforce, Marketo record.Object
	// Fields are all fields that a side shows of it, by label.
	Fields map[record.Side][]SideField
	Linked int
	// Begin are the fields with which the object takes part where it did not.
	Begin []MappingField
}

// SideField is a field as a side describes it.
type SideField struct {
	Name, Label, Type string
	Length            int
	Writable          bool
	Own               bool // it is one that Doppio or the system keeps for itself
}

// FieldFacts is what was counted of a field; see DictionaryField.
type FieldFacts struct {
	Filled         *float64
	FilledOf       int
	ChangesPerWeek *float64
	ChangesDays    int
}

// Winners are the settings that say who wins, and what happens to records that one side alone has.
type Winners struct {
	FirstSync string `json:"first_sync"`
	Leads     string `json:"leads"`
	Contacts  string `json:"contacts"`
	Create    bool   `json:"create"` // a lead is made of a person whom Marketo alone has
	Deletes   string `json:"deletes"`
	Merges    string `json:"merges"`
}

func (s Settings) winners() Winners {
	return Winners{
		FirstSync: s.FirstSync.String(), Leads: s.Conflicts.Lead.String(), Contacts: s.Conflicts.Contact.String(), Create: s.CreateInSalesforce,
		Deletes: s.Deletes, Merges: s.Merges,
	}
}

// assignments are the winners as ChangeSettings takes them.
func (w Winners) assignments() []string {
	return []string{
		"first_sync=" + w.FirstSync, "conflicts=lead:" + w.Leads + ",contact:" + w.Contacts, "create_in_salesforce=" + strconv.FormatBool(w.Create),
		"deletes=" + w.Deletes, "merges=" + w.Merges,
	}
}

// FieldSetup asks both sides for their fields, with at most a dozen calls, and compares them. Nothing is kept but what was spent.
func (a *App) FieldSetup(ctx context.Context, name string) (out FieldSetup, err error) {
	err = a.asSyncUser(ctx, name, func(s *session) error {
		if out.stored, err = mappingOf(ctx, s.ws); err != nil {
			return err
		}
		if out.rules, err = rulesOf(ctx, s.ws); err != nil {
			return err
		}
		if out.described, err = s.described(ctx); err != nil {
			return err
		}
		out.places, out.now, out.Winners = s.places, a.world.now(), s.settings.winners()
		return out.fill(ctx, s.ws)
	})
	return out, err
}

func (f *FieldSetup) fill(ctx context.Context, w *store.Workspace) error {
	f.Kept = len(f.stored.Objects) > 0
	f.base = f.stored.Refresh(f.described, f.now)
	m := f.base
	f.Mapping, f.Suggested = document(m), []Suggested{}
	for _, one := range m.Suggestions(f.described) {
		f.Suggested = append(f.Suggested, suggested(one))
	}
	counts, err := w.Counts(ctx)
	if err != nil {
		return err
	}
	begin := document(schema.Begin(f.described, f.now))
	for _, t := range m.Twins(f.described) {
		o := FieldObject{Salesforce: t[0], Marketo: t[1], Linked: counts.Linked[t[0]], Fields: map[record.Side][]SideField{}}
		for i, side := range []record.Side{record.Salesforce, record.Marketo} {
			o.Fields[side] = sideFields(f.described[t[i]])
		}
		for _, b := range begin.Objects {
			if b.Salesforce == o.Salesforce {
				for _, field := range b.Fields {
					field.Number = nil
					o.Begin = append(o.Begin, field)
				}
			}
		}
		f.Objects = append(f.Objects, o)
	}
	f.Facts = map[string]FieldFacts{}
	if !f.Kept {
		return nil
	}
	d, err := dictionaryOf(ctx, w, f.stored, f.now)
	for _, line := range d.Fields {
		f.Facts[string(line.Object)+"."+line.Salesforce.Name] = FieldFacts{line.Filled, line.FilledOf, line.ChangesPerWeek, line.ChangesDays}
	}
	f.Sampled = d.Sampled
	return err
}

func sideFields(described []schema.Described) []SideField {
	fields := make([]SideField, len(described))
	for i, d := range described {
		fields[i] = SideField{d.Name, d.Label, d.Type, d.Length, d.Writable, schema.Own(d.Name)}
	}
	slices.SortStableFunc(fields, func(a, b SideField) int { return strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)) })
	return fields
}

// Try says what a mapping would change, by what both sides said when they were asked, and what is wrong with it. Where something is, the
// change is empty. It asks nobody and keeps nothing.
func (f FieldSetup) Try(d MappingDocument) (MappingChange, []MappingMistake) {
	m, changes, err := f.base.With(wishesOf(d), f.described, f.now)
	if err == nil {
		err = ruledWrongly(f.rules, m, f.places)
	}
	if err != nil {
		return MappingChange{}, mistakesOf(err)
	}
	return MappingChange{Changes: changes, Mapping: document(m)}, nil
}

// Pair is a field of Salesforce and one of Marketo, as the mapping would take them. Sentences say what stands in the way; the field is of no
// use then.
func (f FieldSetup) Pair(object record.Object, salesforce, marketo string) (field MappingField, why []Sentence) {
	s, ok := f.base.Pair(object, salesforce, marketo, f.described)
	switch {
	case !ok:
		return field, []Sentence{pace.Say("why.hidden", "A side does not show this field any more.")}
	case s.Confidence == schema.Not:
		return field, suggested(s).Why
	}
	return newField(s.Field()), nil
}

// LossSentence says what a field may lose, in a form that can be said in other languages.
func LossSentence(l schema.Loss) Sentence {
	return Sentence{Key: l.Key, Args: l.Args, Text: l.Sentence}
}

// wishesOf is a mapping as a person wishes it.
func wishesOf(d MappingDocument) (wishes []schema.Wish) {
	for _, o := range d.Objects {
		for _, f := range o.Fields {
			wishes = append(wishes, schema.Wish{
				Object: string(o.Salesforce), Number: f.Number, Salesforce: f.Salesforce, Marketo: f.Marketo, Direction: f.Direction, Policy: f.Policy,
				NeverBlank: f.NeverBlank, Consent: f.Consent, Rule: f.Rule, Quiet: f.Quiet, Nightly: f.Reread == rereadNightly, Why: f.Why, Owner: f.Owner,
			})
		}
	}
	return wishes
}

// KeptFields is what keeping fields and winners changed.
type KeptFields struct {
	MappingChange
	// Entering counts the people whom Marketo alone has, where making leads of them was just turned on.
	Entering int
}

// KeepFields puts mapping and winners in the place of the workspace's: both, or with an error neither.
func (a *App) KeepFields(ctx context.Context, name string, d MappingDocument, w Winners) (kept KeptFields, err error) {
	trial := DefaultSettings()
	if err := trial.Set(w.assignments()...); err != nil {
		return kept, err
	}
	text, err := MarshalMapping(d)
	if err != nil {
		return kept, err
	}
	if kept.MappingChange, err = a.SetMapping(ctx, name, text); err != nil {
		return kept, err
	}
	changed, err := a.ChangeSettings(ctx, name, w.assignments()...)
	kept.Entering = changed.Entering
	return kept, err
}

// FieldSetup asks both sides for their fields, and compares them.
func (n Named) FieldSetup(ctx context.Context) (FieldSetup, error) {
	return n.app.FieldSetup(ctx, n.name)
}

// FieldPrices says what each mapped field cost in the last days.
func (n Named) FieldPrices(ctx context.Context, days int) ([]FieldPrice, error) {
	return n.app.Price(ctx, n.name, days)
}

// KeepFields puts mapping and winners in the place of the workspace's: both, or with an error neither.
func (n Named) KeepFields(ctx context.Context, d MappingDocument, w Winners) (kept KeptFields, err error) {
	err = n.locked(ctx, func() error {
		kept, err = n.app.KeepFields(ctx, n.name, d, w)
		return err
	})
	return kept, err
}
