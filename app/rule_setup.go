package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// RuleSetup is what a person needs to make rules: the rule file, the fields that it may be about, and what both sides would take.
type RuleSetup struct {
	// File is the rule file as SetRules takes it. A table in it may name people's values.
	File   []byte
	Fields []RuleField
	// Activities are the types of activities of which tasks can be made; Preset is the rule of them that every workspace has.
	Activities []string
	Preset     string

	mapping schema.Mapping
	org     rule.Org
}

// RuleField is a mapped field.
type RuleField struct {
	Name      string // as Lead.Country
	Object    record.Object
	Labels    [2]string // on Salesforce, in Marketo
	Type      string
	Number    bool
	Direction string // as it travels
	Quiet     string
	ByMapping string // the rule that the mapping names for it
	// ChangesPerWeek is how many values were written to either side in a week; nil while nothing was counted.
	ChangesPerWeek *float64
}

// AskedRules is what the page Rules asks of a workspace.
type AskedRules interface {
	// RuleSetup reads the rules and the fields that they may be about. It asks neither side.
	RuleSetup(ctx context.Context) (RuleSetup, error)
	// RuleSample reads values of both sides to try rules on, with at most eight calls and one for each object.
	RuleSample(ctx context.Context) (RuleSample, error)
	// PreviewTasks says what the task rules of a file would have made of the last days.
	PreviewTasks(ctx context.Context, file []byte, days int) (TaskPreview, error)
	// KeepRules puts a rule file and quiet times, by field, in the place of the workspace's.
	KeepRules(ctx context.Context, file []byte, quiets map[string]string) error
}

// RuleSetup reads the rules of a workspace and the fields that they may be about. It asks neither side.
func (a *App) RuleSetup(ctx context.Context, name string) (out RuleSetup, err error) {
	err = a.beside(ctx, name, true, func(w *store.Workspace) error {
		if out.mapping, err = mappingOf(ctx, w); err != nil {
			return err
		}
		if len(out.mapping.Objects) == 0 {
			return input(pace.Say("trouble.rules.early", "a rule is about fields that are mapped, and this workspace has none yet: set the fields first"))
		}
		if out.org, err = placesOf(ctx, w); err != nil {
			return err
		}
		out.Activities, out.Preset = rule.Activities(), rule.FormsAndClicks
		doc, err := rulesOf(ctx, w)
		if err != nil {
			return err
		}
		if doc.Rules == nil {
			doc.Rules = []rule.Entry{}
		}
		if out.File, err = json.Marshal(doc); err != nil {
			return err
		}
		d, err := dictionaryOf(ctx, w, out.mapping, a.world.now())
		if err != nil {
			return err
		}
		weekly := map[string]*float64{}
		for _, f := range d.Fields {
			weekly[string(f.Object)+"."+f.Salesforce.Name] = f.ChangesPerWeek
		}
		for _, o := range out.mapping.Objects {
			for place, f := range o.Fields {
				shown := showField(f)
				number := f.Type.Kind == record.Integer || f.Type.Kind == record.Decimal
				out.Fields = append(out.Fields, RuleField{
					Name: fieldOf(o, place), Object: o.Name, Labels: shown.Labels, Type: shown.Type, Number: number, Direction: shown.Travels,
					Quiet: shown.Quiet, ByMapping: f.Rule, ChangesPerWeek: weekly[fieldOf(o, place)],
				})
			}
		}
		return nil
	})
	return out, err
}

// RuleMistake is what is wrong in a rule file, and where.
type RuleMistake struct {
	Place string // as rules[2].do[0].band.margin
	Rule  string
	Field string // the field to which the rule cannot be given, as Lead.Country; empty where it is wrong for each
	Said  Sentence
}

// Try says what is wrong with a rule file for the mapping as it was read.
func (s RuleSetup) Try(file []byte) (wrong []RuleMistake) {
	doc, err := rule.Parse(file)
	if err == nil {
		_, err = rule.Compile(doc, s.mapping, s.org)
	}
	for _, e := range entryErrors(err) {
		wrong = append(wrong, RuleMistake{e.Place, e.Rule, e.Field, Sentence(e.Said)})
	}
	return wrong
}

// SuggestedRule is a rule that a workspace has not, and may want.
type SuggestedRule struct {
	Kind   string          `json:"kind"` // band, country, state, quiet
	Fields []string        `json:"fields"`
	Rule   json.RawMessage `json:"rule,omitempty"` // the entry of the rule file; nil for a quiet time
	Quiet  string          `json:"quiet,omitempty"`
	Why    Sentence        `json:"-"`
}

// MarshalJSON tells why in English, as "reason".
func (s SuggestedRule) MarshalJSON() ([]byte, error) {
	type plain SuggestedRule
	return json.Marshal(struct {
		plain
		Reason string `json:"reason"`
	}{plain(s), s.Why.Text})
}

// RuleSuggestions are what is suggested, and the rule file with it in it, ready for SetRules. A quiet time is in the mapping, not in there.
type RuleSuggestions struct {
	List []SuggestedRule
	File RuleFile
}

// PriceDays is over how many days it is reckoned what fields cost where nobody says otherwise.
const PriceDays = 30

// SuggestRules gives the rules that a workspace lacks and may want. It asks neither side, and nothing is kept.
func (a *App) SuggestRules(ctx context.Context, name string) (out RuleSuggestions, err error) {
	setup, err := a.RuleSetup(ctx, name)
	if err != nil {
		return out, err
	}
	prices, err := a.Price(ctx, name, PriceDays)
	if err != nil {
		return out, err
	}
	if out.File, err = rule.Parse(setup.File); err != nil {
		return out, err
	}
	out.List = append([]SuggestedRule{}, setup.Suggest(setup.File, nil, prices)...)
	for _, s := range out.List {
		var entry RuleEntry
		if s.Rule == nil {
			continue
		}
		if err := json.Unmarshal(s.Rule, &entry); err != nil {
			return out, err
		}
		out.File.Rules = append(out.File.Rules, entry)
	}
	return out, nil
}

// A quiet time is suggested for the quietMost fields at most that it saves the most writes, where these are a share of quietSaves of the
// field's own, and quietLeast of them.
const (
	quietSaves = 0.2
	quietLeast = 10
	quietMost  = 3
)

// Suggest gives the rules that a file lacks for the fields: bands for scores, one form for countries and states, and a quiet time for what
// never rests, by what fields cost; nil prices are not reckoned yet.
func (s RuleSetup) Suggest(file []byte, quiets map[string]string, prices []FieldPrice) (all []SuggestedRule) {
	doc, err := rule.Parse(file)
	if err != nil {
		return nil
	}
	taken := map[string]bool{}
	names := map[string]bool{}
	for _, e := range doc.Rules {
		names[e.Name] = true
		for _, f := range e.Fields {
			taken[strings.ToLower(f)] = true
		}
	}
	free := func(kind func(RuleField) bool) (fields []string) {
		for _, f := range s.Fields {
			if f.Object.IsPerson() && f.ByMapping == "" && !taken[strings.ToLower(f.Name)] && kind(f) {
				fields = append(fields, f.Name)
			}
		}
		return fields
	}
	named := func(names ...string) []string {
		return free(func(f RuleField) bool {
			_, field, _ := strings.Cut(f.Name, ".")
			return slices.Contains(names, strings.ToLower(field))
		})
	}
	add := func(kind, name string, fields []string, why Sentence, do ...string) {
		if len(fields) == 0 {
			return
		}
		for names[name] {
			name += "-2"
		}
		entry := rule.Entry{Name: name, Fields: fields}
		for _, word := range do {
			entry.Do = append(entry.Do, rule.Step{Word: word})
		}
		text, err := json.Marshal(entry)
		if err == nil && len(s.Try([]byte(`{"rules":[`+string(text)+`]}`))) == 0 {
			all = append(all, SuggestedRule{Kind: kind, Fields: fields, Rule: text, Why: why})
		}
	}
	scores := free(func(f RuleField) bool {
		return f.Number && slices.ContainsFunc(append(strings.Fields(strings.ToLower(strings.Join(f.Labels[:], " "))), strings.ToLower(f.Name)), func(w string) bool { return strings.Contains(w, "score") })
	})
	add("band", "score", scores, pace.Say("suggest.band", "A score moves with every visit, and each move is a write. Sales want to know whether somebody is cold or hot: 0-25, 26-50, 51-75, 76-100."), "band")
	add("country", "countries", named("country", "mailingcountry"), pace.Say("suggest.country", "People type countries as they like: Holland, NL, the netherlands. Salesforce gets each by one name."), "trim", "blank", "country")
	add("state", "states", named("state", "mailingstate"), pace.Say("suggest.state", "States and provinces get one spelling, and go together with their country."), "trim", "blank", "state")
	prices = slices.SortedFunc(slices.Values(prices), func(a, b FieldPrice) int { return b.Saved.QuietDay - a.Saved.QuietDay })
	restless := 0
	for _, p := range prices {
		name := string(p.Object) + "." + p.Field
		at := slices.IndexFunc(s.Fields, func(f RuleField) bool { return f.Name == name })
		if at < 0 || p.Saved.QuietDay < quietLeast || float64(p.Saved.QuietDay) < quietSaves*float64(p.Writes) || restless == quietMost {
			continue
		}
		restless++
		if quietOf(s.Fields[at], quiets) == "" {
			all = append(all, SuggestedRule{Kind: "quiet", Fields: []string{name}, Quiet: string(schema.QuietDay),
				Why: pace.Say("suggest.quiet", "In 30 days it was written %1 times; at most once a day would have saved %2 of them.", strconv.Itoa(p.Writes), strconv.Itoa(p.Saved.QuietDay))})
		}
	}
	return all
}

// quietOf is the quiet time of a field, as a person has it now.
func quietOf(f RuleField, quiets map[string]string) string {
	if q, set := quiets[f.Name]; set {
		return q
	}
	return f.Quiet
}

// RuleSample reads values of both sides to try rules on.
func (a *App) RuleSample(ctx context.Context, name string) (out RuleSample, err error) {
	err = a.asSyncUser(ctx, name, func(s *session) error {
		if err := s.mappingToTry(ctx); err != nil {
			return err
		}
		out, err = s.sample(ctx, func(record.Object) bool { return true })
		return err
	})
	return out, err
}

// KeepRules puts a rule file in the place of the workspace's, and gives fields other quiet times; what is not named keeps its own. An error
// is ErrInput where a person made a mistake; nothing is kept then.
func (a *App) KeepRules(ctx context.Context, name string, file []byte, quiets map[string]string) error {
	setup, err := a.RuleSetup(ctx, name)
	if err != nil {
		return err
	}
	if _, err := rule.Parse(file); err != nil {
		return misread(err)
	}
	if wrong := setup.Try(file); len(wrong) > 0 {
		return &InputError{fmt.Sprintf("%s (rule %q): %s", wrong[0].Place, wrong[0].Rule, wrong[0].Said), wrong[0].Said}
	}
	if setup.quieter(quiets) {
		d, err := a.Mapping(ctx, name)
		if err != nil {
			return err
		}
		for i, o := range d.Objects {
			for j, f := range o.Fields {
				if q, set := quiets[string(o.Salesforce)+"."+f.Salesforce]; set {
					d.Objects[i].Fields[j].Quiet = q
				}
			}
		}
		text, err := MarshalMapping(d)
		if err == nil {
			_, err = a.SetMapping(ctx, name, text)
		}
		if err != nil {
			return err
		}
	}
	_, err = a.SetRules(ctx, name, file)
	return err
}

// quieter reports whether quiet times are others than those of the mapping.
func (s RuleSetup) quieter(quiets map[string]string) bool {
	return slices.ContainsFunc(s.Fields, func(f RuleField) bool { return quietOf(f, quiets) != f.Quiet })
}

// RuleSetup reads the rules and the fields that they may be about.
func (n Named) RuleSetup(ctx context.Context) (RuleSetup, error) { return n.app.RuleSetup(ctx, n.name) }

// RuleSample reads values of both sides to try rules on.
func (n Named) RuleSample(ctx context.Context) (RuleSample, error) {
	return n.app.RuleSample(ctx, n.name)
}

// PreviewTasks says what the task rules of a file would have made of the last days.
func (n Named) PreviewTasks(ctx context.Context, file []byte, days int) (TaskPreview, error) {
	return n.app.PreviewTasks(ctx, n.name, file, days)
}

// KeepRules puts a rule file and quiet times in the place of the workspace's.
func (n Named) KeepRules(ctx context.Context, file []byte, quiets map[string]string) error {
	return n.locked(ctx, func() error { return n.app.KeepRules(ctx, n.name, file, quiets) })
}
