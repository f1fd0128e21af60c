package app

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzSettings: what is set is shown in a form that sets it again; what cannot be set is a sentence, and changes nothing.
func FuzzSettings(f *testing.F) {
	start := DefaultSettings()
	for _, line := range start.Lines() {
		f.Add(line.Name, line.Value)
	}
	f.Add("conflicts", "lead:hold,contact:newest")
	f.Add("every", "1h1m")
	f.Fuzz(func(t *testing.T, name, value string) {
		s := start
		if err := s.Set("pace=7", name+"="+value); err != nil {
			if !errors.Is(err, ErrInput) || s != start {
				t.Errorf("%s=%q: %v, changed: %v", name, value, err, s != start)
			}
			return
		}
		again := start
		for _, line := range s.Lines() {
			if err := again.Set(line.Name + "=" + line.Value); err != nil {
				t.Errorf("%s is shown as %q, which cannot be set: %v", line.Name, line.Value, err)
			}
		}
		if again != s {
			t.Errorf("%s=%q does not survive being shown", name, value)
		}
	})
}

// FuzzFolder: a workspace's name, whatever somebody types, leads to a folder of its own inside the home.
func FuzzFolder(f *testing.F) {
	for _, seed := range []string{"Acme B.V.", "../x", "..", "a%2Fb", "C:", "日本"} {
		f.Add(seed, seed+" ")
	}
	a := &App{home: f.TempDir()}
	f.Fuzz(func(t *testing.T, one, other string) {
		if validName(one) != nil || validName(other) != nil {
			return
		}
		folder := a.folder(one)
		if rel, err := filepath.Rel(filepath.Join(a.home, "workspaces"), folder); err != nil || rel == "." || strings.ContainsAny(rel, `/\`) || strings.HasPrefix(rel, "..") && strings.Trim(rel, ".") == "" {
			t.Errorf("%q leads to %q, %v", one, folder, err)
		}
		if one != other && folder == a.folder(other) {
			t.Errorf("%q and %q lead to the same folder", one, other)
		}
	})
}
