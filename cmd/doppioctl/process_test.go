package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/doppio-sync/doppio/engine/sandbox"
)

// binary is doppioctl as it is shipped: without a C compiler and without the race detector.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "doppioctl")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(folder)
		binary = filepath.Join(folder, "doppioctl")
		build := exec.Command("go", "build", "-o", binary, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "doppioctl does not build: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// desk is a computer with doppioctl on it, and an imitated pair that it reaches over real sockets.
type desk struct {
	t    *testing.T
	home string
	pair *sandbox.Pair
	base *sandbox.Server
	env  []string
	// program is doppioctl.
	program string

	*traffic
}

// traffic is what goes through to the pair.
type traffic struct {
	mu   sync.Mutex
	call func(n int, w http.ResponseWriter, r *http.Request, serve http.Handler) // nil: just serve
	n    int
}

// in is the same desk in a test below.
func (d *desk) in(t *testing.T) *desk {
	there := *d
	there.t = t
	return &there
}

const (
	workspace  = "acme"
	passphrase = "correct horse battery staple"
)

// newDesk opens a pair and a home that is empty.
func newDesk(t *testing.T, o sandbox.Options) *desk {
	t.Helper()
	pair, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, home: t.TempDir(), pair: pair, program: binary, traffic: &traffic{}}
	pair.Salesforce, pair.Marketo = d.counting(pair.Salesforce), d.counting(pair.Marketo)
	if d.base, err = pair.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.base.Close(); err != nil {
			t.Error(err)
		}
	})
	c := pair.Credentials()
	d.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + d.home, "DOPPIO_HOME=" + filepath.Join(d.home, "doppio"), "DOPPIO_PASSPHRASE=" + passphrase,
		"DOPPIO_SALESFORCE_CLIENT_SECRET=" + c.Salesforce.ClientSecret, "DOPPIO_SALESFORCE_REFRESH_TOKEN=" + c.Salesforce.RefreshToken,
		"DOPPIO_MARKETO_CLIENT_SECRET=" + c.Marketo.ClientSecret,
	}
	return d
}

// counting hands each request to what watches.
func (d *desk) counting(serve http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		n, call := d.n, d.call
		d.n++
		d.mu.Unlock()
		if call == nil {
			serve.ServeHTTP(w, r)
			return
		}
		call(n, w, r, serve)
	})
}

// watch counts requests anew and lets call serve them.
func (d *desk) watch(call func(n int, w http.ResponseWriter, r *http.Request, serve http.Handler)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.n, d.call = 0, call
}

// connects makes a workspace and connects both sides, in mode Live.
func (d *desk) connects() {
	d.t.Helper()
	c := d.pair.Credentials()
	d.does("workspace", "new", workspace)
	d.does("connect", "salesforce", workspace, "--login-url", d.base.Salesforce, "--client-id", c.Salesforce.ClientID, "--flow", "refresh-token")
	d.does("connect", "marketo", workspace, "--base-url", d.base.Marketo, "--client-id", c.Marketo.ClientID)
	d.does("mode", workspace, "live")
}

// command is doppioctl with arguments, not started yet.
func (d *desk) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, d.program, append([]string{"--secrets", "file"}, args...)...)
	cmd.Env = slices.Clone(d.env)
	return cmd
}

// run runs doppioctl to its end.
func (d *desk) run(args ...string) (stdout, stderr string, code int) {
	d.t.Helper()
	return d.runWith(nil, args...)
}

// runWith is run with another environment on top.
func (d *desk) runWith(env []string, args ...string) (stdout, stderr string, code int) {
	d.t.Helper()
	cmd := d.command(d.t.Context(), args...)
	cmd.Env = append(cmd.Env, env...)
	return d.ends(cmd)
}

// ends runs a command to its end.
func (d *desk) ends(cmd *exec.Cmd) (stdout, stderr string, code int) {
	d.t.Helper()
	return d.endsOrIsEnded(cmd, make(chan struct{}))
}

// endsOrIsEnded is ends for a command that is sent signals meanwhile: ready is closed when it can take them.
func (d *desk) endsOrIsEnded(cmd *exec.Cmd, ready chan<- struct{}) (stdout, stderr string, code int) {
	d.t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	close(ready)
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		d.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// does runs what must end with 0, or with 3 because failures or holds are open.
func (d *desk) does(args ...string) string {
	d.t.Helper()
	stdout, stderr, code := d.run(args...)
	if code != 0 && code != 3 {
		d.t.Fatalf("doppioctl %v ended with %d: %s", args, code, stderr)
	}
	return stdout
}

// cycle is what sync --once --json says.
type cycleJSON struct {
	Cycle struct {
		N             int
		Calls, Writes struct{ Salesforce, Marketo int }
		Failed, Held  int
	}
}

// once runs one cycle.
func (d *desk) once() cycleJSON {
	d.t.Helper()
	var c cycleJSON
	if err := json.Unmarshal([]byte(d.does("sync", workspace, "--once", "--json")), &c); err != nil {
		d.t.Fatal(err)
	}
	return c
}

// settles runs cycles until one writes nothing.
func (d *desk) settles() {
	d.t.Helper()
	for range 5 {
		if c := d.once(); c.Cycle.Writes.Salesforce+c.Cycle.Writes.Marketo == 0 {
			return
		}
	}
	d.t.Error("the pair does not come to rest")
}
