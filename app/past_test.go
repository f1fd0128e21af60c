package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/store"
)

// A backup of the workspace's file is put back after what waited in it was sent and changed again: nobody stands twice, no edit is
// lost, both sides agree (promises 1, 3, 4 and 6).
func TestBackupPutBack(t *testing.T) {
	home := t.TempDir()
	cryptotest.SetGlobalRandom(t, 11)
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 11, nil)
		cycles(t, a, 2)
		must(t, o.enter(o.intoSalesforce), o.enter(o.intoMarketo))
		o.edit(sandbox.Edit{Sides: []record.Side{record.Salesforce, record.Marketo}, People: 20})
		rehearse(t, a)
		backup := databases(t, home)
		cycles(t, a, 1)
		o.edit(sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: 30}) // a conflict would be told in the lost part of the history
		cycles(t, a, 1)
		for path := range databases(t, home) {
			must(t, os.Remove(path))
		}
		for path, content := range backup {
			must(t, os.WriteFile(path, content, 0o600))
		}
		cycles(t, a, 3)
		for _, broken := range judge(t, a, o) {
			t.Error(broken)
		}
	})
}

// databases are the workspace's file and what SQLite keeps beside it.
func databases(t *testing.T, home string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	must(t, filepath.WalkDir(home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.Contains(filepath.Base(path), ".db") || strings.HasSuffix(path, ".session") {
			return err
		}
		files[path], err = os.ReadFile(path)
		return err
	}))
	if len(files) == 0 {
		t.Fatal("no database found")
	}
	return files
}

// History is kept as long as the settings say, and shortened by a cycle once a day.
func TestHistoryIsShortened(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, o, _ := opened(t, home, 12, nil)
		if _, err := a.ChangeSettings(t.Context(), sampleName, "retention_days=7"); err != nil {
			t.Fatal(err)
		}
		cycles(t, a, 1)
		oldest := func() (at time.Time) {
			must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) error {
				for before := int64(0); ; {
					events, err := w.EventsBefore(t.Context(), before, 500)
					if err != nil || len(events) == 0 {
						return err
					}
					last := events[len(events)-1]
					at, before = last.At, last.ID
				}
			}))
			return at
		}
		first := oldest()
		time.Sleep(6 * 24 * time.Hour)
		o.edits()
		cycles(t, a, 1)
		if !oldest().Equal(first) {
			t.Error("history was shortened before its time")
		}
		time.Sleep(2 * 24 * time.Hour)
		cycles(t, a, 1)
		if at := oldest(); !at.After(first) {
			t.Errorf("history of eight days ago is still kept: %v", at)
		}
	})
}
