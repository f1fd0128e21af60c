package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func opening(t *testing.T, path string) error {
	t.Helper()
	w, err := store.Open(context.Background(), path, keys(t), store.Options{Now: clock})
	if err != nil {
		return err
	}
	return errors.Join(errors.New("it opened"), w.Close())
}

func TestOneProcessWritesAndOthersRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pair.db")
	ctx := context.Background()
	w := openFile(t, path)
	commit(t, w, withRow(pair(), update(change(0, "Eve"))))
	if err := opening(t, path); !errors.Is(err, store.ErrInUse) {
		t.Fatalf("a second writer: %v", err)
	}
	if err := store.Remove(path); !errors.Is(err, store.ErrInUse) {
		t.Fatalf("removed under a writer's hands: %v", err)
	}
	r, err := store.OpenReadOnly(ctx, path, store.Keys{}, store.Options{Now: clock})
	must(t, err)
	defer closeOf(t, r)
	status, err := r.Status(ctx)
	must(t, err)
	if status.People() != 1 || status.Backlog.ToMarketo != 1 {
		t.Fatal("a reader beside a writer sees something else")
	}
	if _, err := r.ByEmail(ctx, []record.Value{record.Of("ada@example.com")}); !errors.Is(err, store.ErrNoKey) {
		t.Fatalf("an address without keys: %v", err)
	}
	if err := r.SetSetting(ctx, "a", "b"); err == nil {
		t.Fatal("a reader wrote")
	}
	commit(t, w, cycle.Step{Link: cycle.Link{ID: 1}, Out: []cycle.Row{{Side: record.Marketo}}})
	if status, err = r.Status(ctx); err != nil || status.Backlog.ToMarketo != 0 {
		t.Fatalf("a reader does not see what was written since (%v)", err)
	}
}

func TestAReaderWithoutKeysSeesNoValues(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pair.db")
	ctx := context.Background()
	w := openFile(t, path)
	s := withRow(pair(), update(change(0, "Eve")))
	s.Holds = []cycle.Hold{{Field: 1, Cause: "conflict", Salesforce: record.Of("Eve")}}
	s.Events = []cycle.Event{{At: epoch, Kind: "written", Field: 0, New: record.Of("Eve")}}
	commit(t, w, s)
	r, err := store.OpenReadOnly(ctx, path, store.Keys{}, store.Options{Now: clock})
	must(t, err)
	defer closeOf(t, r)
	holds, err := r.Holds(ctx, 0, 10)
	must(t, err)
	events, err := r.EventsOf(ctx, 1, 10)
	must(t, err)
	found, err := r.FindPerson(ctx, "7")
	must(t, err)
	if len(holds) != 1 || !holds[0].Salesforce.IsBlank() || len(events) != 1 || !events[0].New.IsBlank() || len(found) != 1 {
		t.Fatal("a value was unsealed without a key, or something was not found")
	}
}

func TestWhatAFileCanBe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pair.db")
	ctx := context.Background()
	other, err := store.NewKeys(bytes.Repeat([]byte{7}, store.MasterSize))
	must(t, err)
	must(t, openFile(t, path).Close())
	if _, err := store.Open(ctx, path, other, store.Options{}); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("another key: %v", err)
	}
	if _, err := store.Open(ctx, path, store.Keys{}, store.Options{}); !errors.Is(err, store.ErrNoKey) {
		t.Errorf("no key: %v", err)
	}
	if _, err := store.OpenReadOnly(ctx, path+"x", store.Keys{}, store.Options{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no file: %v", err)
	}
	if err := opening(t, "/proc/pair.db"); !errors.Is(err, store.ErrReadOnly) && !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a folder that takes no files: %v", err)
	}
	must(t, openFile(t, path).Close()) // and none of it harmed the file
}

func TestADamagedFileIsSetAside(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, path string){
		"not a database": func(t *testing.T, path string) {
			must(t, os.WriteFile(path, []byte(strings.Repeat("this is a letter ", 500)), 0o600))
		},
		"torn pages after a crash": func(t *testing.T, path string) {
			w, err := store.Open(context.Background(), path, keys(t), store.Options{Now: clock})
			must(t, err)
			var steps []cycle.Step
			for range 4000 {
				steps = append(steps, cycle.Step{Link: cycle.Link{Object: record.Lead, State: cycle.Alone}, PutLink: true, Agreed: []cycle.Agreed{{Field: 30, Value: record.Of("x")}}})
			}
			commit(t, w, steps...)
			must(t, w.Close())
			torn := filepath.Join(t.TempDir(), "torn.db")
			must(t, copyFile(path, torn))
			// Open again and copy the log: the mark of a workspace that was not closed is in it.
			w, err = store.Open(context.Background(), path, keys(t), store.Options{Now: clock})
			must(t, err)
			must(t, copyFile(path+"-wal", torn+"-wal"))
			must(t, w.Close())
			content, err := os.ReadFile(torn)
			must(t, err)
			for at := 60 * 4096; at+2000 < len(content); at += 9 * 4096 {
				copy(content[at:], bytes.Repeat([]byte{0xee}, 2000))
			}
			must(t, os.WriteFile(path, content, 0o600))
			must(t, os.Rename(torn+"-wal", path+"-wal"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "pair.db")
			damage(t, path)
			err := opening(t, path)
			var broken *store.BrokenError
			if !errors.As(err, &broken) || broken.Aside == "" {
				t.Fatalf("a damaged file: %v", err)
			}
			if _, err := os.Stat(broken.Aside); err != nil {
				t.Fatalf("it was not kept: %v", err)
			}
			must(t, openFile(t, path).Close()) // the next start begins afresh
			must(t, store.Remove(path))
			left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "pair*"))
			must(t, err)
			if len(left) > 0 {
				t.Errorf("forgetting left %v", left)
			}
		})
	}
}

func TestABackupThatWasPutBackIsNoticed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pair.db")
	open := func() *store.Workspace {
		t.Helper()
		w, err := store.Open(context.Background(), path, keys(t), store.Options{Now: clock})
		must(t, err)
		return w
	}
	for range 2 {
		w := open()
		if w.Restored {
			t.Fatal("an ordinary start was taken for a backup")
		}
		closeOf(t, w)
	}
	must(t, copyFile(path, path+".backup"))
	closeOf(t, open())
	must(t, os.Rename(path+".backup", path))
	w := open()
	restored := w.Restored
	closeOf(t, w)
	if !restored {
		t.Fatal("a backup that was put back was not noticed")
	}
	w = open()
	defer closeOf(t, w)
	if w.Restored {
		t.Fatal("it was noticed twice")
	}
}

func TestNobodysDataIsReadableOnTheDisk(t *testing.T) {
	dir := t.TempDir()
	w := openFile(t, filepath.Join(dir, "pair.db"))
	secret := record.Of("Wilhelmina-Jansen@example.com")
	s := pair()
	s.Emails = map[record.Side]record.Value{record.Salesforce: secret, record.Marketo: secret}
	s.Agreed = []cycle.Agreed{{Field: 0, Value: secret}}
	s.Out = []cycle.Row{update(cycle.Change{Field: 0, Value: secret})}
	s.Holds = []cycle.Hold{{Field: 1, Salesforce: secret, Marketo: secret}}
	s.Events = []cycle.Event{{Kind: "written", Old: secret, New: secret}}
	commit(t, w, s)
	stage := openStage(t, w)
	must(t, stage.Put(context.Background(), "f", "1", []record.Record{lead(1, secret.Text(), ""), person(1, secret.Text(), "")}))
	must(t, stage.Close())
	files, err := os.ReadDir(dir)
	must(t, err)
	for _, f := range files {
		content, err := os.ReadFile(filepath.Join(dir, f.Name()))
		must(t, err)
		for _, part := range []string{"Wilhelmina", "wilhelmina", "Jansen", "jansen@"} {
			if bytes.Contains(content, []byte(part)) {
				t.Errorf("%s tells about a person", f.Name())
			}
		}
		info, err := f.Info()
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s can be read by others: %v", f.Name(), info.Mode())
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", keys(t), keys(t), keys(t)); text != "*** *** ***" {
		t.Errorf("keys print as %q", text)
	}
}

func TestAWorkspaceLivesInABubbleOfTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pair.db")
	synctest.Test(t, func(t *testing.T) {
		for _, open := range []func() (*store.Workspace, error){
			func() (*store.Workspace, error) {
				return store.Open(context.Background(), path, keys(t), store.Options{})
			},
			func() (*store.Workspace, error) {
				return store.OpenMemory(context.Background(), keys(t), store.Options{})
			},
		} {
			w, err := open()
			must(t, err)
			row := withRow(pair(), update(change(0, "Eve")))
			row.Out[0].Since = time.Now()
			commit(t, w, row)
			time.Sleep(time.Hour)
			b, err := w.Backlog(context.Background())
			must(t, err)
			if b.Oldest != time.Hour {
				t.Errorf("the oldest waits for %v", b.Oldest)
			}
			closeOf(t, w)
			closeOf(t, w)
			if err := w.SetSetting(context.Background(), "a", "b"); !errors.Is(err, store.ErrClosed) {
				t.Errorf("a closed workspace: %v", err)
			}
		}
	})
}

func TestACancelledCallChangesNothing(t *testing.T) {
	w := openMemory(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.CommitPage(ctx, cycle.Page{Steps: []cycle.Step{pair()}}); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
	if known(t, w, record.Marketo, "7").Link.ID != 0 {
		t.Fatal("a cancelled page was kept")
	}
}
