// Package filter is the page of who takes part: the sync filter as rows and as text, what it would do, and the filters before it.
//
// Edits flow in, each one giving rows and text of one meaning; what the filter would do is asked when typing rests, and comes as Views.
package filter

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/words"
)

// Workspace is what the page needs of a workspace.
type Workspace interface {
	// OpenFilter hands out the filter to edit; its Close must follow.
	OpenFilter(ctx context.Context) (app.FilterDesk, error)
	// SetFilter changes the filter.
	SetFilter(ctx context.Context, c app.FilterChange) error
	// Draft gives what was typed and not yet set, KeepDraft keeps it; nil forgets it.
	Draft(ctx context.Context, step string) ([]byte, error)
	KeepDraft(ctx context.Context, step string, draft []byte) error
}

// step is under which the draft is kept.
const step = "filter"

// rests is how long typing rests before the sides are asked.
const rests = 400 * time.Millisecond

// Model holds the filter that is edited. Edits belong to the UI thread and do not wait; it is safe for concurrent use.
type Model struct {
	words     *words.Words
	workspace Workspace
	drafts    bool // what is typed is kept: in the set-up, where nothing runs meanwhile
	clock     func() time.Time
	facts     *live.Newest[facts]
	edited    chan struct{}

	mu   sync.Mutex
	desk app.FilterDesk
}

type facts struct {
	opened  bool
	sheet   app.FilterSheet
	edit    editor
	rev     int
	focus   Path
	weight  *app.FilterWeight
	weighed string // the text that weight is of
	asking  bool
	failed  error
	which   Which
	confirm bool
	why     string
	setting bool
	note    string
}

// NewModel is a model that has asked nothing yet.
func NewModel(w *words.Words, workspace Workspace, drafts bool, clock func() time.Time) *Model {
	return &Model{words: w, workspace: workspace, drafts: drafts, clock: clock, facts: live.NewNewest(facts{}), edited: make(chan struct{}, 1)}
}

// Watch calls show with the newest View until ctx ends. It blocks and returns ctx's error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	return m.facts.Watch(ctx, 0, func(f facts) { show(m.picture(f)) })
}

// View is the page at this moment.
func (m *Model) View() View { return m.picture(m.facts.Get()) }

// Run opens the filter and asks what is typed would do, until ctx ends. It blocks; when it returns nothing is asked any more.
func (m *Model) Run(ctx context.Context) {
	defer m.close()
	m.open(ctx)
	m.weigh(ctx)
}

// open reads what is set, and takes up what was typed before.
func (m *Model) open(ctx context.Context) {
	desk, err := m.workspace.OpenFilter(ctx)
	if err != nil {
		m.fail(ctx, err)
		return
	}
	m.mu.Lock()
	m.desk = desk
	m.mu.Unlock()
	sheet, err := desk.Sheet(ctx)
	if err != nil {
		m.fail(ctx, err)
		return
	}
	edit := newEditor(sheet.Language, sheet.Kept.Text)
	if m.drafts {
		kept, err := m.workspace.Draft(ctx, step)
		if err != nil {
			m.fail(ctx, err)
			return
		}
		var drafted state
		if kept != nil && json.Unmarshal(kept, &drafted) == nil {
			if read := (state{Text: drafted.Text}).read(sheet.Language); read.wrong != nil {
				drafted.wrong = read.wrong
			}
			edit.past, edit.now = append(edit.past, edit.now), drafted
		}
	}
	m.facts.Change(func(f facts) facts {
		f.opened, f.sheet, f.edit, f.failed = true, sheet, edit, nil
		f.rev++
		return f
	})
	m.ask()
}

func (m *Model) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.desk != nil {
		if err := m.desk.Close(); err != nil {
			m.facts.Change(func(f facts) facts { f.failed = err; return f })
		}
		m.desk = nil
	}
}

func (m *Model) fail(ctx context.Context, err error) {
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return
	}
	m.facts.Change(func(f facts) facts { f.failed, f.asking = err, false; return f })
}

// ask has the filter weighed when typing rests.
func (m *Model) ask() {
	select {
	case m.edited <- struct{}{}:
	default: // it will be
	}
}

// weigh asks for the newest text; one that is asked for while it was edited is given up.
func (m *Model) weigh(ctx context.Context) {
	begin := func(f facts) (end func()) {
		now, stop := context.WithCancel(ctx)
		var asking sync.WaitGroup
		asking.Go(func() { m.once(now, f) })
		return func() { stop(); asking.Wait() }
	}
	end := func() {}
	defer func() { end() }()
	var rested <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.edited:
			end()
			rested = time.After(rests)
		case <-rested:
			rested = nil
			f := m.facts.Get()
			if !f.opened {
				m.open(ctx)
				continue
			}
			end()
			end = begin(f)
		}
	}
}

// once keeps what was typed, and weighs it.
func (m *Model) once(ctx context.Context, f facts) {
	if m.drafts && len(f.edit.past) > 0 {
		draft, err := json.Marshal(f.edit.now)
		if err == nil {
			err = m.workspace.KeepDraft(ctx, step, draft)
		}
		if err != nil {
			m.fail(ctx, err)
			return
		}
	}
	if f.edit.now.wrong != nil {
		return
	}
	text := f.edit.wanted()
	m.facts.Change(func(f facts) facts { f.asking, f.failed = true, nil; return f })
	m.mu.Lock()
	desk := m.desk
	m.mu.Unlock()
	err := desk.Weigh(ctx, text, func(w app.FilterWeight) {
		m.facts.Change(func(f facts) facts {
			if ctx.Err() == nil {
				f.weight, f.weighed = &w, text
			}
			return f
		})
	})
	if err != nil {
		m.fail(ctx, err)
	}
	m.facts.Change(func(f facts) facts { f.asking = false; return f })
}

// language is what filters may speak of.
func (m *Model) language() app.FilterLanguage { return m.facts.Get().sheet.Language }

// Again asks anew what the filter would do.
func (m *Model) Again() { m.ask() }

// Edit edits the filter. What is asked before setting it, if anything is, is asked anew.
func (m *Model) Edit(do func(e editor, now time.Time) (editor, Path)) {
	changed := false
	m.facts.Change(func(f facts) facts {
		before := f.edit.now.Text
		f.edit, f.focus = do(f.edit, m.clock())
		f.rev++
		f.confirm, f.note = false, ""
		changed = f.edit.now.Text != before
		return f
	})
	if changed || m.drafts {
		m.ask()
	}
}

// Type edits the text.
func (m *Model) Type(text string) {
	m.Edit(func(e editor, now time.Time) (editor, Path) { return e.typed(text, now), nil })
}

// Show chooses what the list at the right shows.
func (m *Model) Show(which Which) { m.facts.Change(func(f facts) facts { f.which = which; return f }) }

// Because says why the filter is set.
func (m *Model) Because(why string) {
	m.facts.Change(func(f facts) facts { f.why = why; f.rev++; return f })
}

// Ask asks whether the filter is to be set, with what it would do; Keep leaves it.
func (m *Model) Ask() {
	m.facts.Change(func(f facts) facts {
		f.confirm, f.note = f.opened && f.edit.now.wrong == nil && f.edit.open() == 0, ""
		return f
	})
}

// Keep sets nothing.
func (m *Model) Keep() {
	m.facts.Change(func(f facts) facts { f.confirm, f.why = false, ""; f.rev++; return f })
}

// PutBack takes up the filter of a version, to be set anew.
func (m *Model) PutBack(version int) {
	sheet := m.facts.Get().sheet
	m.Edit(func(e editor, now time.Time) (editor, Path) {
		for _, k := range append([]app.KeptFilter{sheet.Kept}, sheet.Former...) {
			if k.Version == version {
				return e.typed(k.Text, now), nil
			}
		}
		return e, nil
	})
	m.facts.Change(func(f facts) facts {
		f.why = m.words.Say("filter.put.back.why", "n", m.words.Number(version))
		f.rev++
		return f
	})
}

// Leave sets the filter where another one than that which counts was made, after it was asked for. It reports whether nothing is left to
// be set. It waits; never on the UI thread.
func (m *Model) Leave(ctx context.Context) bool {
	f := m.facts.Get()
	switch {
	case !f.opened || f.edit.now.wrong != nil || f.edit.open() > 0:
		return false
	case !f.changed():
		return m.forget(ctx)
	case !f.confirm:
		m.Ask()
		return false
	case !f.counted():
		return false
	}
	m.facts.Change(func(f facts) facts { f.setting, f.failed = true, nil; return f })
	err := m.workspace.SetFilter(ctx, app.FilterChange{Text: f.edit.wanted(), None: f.edit.wanted() == "", Why: f.why, Seen: true})
	if err == nil {
		err = m.reread(ctx)
	}
	m.facts.Change(func(f facts) facts { f.setting = false; return f })
	if err != nil {
		m.fail(ctx, err)
		return false
	}
	m.ask()
	return m.forget(ctx)
}

// reread takes up what is set now.
func (m *Model) reread(ctx context.Context) error {
	m.mu.Lock()
	desk := m.desk
	m.mu.Unlock()
	sheet, err := desk.Sheet(ctx)
	if err == nil {
		m.facts.Change(func(f facts) facts { f.sheet, f.confirm, f.why = sheet, false, ""; f.rev++; return f })
	}
	return err
}

// forget drops the draft: what was typed is set.
func (m *Model) forget(ctx context.Context) bool {
	if !m.drafts {
		return true
	}
	if err := m.workspace.KeepDraft(ctx, step, nil); err != nil {
		m.fail(ctx, err)
		return false
	}
	return true
}

// changed reports whether the filter is another one than that which counts.
func (f facts) changed() bool {
	kept, err := f.sheet.Language.Read(f.sheet.Kept.Text)
	if err != nil || f.sheet.Kept.Text == "" {
		return f.edit.wanted() != f.sheet.Kept.Text
	}
	return kept.Text() != f.edit.countable(f.edit.now.Rows).Text()
}

// counted reports whether what the filter would do has been counted.
func (f facts) counted() bool {
	return f.weight != nil && f.weighed == f.edit.wanted() && f.weight.Known >= app.FilterCounted
}
