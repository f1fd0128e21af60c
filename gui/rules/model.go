package rules

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/draft"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/words"
)

// Workspace is what the page needs of a workspace. Its methods wait; never on the UI thread.
type Workspace interface {
	app.AskedRules
	// FieldPrices says what each mapped field cost in the last days, by the kept history.
	FieldPrices(ctx context.Context, days int) ([]app.FieldPrice, error)
	draft.Store
}

// draftStep is the name under which the draft is kept.
const draftStep = "rules"

// Edit is what a person has made of the rules so far.
type Edit struct {
	Sheet  Sheet             `json:"sheet"`
	Quiets map[string]string `json:"quiets,omitempty"` // by field, where they are to be others
}

// Model holds the edit, and what was read of both sides. It is safe for concurrent use; one Load or Keep runs at a time.
type Model struct {
	words     *words.Words
	workspace Workspace
	facts     *live.Facts[facts]
	drafts    *draft.Keeper
}

type facts struct {
	live.Job
	setup     *app.RuleSetup
	sample    *app.RuleSample
	sampleErr error
	prices    []app.FieldPrice // nil: not reckoned yet
	begin     Edit
	made      draft.Made[Edit]
	mistakes  []app.RuleMistake
	suggested []app.SuggestedRule
	preview   app.RulePreview
	trials    []app.RulePreview // of the suggested ones
	counted   *app.TaskPreview
	countErr  error
	counting  bool
	look      looking
}

func (f facts) changed() bool { return f.setup != nil && !reflect.DeepEqual(f.made.Now, f.begin) }

// quiet is the quiet time of a field, as the edit has it.
func (f facts) quiet(x app.RuleField) string {
	if q, set := f.made.Now.Quiets[x.Name]; set {
		return q
	}
	return x.Quiet
}

// wrong are the mistakes of a rule.
func (f facts) wrong(at int) []app.RuleMistake { return f.under(fmt.Sprintf("rules[%d]", at)) }

// under are the mistakes whose place begins so.
func (f facts) under(place string) (all []app.RuleMistake) {
	for _, m := range f.mistakes {
		if strings.HasPrefix(m.Place, place) {
			all = append(all, m)
		}
	}
	return all
}

// try holds the edit against the mapping, and tries it on what was read.
func (f *facts) try() {
	file := f.made.Now.Sheet.Text()
	f.mistakes = f.setup.Try(file)
	f.suggested = f.setup.Suggest(file, f.made.Now.Quiets, f.prices)
	f.trials = make([]app.RulePreview, len(f.suggested))
	if f.sample == nil {
		return
	}
	f.preview, _ = f.sample.Preview(file, true) // its mistakes are f.mistakes
	for i, s := range f.suggested {
		if s.Rule != nil {
			f.trials[i], _ = f.sample.Preview([]byte(`{"rules":[`+string(s.Rule)+`]}`), true)
		}
	}
}

// NewModel is a model that has asked nothing yet; with drafts it keeps what is made as it is made.
func NewModel(w *words.Words, workspace Workspace, drafts bool) *Model {
	first := facts{Job: live.Job{Busy: true}}
	return &Model{words: w, workspace: workspace, facts: live.NewFacts(first), drafts: draft.NewKeeper(workspace, draftStep, drafts)}
}

// View is the page now.
func (m *Model) View() View { return picture(m.words, m.facts.Get()) }

// Watch calls show with the newest View until ctx ends. It blocks and returns ctx's error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	return m.facts.Watch(ctx, 0, func(f facts) { show(picture(m.words, f)) })
}

// Load reads the rules, takes up what was made before and not kept, then reads values of both sides to try rules on, and reckons what
// fields cost. It waits; never on the UI thread.
func (m *Model) Load(ctx context.Context) {
	if !m.facts.Do(ctx, func(ctx context.Context) error {
		setup, err := m.workspace.RuleSetup(ctx)
		if err != nil {
			return err
		}
		kept, err := m.drafts.Read(ctx)
		if err != nil {
			return err
		}
		return m.take(setup, kept)
	}) {
		return
	}
	sample, err := m.workspace.RuleSample(ctx)
	if ctx.Err() != nil {
		return
	}
	m.sampled(sample, err)
	prices, err := m.workspace.FieldPrices(ctx, app.PriceDays)
	if ctx.Err() != nil {
		return
	}
	m.facts.Set(func(f *facts) {
		if f.Failed == nil {
			f.Failed = err
		}
		f.prices = append([]app.FieldPrice{}, prices...)
		f.try()
	})
}

func (m *Model) take(setup app.RuleSetup, kept []byte) error {
	sheet, err := ReadSheet(setup.File)
	if err != nil {
		return err
	}
	m.facts.Set(func(f *facts) {
		f.setup, f.begin = &setup, Edit{Sheet: sheet}
		f.made = draft.Begin(f.begin, kept)
		f.try()
	})
	return nil
}

func (m *Model) sampled(sample app.RuleSample, err error) {
	m.facts.Set(func(f *facts) {
		if f.sampleErr = err; err == nil {
			f.sample = &sample
		}
		f.try()
	})
}

// Drafting keeps what is made until ctx ends. It blocks.
func (m *Model) Drafting(ctx context.Context) {
	m.drafts.Run(ctx, func() any {
		f := m.facts.Get()
		if !f.changed() {
			return nil
		}
		return f.made.Now
	}, m.facts.Fail)
}

// edit makes a step of the edit.
func (m *Model) edit(how func(f *facts) Edit) {
	m.facts.Set(func(f *facts) {
		if f.setup != nil && !f.Busy && f.made.To(how(f)) {
			f.edited()
		}
	})
	m.drafts.Edited()
}

// Undo takes the last step back.
func (m *Model) Undo() {
	m.facts.Set(func(f *facts) {
		if !f.Busy && f.made.Undo() {
			f.edited()
		}
	})
	m.drafts.Edited()
}

// edited follows a step.
func (f *facts) edited() {
	f.Note, f.counted, f.countErr = "", nil, nil
	f.try()
}

// Look changes what is looked at.
func (m *Model) Look(how func(*looking)) { m.facts.Set(func(f *facts) { how(&f.look) }) }

// Show looks at a part of the page.
func (m *Model) Show(part Part) { m.Look(func(l *looking) { l.part = part }) }

// Choose chooses a row of the list.
func (m *Model) Choose(n int) {
	if rows := m.View().Rows; n >= 0 && n < len(rows) {
		m.Look(func(l *looking) { l.chosen = rows[n].item })
	}
}

// Pick chooses a field of which a rule is to be made, and what to make.
func (m *Model) Pick(field, make string) {
	m.Look(func(l *looking) { l.field, l.make = field, make })
}

// Count says what the task rules would have made of the last days. It waits; never on the UI thread.
func (m *Model) Count(ctx context.Context) {
	f := m.facts.Get()
	if f.setup == nil || f.counting {
		return
	}
	m.facts.Set(func(f *facts) { f.counting, f.countErr = true, nil })
	p, err := m.workspace.PreviewTasks(ctx, f.made.Now.Sheet.Text(), taskDays)
	m.facts.Set(func(f *facts) {
		f.counting = false
		if err == nil {
			f.counted = &p
		} else if ctx.Err() == nil {
			f.countErr = err
		}
	})
}

// Keep puts what was made in the workspace's place, and reports whether that is so. It waits; never on the UI thread.
func (m *Model) Keep(ctx context.Context) bool {
	f := m.facts.Get()
	switch {
	case f.setup == nil || f.Busy:
		return false
	case !f.changed():
		return true
	case len(f.mistakes) > 0:
		m.facts.Set((*facts).toMistake)
		return false
	}
	return m.facts.Do(ctx, func(ctx context.Context) error {
		m.facts.Set(func(f *facts) { f.Note = m.words.Say("rules.keeping") })
		err := m.workspace.KeepRules(ctx, f.made.Now.Sheet.Text(), f.made.Now.Quiets)
		if err == nil {
			err = m.drafts.Forget(ctx)
		}
		m.facts.Set(func(f *facts) {
			if f.Note = ""; err == nil {
				f.begin, f.Note = f.made.Now, m.words.Say("rules.kept")
				f.made.Set()
			}
		})
		return err
	})
}

// toMistake looks at the first mistake.
func (f *facts) toMistake() {
	for i := range f.made.Now.Sheet.Rules {
		if len(f.wrong(i)) > 0 {
			f.look.part, f.look.chosen = List, item{Ruled, "", i}
			return
		}
	}
	f.look.part = Tasked
}
