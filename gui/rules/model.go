package rules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/words"
)

// Workspace is what the page needs of a workspace. Its methods wait; never on the UI thread.
type Workspace interface {
	app.AskedRules
	// FieldPrices says what each mapped field cost in the last days, by the kept history.
	FieldPrices(ctx context.Context, days int) ([]app.FieldPrice, error)
	// Draft and KeepDraft keep what was made and not yet set.
	Draft(ctx context.Context, step string) ([]byte, error)
	KeepDraft(ctx context.Context, step string, draft []byte) error
}

// draftStep is the name under which the draft is kept.
const draftStep = "rules"

// priceDays is over how many days the price of a field is reckoned.
const priceDays = 30

// Edit is what a person has made of the rules so far.
type Edit struct {
	Sheet  Sheet             `json:"sheet"`
	Quiets map[string]string `json:"quiets,omitempty"` // by field, where they are to be others
}

// Model holds the edit, and what was read of both sides. It is safe for concurrent use; one Load or Keep runs at a time.
type Model struct {
	words     *words.Words
	workspace Workspace
	drafts    bool
	facts     *live.Newest[facts]
	edited    chan struct{}
	told      atomic.Bool // something was edited since a draft was kept
}

type facts struct {
	setup     *app.RuleSetup
	sample    *app.RuleSample
	sampleErr error
	prices    []app.FieldPrice // nil: not reckoned yet
	begin     Edit
	edit      Edit
	past      []Edit
	mistakes  []app.RuleMistake
	suggested []app.SuggestedRule
	preview   app.RulePreview
	trials    []app.RulePreview // of the suggested ones
	counted   *app.TaskPreview
	countErr  error
	counting  bool
	look      looking
	failed    error
	note      string
	busy      bool
}

func (f facts) changed() bool { return f.setup != nil && !reflect.DeepEqual(f.edit, f.begin) }

// quiet is the quiet time of a field, as the edit has it.
func (f facts) quiet(x app.RuleField) string {
	if q, set := f.edit.Quiets[x.Name]; set {
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
	file := f.edit.Sheet.Text()
	f.mistakes = f.setup.Try(file)
	f.suggested = f.setup.Suggest(file, f.edit.Quiets, f.prices)
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
	return &Model{words: w, workspace: workspace, drafts: drafts, facts: live.NewNewest(facts{busy: true}), edited: make(chan struct{}, 1)}
}

// View is the page now.
func (m *Model) View() View { return picture(m.words, m.facts.Get()) }

// Watch calls show with the newest View until ctx ends. It blocks and returns ctx's error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	return m.facts.Watch(ctx, 0, func(f facts) { show(picture(m.words, f)) })
}

func (m *Model) change(how func(*facts)) {
	m.facts.Change(func(f facts) facts { how(&f); return f })
}

func (m *Model) failed(ctx context.Context, err error) {
	m.change(func(f *facts) {
		f.busy = false
		if !errors.Is(err, context.Canceled) || ctx.Err() == nil {
			f.failed = err
		}
	})
}

// Load reads the rules, takes up what was made before and not kept, then reads values of both sides to try rules on, and reckons what
// fields cost. It waits; never on the UI thread.
func (m *Model) Load(ctx context.Context) {
	m.change(func(f *facts) { f.busy, f.failed = true, nil })
	setup, err := m.workspace.RuleSetup(ctx)
	var draft []byte
	if err == nil && m.drafts {
		draft, err = m.workspace.Draft(ctx, draftStep)
	}
	var sheet Sheet
	if err == nil {
		sheet, err = ReadSheet(setup.File)
	}
	if err != nil {
		m.failed(ctx, err)
		return
	}
	m.take(setup, sheet, draft)
	sample, err := m.workspace.RuleSample(ctx)
	if ctx.Err() != nil {
		return
	}
	m.sampled(sample, err)
	prices, err := m.workspace.FieldPrices(ctx, priceDays)
	if ctx.Err() != nil {
		return
	}
	m.change(func(f *facts) {
		if f.failed == nil {
			f.failed = err
		}
		f.prices = append([]app.FieldPrice{}, prices...)
		f.try()
	})
}

func (m *Model) take(setup app.RuleSetup, sheet Sheet, draft []byte) {
	m.change(func(f *facts) {
		f.busy, f.setup, f.past, f.begin = false, &setup, nil, Edit{Sheet: sheet}
		f.edit = f.begin
		var made Edit
		if len(draft) > 0 && json.Unmarshal(draft, &made) == nil {
			f.past, f.edit = []Edit{f.begin}, made
		}
		f.try()
	})
}

func (m *Model) sampled(sample app.RuleSample, err error) {
	m.change(func(f *facts) {
		if f.sampleErr = err; err == nil {
			f.sample = &sample
		}
		f.try()
	})
}

// Drafting keeps what is made until ctx ends. It blocks.
func (m *Model) Drafting(ctx context.Context) {
	if !m.drafts {
		return
	}
	live.Keeping(ctx, m.edited, 0, func(ctx context.Context) {
		if !m.told.Swap(false) {
			return
		}
		f := m.facts.Get()
		draft, err := []byte(nil), error(nil)
		if f.changed() {
			draft, err = json.Marshal(f.edit)
		}
		if err = errors.Join(err, m.workspace.KeepDraft(ctx, draftStep, draft)); err != nil {
			m.failed(ctx, err)
		}
	})
}

// edit makes a step of the edit.
func (m *Model) edit(how func(f *facts) Edit) {
	m.change(func(f *facts) {
		if f.setup == nil || f.busy {
			return
		}
		next := how(f)
		if reflect.DeepEqual(next, f.edit) {
			return
		}
		f.past = append(slices.Clip(f.past), f.edit)
		f.edit, f.note, f.counted, f.countErr = next, "", nil, nil
		f.try()
	})
	m.tell()
}

func (m *Model) tell() {
	m.told.Store(true)
	select {
	case m.edited <- struct{}{}:
	default:
	}
}

// Undo takes the last step back.
func (m *Model) Undo() {
	m.change(func(f *facts) {
		if n := len(f.past); n > 0 && !f.busy {
			f.edit, f.past, f.note, f.counted = f.past[n-1], slices.Clip(f.past[:n-1]), "", nil
			f.try()
		}
	})
	m.tell()
}

// Look changes what is looked at.
func (m *Model) Look(how func(*looking)) { m.change(func(f *facts) { how(&f.look) }) }

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
	m.change(func(f *facts) { f.counting, f.countErr = true, nil })
	p, err := m.workspace.PreviewTasks(ctx, f.edit.Sheet.Text(), taskDays)
	m.change(func(f *facts) {
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
	case f.setup == nil || f.busy:
		return false
	case !f.changed():
		return true
	case len(f.mistakes) > 0:
		m.change(func(f *facts) { f.toMistake() })
		return false
	}
	m.change(func(f *facts) { f.busy, f.failed, f.note = true, nil, m.words.Say("rules.keeping") })
	err := m.workspace.KeepRules(ctx, f.edit.Sheet.Text(), f.edit.Quiets)
	if err == nil && m.drafts {
		err = m.workspace.KeepDraft(ctx, draftStep, nil)
	}
	if err != nil {
		m.change(func(f *facts) { f.note = "" })
		m.failed(ctx, err)
		return false
	}
	m.change(func(f *facts) { f.busy, f.begin, f.past, f.note = false, f.edit, nil, m.words.Say("rules.kept") })
	return true
}

// toMistake looks at the first mistake.
func (f *facts) toMistake() {
	for i := range f.edit.Sheet.Rules {
		if len(f.wrong(i)) > 0 {
			f.look.part, f.look.chosen = List, item{Ruled, "", i}
			return
		}
	}
	f.look.part = Tasked
}
