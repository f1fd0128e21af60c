package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// fewPeople is the pair of the tests below: large enough for a first sync with several pages and writes on both sides.
var fewPeople = sandbox.Options{People: 300, Seed: 5}

// peaceful is a desk whose first sync nothing disturbed.
func peaceful(t *testing.T) *desk {
	d := newDesk(t, fewPeople)
	d.connects()
	d.settles()
	return d
}

// A first sync that is interrupted, or whose network goes away, at its beginning, in its middle or while it writes, keeps
// what was acknowledged: the next one ends where an undisturbed one ends.
func TestDisturbed(t *testing.T) {
	t.Parallel()
	peace := peaceful(t)
	most := peace.requests()
	for name, trouble := range map[string]struct {
		code int
		says string
		does func(end func(), w http.ResponseWriter, r *http.Request, serve http.Handler)
		last bool // it stays so
	}{
		"interrupted": {code: 130, says: "Stopped. What was acknowledged is kept", does: func(end func(), w http.ResponseWriter, r *http.Request, serve http.Handler) {
			end()
			serve.ServeHTTP(w, r)
		}},
		"cut off": {code: 1, says: "Doppio tries again", last: true, does: func(func(), http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }},
		"the last ones unanswered": {code: 1, says: "Doppio tries again", last: true, does: func(_ func(), w http.ResponseWriter, r *http.Request, serve http.Handler) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			if strings.HasSuffix(r.URL.Path, "/composite") && bytes.Contains(body, []byte(`"PATCH"`)) { // ids, which a first sync writes last
				serve.ServeHTTP(&unheard{header: http.Header{}}, r)
				panic(http.ErrAbortHandler)
			}
			serve.ServeHTTP(w, r)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, fewPeople)
			d.connects()
			for _, at := range []int{0, most / 3, most / 3} { // counted from where the last one ended
				cmd := d.command(t.Context(), "--json", "sync", workspace, "--once")
				ready := make(chan struct{})
				var disturbed atomic.Bool // what is left may take fewer requests
				d.watch(func(n int, w http.ResponseWriter, r *http.Request, serve http.Handler) {
					if n == at || n > at && trouble.last {
						disturbed.Store(true)
						trouble.does(func() {
							<-ready
							if err := cmd.Process.Signal(os.Interrupt); err != nil {
								t.Error(err)
							}
						}, w, r, serve)
						return
					}
					serve.ServeHTTP(w, r)
				})
				stdout, stderr, code := d.endsOrIsEnded(cmd, ready)
				d.watch(nil)
				if !disturbed.Load() && code == 0 && at > 0 {
					break
				}
				var document map[string]any
				if err := oneDocument(stdout, &document); err != nil || code != trouble.code || !strings.Contains(stderr, trouble.says) || document["error"] == "" {
					t.Errorf("at request %d it ended with %d, says %q, %v", at, code, stderr, err)
				}
			}
			d.settles()
			agree(t, name, peace, d)
			d.sound()
		})
	}
}

// While one process syncs, whatever would write is refused with 7, and whatever shows works.
func TestSecondProcess(t *testing.T) {
	t.Parallel()
	d := newDesk(t, fewPeople)
	d.connects()
	c := d.pair.Credentials()
	reached, goOn := make(chan struct{}), make(chan struct{})
	d.watch(func(n int, w http.ResponseWriter, r *http.Request, serve http.Handler) {
		if n == 8 {
			close(reached)
			<-goOn
		}
		serve.ServeHTTP(w, r)
	})
	first := d.command(t.Context(), "sync", workspace, "--once")
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	<-reached
	for _, args := range [][]string{
		{"sync", workspace, "--once"}, {"mode", workspace, "observe"}, {"settings", workspace, "set", "every=10m"}, {"retry", workspace, "--all"},
		{"resolve", workspace, "1", "--skip"}, {"workspace", "forget", workspace, "--yes"},
		{"connect", "marketo", workspace, "--base-url", d.base.Marketo, "--client-id", c.Marketo.ClientID},
	} {
		d.refused(7, "in use by another process; close it there first", nil, args...)
	}
	for _, args := range [][]string{
		{"status", workspace}, {"failures", workspace}, {"holds", workspace}, {"explain", workspace, "1"}, {"settings", workspace, "show"},
		{"workspace", "show", workspace}, {"workspace", "list"}, {"check", workspace},
	} {
		if _, stderr, code := d.run(args...); code != 0 {
			t.Errorf("%v beside a running sync ended with %d: %s", args, code, stderr)
		}
	}
	close(goOn)
	if err := first.Wait(); err != nil && first.ProcessState.ExitCode() != 3 {
		t.Errorf("the first process ended with %v", err)
	}
	d.watch(nil)
	d.settles()
}

// The brake stops with 6 before the first write, the share of calls with 5, and Marketo's own sync refuses live with 2;
// each says how to go on, and that works.
func TestStopped(t *testing.T) {
	t.Parallel()
	d := newDesk(t, fewPeople)
	d.connects()
	d.settles()
	edit := func(seed uint64) {
		t.Helper()
		if _, err := d.pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: 60, Seed: seed}); err != nil {
			t.Fatal(err)
		}
	}
	wrote := func() int { return d.pair.Journal().Of(record.Marketo).Writes }

	d.does("settings", workspace, "set", "brake_percent=1", "brake_records=10")
	edit(1)
	before := wrote()
	for _, flags := range [][]string{nil, {"--json"}} {
		stdout, stderr, code := d.run(append(flags, "sync", workspace, "--once")...)
		if code != 6 || !strings.Contains(stderr, "--resume") || wrote() != before {
			t.Errorf("the brake ended with %d after %d writes: %s", code, wrote()-before, stderr)
		}
		if flags != nil {
			if err := oneDocument(stdout, &struct{}{}); err != nil {
				t.Error(err)
			}
		}
	}
	if holds := d.does("holds", workspace, "--json"); !strings.Contains(holds, `"cause":"brake"`) {
		t.Errorf("the brake is no decision that waits: %s", holds)
	}
	d.does("sync", workspace, "--resume")
	if wrote() == before {
		t.Error("--resume took nothing up")
	}
	edit(2)
	before = wrote()
	d.does("sync", workspace, "--once", "--allow-brake")
	if wrote() == before {
		t.Error("--allow-brake wrote nothing")
	}

	edit(3)
	d.does("settings", workspace, "set", "marketo_daily_calls=100", "share_marketo=1", "brake_percent=20", "brake_records=100")
	for _, flags := range [][]string{{}, {"--resume"}} {
		if _, stderr, code := d.run(append([]string{"sync", workspace, "--once"}, flags...)...); code != 5 || !strings.Contains(stderr, "Raise the share") {
			t.Errorf("without calls left it ended with %d: %s", code, stderr)
		}
	}
	d.does("settings", workspace, "set", "marketo_daily_calls=50000", "share_marketo=50")
	d.settles()

	native := newDesk(t, sandbox.Options{People: 20, Seed: 5, NativeSync: true})
	c := native.pair.Credentials()
	native.does("workspace", "new", workspace)
	native.does("connect", "salesforce", workspace, "--login-url", native.base.Salesforce, "--client-id", c.Salesforce.ClientID, "--flow", "refresh-token")
	native.does("connect", "marketo", workspace, "--base-url", native.base.Marketo, "--client-id", c.Marketo.ClientID)
	native.refused(2, "own sync with Salesforce is on", nil, "mode", workspace, "live")
	native.does("mode", workspace, "rehearse")
	native.does("sync", workspace, "--once")
}

// A file that is of a newer version, of another program, garbage, cut short or empty is never deleted nor written over; what
// is said of it leads to a workspace that works again.
func TestOtherFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t, fewPeople)
	d.connects()
	d.settles()
	peace := peaceful(t)
	path := filepath.Join(d.home, "doppio", "workspaces", workspace, "workspace.db")
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	newer := slices.Clone(sound)
	copy(newer[60:64], []byte{0, 0, 0, 99}) // the version stands there in a SQLite file
	foreign := slices.Clone(sound)
	copy(foreign[68:72], "Acme") // and the mark of the program here
	torn := slices.Clone(sound)
	for i := range 40 * 4096 {
		torn[10*4096+i] = byte(i * 7)
	}
	for name, file := range map[string]struct {
		content []byte
		says    string
		aside   bool
	}{
		"of a newer version":    {newer, "update Doppio", false},
		"of another program":    {foreign, "not one of Doppio's; move it away", false},
		"garbage":               {bytes.Repeat([]byte("what is this?"), 5000), "was damaged", true},
		"cut short":             {sound[:len(sound)/2], "was damaged", true},
		"overwritten in places": {torn, "was damaged", true},
		"empty":                 {nil, "was damaged", true},
	} {
		t.Run(name, func(t *testing.T) {
			d := d.in(t)
			session := path + ".session"
			noted, err := os.ReadFile(session)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path, file.content)
			stdout, stderr, code := d.run("--json", "sync", workspace, "--once")
			if code != 1 || !strings.Contains(stderr, file.says) || strings.Contains(stderr, "sqlite") {
				t.Errorf("ended with %d: %s", code, stderr)
			}
			if err := oneDocument(stdout, &struct{}{}); err != nil {
				t.Error(err)
			}
			kept := path
			if file.aside {
				found, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*-broken-*.db"))
				if err != nil || len(found) != 1 {
					t.Fatalf("set aside: %v, %v", found, err)
				}
				kept = found[0]
				if !strings.Contains(stderr, kept) {
					t.Errorf("it is not said where the file lies: %s", stderr)
				}
				d.refused(2, kept, nil, "sync", workspace, "--once")
			}
			if content, err := os.ReadFile(kept); err != nil || !bytes.Equal(content, file.content) {
				t.Errorf("the file is not what it was: %d of %d bytes, %v", len(content), len(file.content), err)
			}
			if list := d.does("workspace", "list"); !strings.Contains(list, workspace+": ") {
				t.Errorf("the list does not say what is wrong: %s", list)
			}
			if file.aside { // made anew, it finds its way; the key still opens the backup afterwards
				d.does("workspace", "new", workspace)
				c := d.pair.Credentials()
				d.does("connect", "salesforce", workspace, "--login-url", d.base.Salesforce, "--client-id", c.Salesforce.ClientID, "--flow", "refresh-token")
				d.does("connect", "marketo", workspace, "--base-url", d.base.Marketo, "--client-id", c.Marketo.ClientID)
				d.does("mode", workspace, "live")
				d.settles()
				agree(t, "made anew", peace, d)
				if err := os.Remove(kept); err != nil {
					t.Fatal(err)
				}
			}
			write(t, path, sound) // the backup
			write(t, session, noted)
			d.settles()
			agree(t, "with its backup", peace, d)
		})
	}
	write(t, path, []byte("what is this?"))
	if _, _, code := d.run("sync", workspace, "--once"); code != 1 {
		t.Errorf("garbage was opened: %d", code)
	}
	d.does("workspace", "forget", workspace, "--yes")
	if left, err := filepath.Glob(filepath.Join(d.home, "doppio", "workspaces", "*")); err != nil || len(left) != 0 {
		t.Errorf("forgotten, but there is %v, %v", left, err)
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	for _, companion := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + companion); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
