package fields

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/words"
)

// Workspace is what the page needs of a workspace. Its methods wait; never on the UI thread.
type Workspace interface {
	// FieldSetup asks both sides for their fields. It only reads.
	FieldSetup(ctx context.Context) (app.FieldSetup, error)
	// FieldPrices says what each mapped field cost in the last days, by the kept history.
	FieldPrices(ctx context.Context, days int) ([]app.FieldPrice, error)
	// KeepFields puts mapping and winners in the place of the workspace's: both, or with an error neither.
	KeepFields(ctx context.Context, d app.MappingDocument, w app.Winners) (app.KeptFields, error)
	// Draft and KeepDraft keep what was made and not yet set.
	Draft(ctx context.Context, step string) ([]byte, error)
	KeepDraft(ctx context.Context, step string, draft []byte) error
}

// step is the name under which the draft is kept.
const step = "fields"

// Model holds the edit and what both sides have. It is safe for concurrent use; one Load or Keep runs at a time.
type Model struct {
	words     *words.Words
	workspace Workspace
	drafts    bool // what is made and not kept survives a crash
	facts     *live.Newest[facts]
	edited    chan struct{}
	told      atomic.Bool // something was edited since a draft was kept
}

type facts struct {
	setup    *app.FieldSetup
	prices   map[string]app.FieldPrice // nil: not reckoned yet
	edit     Edit
	past     []Edit
	change   app.MappingChange // that the edit would make
	mistakes []app.MappingMistake
	look     looking
	failed   error
	note     string
	busy     bool
}

// changed reports that something was made that is not kept.
func (f facts) changed() bool {
	return f.setup != nil && (len(f.mistakes) > 0 || !f.change.Empty() || f.edit.Winners != f.setup.Winners || f.noted())
}

// noted reports that words for people differ, which change nothing that travels.
func (f facts) noted() bool {
	for _, o := range f.edit.Mapping.Objects {
		for _, m := range o.Fields {
			was, at := Edit{Mapping: f.setup.Mapping}.find(pairOf(o.Salesforce, m))
			if at >= 0 && !same(was[at], m) {
				return true
			}
		}
	}
	return false
}

// NewModel is a model that has asked nothing yet; with drafts it keeps what is made as it is made.
func NewModel(w *words.Words, workspace Workspace, drafts bool) *Model {
	first := facts{busy: true, look: looking{object: record.Lead, sort: -1}}
	return &Model{words: w, workspace: workspace, drafts: drafts, facts: live.NewNewest(first), edited: make(chan struct{}, 1)}
}

// View is the page now.
func (m *Model) View() View { return picture(m.words, m.facts.Get()) }

// Watch calls show with the newest View until ctx ends. It blocks and returns ctx's error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	return m.facts.Watch(ctx, 0, func(f facts) { show(picture(m.words, f)) })
}

// Load asks both sides, takes up what was made before and not kept, and then reckons what fields cost. It waits; never on the UI thread.
func (m *Model) Load(ctx context.Context) {
	m.change(func(f *facts) { f.busy, f.failed = true, nil })
	setup, err := m.workspace.FieldSetup(ctx)
	var draft []byte
	if err == nil && m.drafts {
		draft, err = m.workspace.Draft(ctx, step)
	}
	if err != nil {
		m.failed(ctx, err)
		return
	}
	m.take(setup, draft)
	if !setup.Kept {
		return
	}
	prices, err := m.workspace.FieldPrices(ctx, priceDays)
	if err != nil && ctx.Err() != nil {
		return
	}
	m.priced(prices, err)
}

// take takes up what both sides said, and what was made before and not kept.
func (m *Model) take(setup app.FieldSetup, draft []byte) {
	m.change(func(f *facts) {
		f.busy, f.setup, f.past, f.prices = false, &setup, nil, nil
		f.edit = Edit{setup.Mapping, setup.Winners}
		var made Edit
		if len(draft) > 0 && json.Unmarshal(draft, &made) == nil && len(made.Mapping.Objects) > 0 {
			f.past, f.edit = []Edit{f.edit}, made
		}
		f.try()
	})
}

func (m *Model) priced(prices []app.FieldPrice, err error) {
	m.change(func(f *facts) {
		f.failed = err
		f.prices = map[string]app.FieldPrice{}
		for _, p := range prices {
			f.prices[string(p.Object)+"."+p.Field] = p
		}
	})
}

// try holds the edit against what both sides said.
func (f *facts) try() { f.change, f.mistakes = f.setup.Try(f.edit.Mapping) }

func (m *Model) failed(ctx context.Context, err error) {
	m.change(func(f *facts) {
		f.busy = false
		if !errors.Is(err, context.Canceled) || ctx.Err() == nil {
			f.failed = err
		}
	})
}

func (m *Model) change(how func(*facts)) {
	m.facts.Change(func(f facts) facts { how(&f); return f })
}

// Drafting keeps what is made until ctx ends, and what was made last when it does. It blocks.
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
		if err = errors.Join(err, m.workspace.KeepDraft(ctx, step, draft)); err != nil {
			m.failed(ctx, err)
		}
	})
}

// edit makes a step of the edit. Nothing happens before both sides were asked, or while it is kept.
func (m *Model) edit(how func(f facts) Edit) {
	m.change(func(f *facts) {
		if f.setup == nil || f.busy {
			return
		}
		next := how(*f)
		if reflect.DeepEqual(next, f.edit) {
			return
		}
		f.past = append(slices.Clip(f.past), f.edit)
		f.edit, f.note = next, ""
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
			f.edit, f.past, f.note = f.past[n-1], slices.Clip(f.past[:n-1]), ""
			f.try()
		}
	})
	m.tell()
}

// Do does what the button of the chosen field says.
func (m *Model) Do() {
	v := m.View()
	if v.Chosen < 0 {
		return
	}
	r := v.Rows[v.Chosen]
	m.edit(func(f facts) Edit {
		switch v.Detail.Deed {
		case Accept:
			return f.accept(f.edit, r)
		case Drop:
			return f.edit.drop(r.Pair)
		case PutBack:
			return f.edit.put(r.Pair.object, f.twin(r.Pair.object), r.field)
		}
		return f.edit
	})
}

// accept maps what is suggested.
func (f facts) accept(e Edit, r Row) Edit {
	field, why := f.setup.Pair(r.Pair.object, r.Pair.salesforce, r.Pair.marketo)
	if len(why) > 0 {
		return e
	}
	return e.put(r.Pair.object, f.twin(r.Pair.object), field)
}

// DoAll does it to all fields that are shown: accepts what is suggested, takes out what nobody uses. What has to stay stays.
func (m *Model) DoAll() {
	v := m.View()
	m.edit(func(f facts) Edit {
		next := f.edit
		for _, r := range v.Rows {
			if r.proposed != nil {
				next = f.accept(next, r)
			} else {
				next = next.drop(r.Pair)
			}
		}
		_, wrong := f.setup.Try(next.Mapping)
		for _, r := range v.Rows {
			if slices.ContainsFunc(wrong, func(x app.MappingMistake) bool {
				return strings.EqualFold(x.Field, string(r.Pair.object)+"."+r.Pair.salesforce)
			}) {
				next = next.restore(f.edit, r.Pair)
			}
		}
		return next
	})
}

// restore makes a pair again what it was in another edit.
func (e Edit) restore(was Edit, p pair) Edit {
	fields, at := was.find(p)
	if at < 0 {
		return e.drop(p)
	}
	return e.put(p.object, "", fields[at])
}

// Set changes the chosen field.
func (m *Model) Set(how func(*app.MappingField)) {
	m.edit(func(f facts) Edit { return f.edit.change(f.look.chosen, how) })
}

// SetWinner answers a question.
func (m *Model) SetWinner(key, word string) {
	m.edit(func(f facts) Edit {
		for _, q := range winnerQuestions {
			if q.key == key {
				q.set(&f.edit.Winners, word)
			}
		}
		return f.edit
	})
}

// Switch lets an object take part, or not.
func (m *Model) Switch(o record.Object) {
	m.edit(func(f facts) Edit {
		if len(f.edit.object(o)) > 0 {
			return f.edit.with(o, "", nil)
		}
		fields := Edit{Mapping: f.setup.Mapping}.object(o)
		for _, x := range f.setup.Objects {
			if x.Salesforce == o && len(fields) == 0 {
				fields = x.Begin
			}
		}
		return f.edit.with(o, f.twin(o), fields)
	})
}

// Pair maps the two fields that are chosen beside each other.
func (m *Model) Pair() {
	m.edit(func(f facts) Edit {
		field, why := f.setup.Pair(f.look.object, f.look.pick[0], f.look.pick[1])
		if len(why) > 0 {
			return f.edit
		}
		return f.edit.put(f.look.object, f.twin(f.look.object), field)
	})
	m.Look(func(l *looking) { l.pick = [2]string{} })
}

// Look changes what is looked at.
func (m *Model) Look(how func(*looking)) {
	m.change(func(f *facts) { how(&f.look) })
}

// Show looks at a part of the page, and at a group of the fields.
func (m *Model) Show(part Part, group Group) {
	m.Look(func(l *looking) { l.part, l.group = part, group })
}

// Choose chooses a field of the object that is looked at, by its name in Salesforce.
func (m *Model) Choose(salesforce string) {
	for _, r := range m.View().Rows {
		if r.Pair.salesforce == salesforce {
			m.Look(func(l *looking) { l.chosen = r.Pair })
		}
	}
}

// Keep puts what was made in the workspace's place, and reports whether that is so. Where something is wrong nothing is kept. What both
// sides have must be loaded afresh before it is edited further. It waits; never on the UI thread.
func (m *Model) Keep(ctx context.Context) bool {
	f := m.facts.Get()
	switch {
	case f.setup == nil || f.busy:
		return false
	case f.setup.Kept && !f.changed():
		return true
	case len(f.mistakes) > 0:
		m.change(func(f *facts) { f.look.part, f.look.group, f.look.find = Fields, Wrong, ""; f.toMistake() })
		return false
	}
	m.change(func(f *facts) { f.busy, f.failed, f.note = true, nil, m.words.Say("fields.keeping") })
	kept, err := m.workspace.KeepFields(ctx, f.edit.Mapping, f.edit.Winners)
	if err == nil && m.drafts {
		err = m.workspace.KeepDraft(ctx, step, nil)
	}
	var refused *app.MappingError
	if errors.As(err, &refused) { // a side has changed since it was asked
		m.change(func(f *facts) {
			f.busy, f.note, f.mistakes = false, "", refused.Mistakes
			f.look.part, f.look.group, f.look.find = Fields, Wrong, ""
			f.toMistake()
		})
		return false
	}
	if err != nil {
		m.change(func(f *facts) { f.note = "" })
		m.failed(ctx, err)
		return false
	}
	note := m.words.Say("fields.kept")
	if kept.Compared > 0 {
		note += " " + m.words.Count("fields.kept.compared", kept.Compared)
	}
	if kept.Entering > 0 {
		note += " " + m.words.Count("fields.kept.entering", kept.Entering)
	}
	m.change(func(f *facts) {
		setup := *f.setup
		setup.Kept, setup.Mapping, setup.Winners = true, f.edit.Mapping, f.edit.Winners
		f.setup, f.change, f.past, f.busy, f.note = &setup, app.MappingChange{}, nil, false, note
	})
	return true
}

// toMistake looks at the object of the first mistake.
func (f *facts) toMistake() {
	if len(f.mistakes) == 0 {
		return
	}
	object, _, _ := strings.Cut(f.mistakes[0].Field, ".")
	f.look.object = record.Object(object)
}
