package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// MappingDocument is the mapping as scripts read it and as a person edits it: what `mapping set` takes.
type MappingDocument struct {
	Objects []MappingObject `json:"objects"`
	// Notices are what changed on either side and may matter.
	Notices []schema.Notice `json:"notices"`
	// Missing are fields of the standard mapping that a side does not show.
	Missing []string `json:"missing"`
}

// MappingObject is one object of the mapping.
type MappingObject struct {
	Salesforce record.Object  `json:"salesforce"`
	Marketo    record.Object  `json:"marketo"`
	Fields     []MappingField `json:"fields"`
}

// MappingField is one field of the mapping. The lower half only shows; what is written there is not read back.
type MappingField struct {
	Number     *int   `json:"number,omitempty"`
	Salesforce string `json:"salesforce"`
	Marketo    string `json:"marketo"`
	Direction  string `json:"direction"`
	Policy     string `json:"policy"`
	NeverBlank bool   `json:"never_blank"`
	Consent    bool   `json:"consent"`
	Rule       string `json:"rule"`
	Quiet      string `json:"quiet"`
	Reread     string `json:"reread"`
	Why        string `json:"why"`
	Owner      string `json:"owner"`

	Labels  [2]string     `json:"labels"` // on Salesforce, in Marketo
	Type    string        `json:"type"`
	Length  int           `json:"length"`
	Travels string        `json:"travels"` // the direction that both sides allow; "" when it does not travel
	State   schema.State  `json:"state"`   // why not
	Since   *time.Time    `json:"since,omitempty"`
	Losses  []schema.Loss `json:"losses"`
}

// rereadNightly is the only time at which fields are read again.
const rereadNightly = "nightly"

// document shows a mapping.
func document(m schema.Mapping) MappingDocument {
	d := MappingDocument{Objects: []MappingObject{}, Notices: m.Notices, Missing: m.Missing}
	for _, o := range m.Objects {
		shown := MappingObject{Salesforce: o.Name, Marketo: o.Twin, Fields: []MappingField{}}
		for _, f := range o.All() {
			shown.Fields = append(shown.Fields, showField(f))
		}
		d.Objects = append(d.Objects, shown)
	}
	if d.Notices == nil {
		d.Notices = []schema.Notice{}
	}
	if d.Missing == nil {
		d.Missing = []string{}
	}
	return d
}

func showField(f schema.Field) MappingField {
	e := schema.Entry{Wished: f.Direction}
	if f.Entry != nil {
		e = *f.Entry
	}
	number := int(f.Number)
	shown := MappingField{
		Number: &number, Salesforce: f.Salesforce, Marketo: f.Marketo, Direction: e.Wished.String(), Policy: f.Policy.String(), NeverBlank: f.NeverBlank,
		Consent: f.Consent, Rule: f.Rule, Quiet: string(f.Quiet), Why: e.Why, Owner: e.Owner,
		Labels: [2]string{e.Salesforce.Label, e.Marketo.Label}, Type: f.Type.Kind.String(), Length: f.Type.Length, State: e.State, Losses: schema.Losses(e.Salesforce, e.Marketo, f.Direction),
	}
	if e.Nightly {
		shown.Reread = rereadNightly
	}
	if e.State == schema.Travels {
		shown.Travels = f.Direction.String()
	}
	if !e.Since.IsZero() {
		since := e.Since.UTC()
		shown.Since = &since
	}
	if shown.Losses == nil {
		shown.Losses = []schema.Loss{}
	}
	return shown
}

// Mapping shows which fields travel. Before the first cycle both sides are asked, and it is shown what the mapping would be.
func (a *App) Mapping(ctx context.Context, name string) (d MappingDocument, err error) {
	var m schema.Mapping
	err = a.beside(ctx, name, true, func(w *store.Workspace) (err error) {
		if m, err = mappingOf(ctx, w); err != nil {
			return err
		}
		beside, err := noticesBeside(ctx, w)
		m.Notices = append(m.Notices, beside...)
		return err
	})
	if err == nil && len(m.Objects) == 0 {
		err = a.asSyncUser(ctx, name, func(s *session) error {
			described, err := s.described(ctx)
			m = schema.Begin(described, s.app.world.now())
			return err
		})
	}
	return document(m), err
}

// Suggested is a pair of fields that may speak of the same thing.
type Suggested struct {
	Object     record.Object     `json:"object"`
	Salesforce string            `json:"salesforce"`
	Marketo    string            `json:"marketo"`
	Labels     [2]string         `json:"labels"` // on Salesforce, in Marketo
	Confidence schema.Confidence `json:"confidence"`
	Reason     string            `json:"reason"`
	Why        []Sentence        `json:"-"` // the reason, sentence by sentence
	Direction  string            `json:"direction"`
	Type       string            `json:"type"`
	Losses     []schema.Loss     `json:"losses"`
}

// Suggestions are what could be mapped besides, and the mapping with some of it added, ready for SetMapping.
type Suggestions struct {
	List    []Suggested
	Mapping MappingDocument
}

// SuggestMapping compares both sides and proposes pairs that are not mapped. The mapping that it gives has the sure ones as well
// with add "sure", the likely ones too with "likely"; nothing is kept.
func (a *App) SuggestMapping(ctx context.Context, name, add string) (out Suggestions, err error) {
	wanted := map[schema.Confidence]bool{schema.Sure: add == "sure" || add == "likely", schema.Likely: add == "likely"}
	out.List = []Suggested{}
	err = a.asSyncUser(ctx, name, func(s *session) error {
		stored, err := mappingOf(ctx, s.ws)
		if err != nil {
			return err
		}
		described, err := s.described(ctx)
		if err != nil {
			return err
		}
		m := stored.Refresh(described, s.app.world.now())
		out.Mapping = document(m)
		for _, one := range m.Suggestions(described) {
			out.List = append(out.List, suggested(one))
			if wanted[one.Confidence] {
				out.Mapping.put(one.Object, one.Field())
			}
		}
		return nil
	})
	return out, err
}

func suggested(one schema.Suggestion) Suggested {
	shown := Suggested{
		Object: one.Object, Salesforce: one.Salesforce.Name, Marketo: one.Marketo.Name, Labels: [2]string{one.Salesforce.Label, one.Marketo.Label},
		Confidence: one.Confidence, Reason: one.Reason, Direction: one.Direction.String(), Type: one.Field().Type.Kind.String(), Losses: one.Losses,
	}
	for _, w := range one.Why {
		shown.Why = append(shown.Why, Sentence{Key: w.Key, Text: w.Text, Args: w.Args})
	}
	if shown.Losses == nil {
		shown.Losses = []schema.Loss{}
	}
	return shown
}

// put adds a field that has no number yet.
func (d *MappingDocument) put(object record.Object, f schema.Field) {
	i := slices.IndexFunc(d.Objects, func(o MappingObject) bool { return o.Salesforce == object })
	if i < 0 {
		return
	}
	d.Objects[i].Fields = append(d.Objects[i].Fields, newField(f))
}

// newField shows a field that has no number yet.
func newField(f schema.Field) MappingField {
	shown := showField(f)
	shown.Number = nil
	return shown
}

// MappingChange is what a new mapping changes.
type MappingChange struct {
	schema.Changes
	// Compared is how many linked records are compared afresh on both sides, because a field was added to them, travels further than
	// it did, or is shown again.
	Compared int             `json:"compared"`
	Mapping  MappingDocument `json:"mapping"`
}

// Sentence says it in English.
func (c MappingChange) Sentence() string {
	if c.Empty() {
		return "The mapping is as it was."
	}
	text := fmt.Sprintf("The mapping is kept: %s added, %d changed, %d taken out.", count(len(c.Added), "field", "fields"), len(c.Changed), len(c.Removed))
	if c.Compared > 0 {
		text += fmt.Sprintf(" Both sides are compared afresh for %s, in shares, from the next cycle on; blanks are filled, nothing filled is overwritten by a blank.", count(c.Compared, "linked record", "linked records"))
	}
	return text
}

// SetMapping puts a mapping in the place of the workspace's. All of it is checked first; of a mapping with a mistake nothing is kept, and
// the error names every one.
func (a *App) SetMapping(ctx context.Context, name string, text []byte) (change MappingChange, err error) {
	wishes, err := readWishes(text)
	if err != nil {
		return change, err
	}
	err = a.within(ctx, name, func(ws *store.Workspace) error {
		s, err := a.connected(ctx, name, ws, (*session).connect)
		if err != nil {
			return err
		}
		s.mode.Store(uint32(record.Observe))
		if s.mapping, err = mappingOf(ctx, ws); err != nil {
			return err
		}
		change, err = s.setMapping(ctx, wishes)
		return errors.Join(err, s.keepQuotas(ctx))
	})
	return change, err
}

func (s *session) setMapping(ctx context.Context, wishes []schema.Wish) (change MappingChange, err error) {
	described, err := s.described(ctx)
	if err != nil {
		return change, err
	}
	now := s.app.world.now()
	m, changes, err := s.mapping.Refresh(described, now).With(wishes, described, now)
	if err != nil {
		return change, refusedMapping(err)
	}
	if err := s.checkRuled(ctx, m); err != nil {
		return change, err
	}
	counts, err := s.ws.Counts(ctx)
	if err != nil {
		return change, err
	}
	change = MappingChange{Changes: changes, Mapping: document(m)}
	// What a side shows again, and what may travel further than before, is compared too: what changed meanwhile went nowhere.
	objects := slices.Concat(changes.Objects, m.Resumed(s.mapping))
	slices.Sort(objects)
	objects = slices.Compact(objects)
	for _, o := range objects {
		change.Compared += counts.Linked[o]
	}
	afresh, err := s.compareAfresh(ctx, objects)
	if err != nil {
		return change, err
	}
	return change, errors.Join(s.keepPlaces(ctx), s.keepSchema(ctx, m, now, afresh), s.retryRefused(ctx))
}

// checkRuled looks whether the rules that fields name are there and fit them, by what the sides have just described.
func (s *session) checkRuled(ctx context.Context, m schema.Mapping) error {
	doc, err := rulesOf(ctx, s.ws)
	if err != nil {
		return err
	}
	return refusedMapping(ruledWrongly(doc, m, s.places))
}

// compareAfresh gives the setting that has all pairs of objects compared afresh.
func (s *session) compareAfresh(ctx context.Context, objects []record.Object) (map[string]string, error) {
	counts, err := s.ws.Counts(ctx)
	if err != nil {
		return nil, err
	}
	objects = slices.DeleteFunc(slices.Clone(objects), func(o record.Object) bool { return counts.Linked[o] == 0 })
	if len(objects) == 0 {
		return nil, nil
	}
	text, err := s.ws.Setting(ctx, cycle.CompareAfresh)
	if err != nil {
		return nil, err
	}
	waiting, _, err := cycle.ReadAfresh(text)
	if err != nil {
		return nil, err
	}
	text, err = waiting.With(objects).Text()
	return map[string]string{cycle.CompareAfresh: text}, err
}

// keepSchema keeps a mapping, when both sides were asked for it, and its notices.
func (s *session) keepSchema(ctx context.Context, m schema.Mapping, asked time.Time, more map[string]string) error {
	s.look.At = asked
	at, err := encodeFact(s.look.lookTimes)
	if err != nil {
		return err
	}
	notices, err := encodeFact(m.Notices)
	if err != nil {
		return err
	}
	facts := map[string]string{metaDescribed: at, metaNotices: notices}
	for name, value := range more {
		facts[name] = value
	}
	s.mapping = m
	return keepMapping(ctx, s.ws, m, facts)
}

// noticesOf are the notices of the mapping, which need no key: they name fields, never what is in them.
func noticesOf(ctx context.Context, w *store.Workspace) (notices []schema.Notice, err error) {
	text, err := w.Setting(ctx, metaNotices)
	if err != nil {
		return nil, err
	}
	if err := decodeFact(text, &notices); err != nil {
		return nil, err
	}
	beside, err := noticesBeside(ctx, w)
	return append(notices, beside...), err
}

// MarshalMapping writes a mapping as `mapping set` takes it, for people to edit.
func MarshalMapping(d MappingDocument) ([]byte, error) { return json.MarshalIndent(d, "", "  ") }
