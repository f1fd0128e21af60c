package app

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestSetupComesBack keeps a step and what was typed there, finds both with another process's eyes and nothing readable on the disk, and
// forgets both when the set-up ends.
func TestSetupComesBack(t *testing.T) {
	ctx, home := t.Context(), t.TempDir()
	a, err := New(Options{Home: home, Secrets: SecretsMemory})
	must(t, err)
	must(t, a.NewWorkspace(ctx, "Acme", false))
	must(t, a.KeepSetupStep(ctx, "Acme", "filter"))
	typed := []byte(`LastName is "Achterberg"`)
	must(t, a.Named("Acme").KeepDraft(ctx, "filter", typed))

	step, err := a.SetupStep(ctx, "Acme")
	must(t, err)
	draft, err := a.Named("Acme").Draft(ctx, "filter")
	must(t, err)
	if step != "filter" || !bytes.Equal(draft, typed) {
		t.Errorf("it comes back at %q with %q", step, draft)
	}
	if other, err := a.SetupDraft(ctx, "Acme", "fields"); err != nil || other != nil {
		t.Errorf("a step where nothing was typed has %q, %v", other, err)
	}
	files, err := filepath.Glob(filepath.Join(home, "*", "*", "*"))
	must(t, err)
	if len(files) == 0 {
		t.Error("no file was looked at")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		if bytes.Contains(text, []byte("Achterberg")) {
			t.Errorf("%s names somebody", filepath.Base(file))
		}
	}

	must(t, a.KeepSetupStep(ctx, "Acme", ""))
	step, err = a.SetupStep(ctx, "Acme")
	must(t, err)
	draft, err = a.SetupDraft(ctx, "Acme", "filter")
	must(t, err)
	if step != "" || draft != nil {
		t.Errorf("the set-up ended, and is still at %q with %q", step, draft)
	}
}
