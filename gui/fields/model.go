package fields

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/draft"
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
	draft.Store
}

// step is the name under which the draft is kept.
const step = "fields"

// Model holds the edit and what both sides have. It is safe for concurrent use; one Load or Keep runs at a time.
type Model struct {
	words     *words.Words
	workspace Workspace
	facts     *live.Facts[facts]
	drafts    *draft.Keeper
}

type facts struct {
	live.Job
	setup    *app.FieldSetup
	prices   map[string]app.FieldPrice // nil: not reckoned yet
	made     draft.Made[Edit]
	change   app.MappingChange // that the edit would make
	mistakes []app.MappingMistake
	look     looking
}

// changed reports that something was made that is not kept.
func (f facts) changed() bool {
	return f.setup != nil && (len(f.mistakes) > 0 || !f.change.Empty() || f.made.Now.Winners != f.setup.Winners || f.noted())
}

// noted reports that words for people differ, which change nothing that travels.
func (f facts) noted() bool {
	for _, o := range f.made.Now.Mapping.Objects {
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
	first := facts{Job: live.Job{Busy: true}, look: looking{object: record.Lead, sort: -1}}
	return &Model{words: w, workspace: workspace, facts: live.NewFacts(first), drafts: draft.NewKeeper(workspace, step, drafts)}
}

// View is the page now.
func (m *Model) View() View { return picture(m.words, m.facts.Get()) }

// Watch calls show with the newest View until ctx ends. It blocks and returns ctx's error.
func (m *Model) Watch(ctx context.Context, show func(View)) error {
	return m.facts.Watch(ctx, 0, func(f facts) { show(picture(m.words, f)) })
}

// Load asks both sides, takes up what was made before and not kept, and then reckons what fields cost. It waits; never on the UI thread.
func (m *Model) Load(ctx context.Context) {
	var setup app.FieldSetup
	asked := m.facts.Do(ctx, func(ctx context.Context) (err error) {
		if setup, err = m.workspace.FieldSetup(ctx); err != nil {
			return err
		}
		kept, err := m.drafts.Read(ctx)
		if err == nil {
			m.take(setup, kept)
		}
		return err
	})
	if !asked || !setup.Kept {
		return
	}
	prices, err := m.workspace.FieldPrices(ctx, app.PriceDays)
	if err != nil && ctx.Err() != nil {
		return
	}
	m.priced(prices, err)
}

// take takes up what both sides said, and what was made before and not kept.
func (m *Model) take(setup app.FieldSetup, kept []byte) {
	m.facts.Set(func(f *facts) {
		f.setup, f.prices = &setup, nil
		f.made = draft.Begin(Edit{setup.Mapping, setup.Winners}, kept)
		f.try()
	})
}

func (m *Model) priced(prices []app.FieldPrice, err error) {
	m.facts.Set(func(f *facts) {
		f.Failed = err
		f.prices = map[string]app.FieldPrice{}
		for _, p := range prices {
			f.prices[string(p.Object)+"."+p.Field] = p
		}
	})
}

// try holds the edit against what both sides said.
func (f *facts) try() { f.change, f.mistakes = f.setup.Try(f.made.Now.Mapping) }

// Drafting keeps what is made until ctx ends, and what was made last when it does. It blocks.
func (m *Model) Drafting(ctx context.Context) {
	m.drafts.Run(ctx, func() any {
		f := m.facts.Get()
		if !f.changed() {
			return nil
		}
		return f.made.Now
	}, m.facts.Fail)
}

// edit makes a step of the edit. Nothing happens before both sides were asked, or while it is kept.
func (m *Model) edit(how func(f facts) Edit) {
	m.facts.Set(func(f *facts) {
		if f.setup != nil && !f.Busy && f.made.To(how(*f)) {
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
func (f *facts) edited() { f.Note = ""; f.try() }

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
			return f.accept(f.made.Now, r)
		case Drop:
			return f.made.Now.drop(r.Pair)
		case PutBack:
			return f.made.Now.put(r.Pair.object, f.twin(r.Pair.object), r.field)
		}
		return f.made.Now
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
		next := f.made.Now
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
				next = next.restore(f.made.Now, r.Pair)
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
	m.edit(func(f facts) Edit { return f.made.Now.change(f.look.chosen, how) })
}

// SetWinner answers a question.
func (m *Model) SetWinner(key, word string) {
	m.edit(func(f facts) Edit {
		for _, q := range winnerQuestions {
			if q.key == key {
				q.set(&f.made.Now.Winners, word)
			}
		}
		return f.made.Now
	})
}

// Switch lets an object take part, or not.
func (m *Model) Switch(o record.Object) {
	m.edit(func(f facts) Edit {
		if len(f.made.Now.object(o)) > 0 {
			return f.made.Now.with(o, "", nil)
		}
		fields := Edit{Mapping: f.setup.Mapping}.object(o)
		for _, x := range f.setup.Objects {
			if x.Salesforce == o && len(fields) == 0 {
				fields = x.Begin
			}
		}
		return f.made.Now.with(o, f.twin(o), fields)
	})
}

// Pair maps the two fields that are chosen beside each other.
func (m *Model) Pair() {
	m.edit(func(f facts) Edit {
		field, why := f.setup.Pair(f.look.object, f.look.pick[0], f.look.pick[1])
		if len(why) > 0 {
			return f.made.Now
		}
		return f.made.Now.put(f.look.object, f.twin(f.look.object), field)
	})
	m.Look(func(l *looking) { l.pick = [2]string{} })
}

// Look changes what is looked at.
func (m *Model) Look(how func(*looking)) {
	m.facts.Set(func(f *facts) { how(&f.look) })
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
	case f.setup == nil || f.Busy:
		return false
	case f.setup.Kept && !f.changed():
		return true
	case len(f.mistakes) > 0:
		m.facts.Set((*facts).toMistake)
		return false
	}
	var refused *app.MappingError
	return m.facts.Do(ctx, func(ctx context.Context) error {
		m.facts.Set(func(f *facts) { f.Note = m.words.Say("fields.keeping") })
		kept, err := m.workspace.KeepFields(ctx, f.made.Now.Mapping, f.made.Now.Winners)
		if err == nil {
			err = m.drafts.Forget(ctx)
		}
		m.facts.Set(func(f *facts) {
			switch f.Note = ""; {
			case errors.As(err, &refused): // a side has changed since it was asked
				f.mistakes = refused.Mistakes
				f.toMistake()
			case err == nil:
				f.kept()
				f.Note = m.told(kept)
			}
		})
		if refused != nil {
			return nil
		}
		return err
	}) && refused == nil
}

// kept says that what was made is in the workspace's place.
func (f *facts) kept() {
	setup := *f.setup
	setup.Kept, setup.Mapping, setup.Winners = true, f.made.Now.Mapping, f.made.Now.Winners
	f.setup, f.change = &setup, app.MappingChange{}
	f.made.Set()
}

// told says what comes of it.
func (m *Model) told(kept app.KeptFields) string {
	note := m.words.Say("fields.kept")
	if kept.Compared > 0 {
		note += " " + m.words.Count("fields.kept.compared", kept.Compared)
	}
	if kept.Entering > 0 {
		note += " " + m.words.Count("fields.kept.entering", kept.Entering)
	}
	return note
}

// toMistake looks at the fields that are wrong, of the object of the first one.
func (f *facts) toMistake() {
	f.look.part, f.look.group, f.look.find = Fields, Wrong, ""
	if len(f.mistakes) > 0 {
		object, _, _ := strings.Cut(f.mistakes[0].Field, ".")
		f.look.object = record.Object(object)
	}
}
