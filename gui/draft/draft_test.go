package draft_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/gui/draft"
)

// TestMade makes steps and takes them back; one that leads nowhere is none, and from what is set is no way back.
func TestMade(t *testing.T) {
	m := draft.Begin([]string{"a"}, nil)
	if m.CanUndo() || m.Undo() || m.To([]string{"a"}) {
		t.Errorf("nothing was made: %+v", m)
	}
	before := m
	for _, next := range []string{"b", "c"} {
		if !m.To([]string{next}) {
			t.Errorf("%s is no step", next)
		}
	}
	other := m
	if !m.Undo() || m.Now[0] != "b" || !m.To([]string{"d"}) || !other.Undo() || other.Now[0] != "b" || before.Now[0] != "a" {
		t.Errorf("one way back changed another: %v, %v, %v", m.Now, other.Now, before.Now)
	}
	if m.Set(); m.Undo() || m.Now[0] != "d" {
		t.Errorf("set: %v", m.Now)
	}
	for kept, want := range map[string]string{`["kept"]`: "kept", `{"of":"another time"}`: "a", "": "a"} {
		m := draft.Begin([]string{"a"}, []byte(kept))
		if m.Now[0] != want || m.CanUndo() != (want == "kept") || m.Undo() && m.Now[0] != "a" {
			t.Errorf("%q is taken up as %v", kept, m.Now)
		}
	}
}

// shelf keeps one draft.
type shelf struct {
	draft []byte
	kept  int
	err   error
}

func (s *shelf) Draft(context.Context, string) ([]byte, error) { return s.draft, s.err }

func (s *shelf) KeepDraft(_ context.Context, step string, draft []byte) error {
	s.draft, s.kept = draft, s.kept+1
	return s.err
}

// TestKeeper keeps what is made, forgets what is taken back, tells what fails, and keeps nothing where nobody wants it.
func TestKeeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s shelf
		var made any
		var failed error
		k := draft.NewKeeper(&s, "rules", true)
		ctx, leave := context.WithCancel(t.Context())
		go k.Run(ctx, func() any { return made }, func(_ context.Context, err error) { failed = err })
		edit := func(now any) { made = now; k.Edited(); synctest.Wait() }
		if edit([]int{1}); string(s.draft) != "[1]" || s.kept != 1 {
			t.Errorf("kept is %q", s.draft)
		}
		if edit(nil); s.draft != nil {
			t.Errorf("taken back, and kept is %q", s.draft)
		}
		s.err = errors.New("the disk is full")
		if edit([]int{2}); failed == nil {
			t.Error("a failure is not told of")
		}
		s.err = nil
		leave()
		if synctest.Wait(); s.kept != 3 {
			t.Errorf("left without an edit, it was kept %d times", s.kept)
		}
		if err := k.Forget(t.Context()); err != nil || s.draft != nil {
			t.Errorf("set, and kept is %q, %v", s.draft, err)
		}
		none := draft.NewKeeper(&s, "rules", false)
		none.Edited()
		none.Run(t.Context(), func() any { return 1 }, nil)
		if text, err := none.Read(t.Context()); text != nil || err != nil || none.Forget(t.Context()) != nil || s.kept != 4 {
			t.Errorf("nobody wanted it kept, and it was %d times: %q", s.kept, text)
		}
	})
}
