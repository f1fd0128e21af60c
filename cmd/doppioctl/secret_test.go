package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"fmt"
	"index/suffixarray"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unicode/utf16"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

var secretPeople = flag.Int("secret-people", 1000, "about how many people it is looked for what gives them away")

// shapes are a text in the shapes in which it could lie about: as it is, in hexadecimal, in both base64 alphabets at any of
// the three places where it could begin, in UTF-16.
func shapes(text string) [][]byte {
	raw := []byte(text)
	found := [][]byte{raw, []byte(hex.EncodeToString(raw)), []byte(strings.ToUpper(hex.EncodeToString(raw)))}
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			encoded := alphabet.EncodeToString(append(make([]byte, shift), raw...))
			found = append(found, []byte(encoded[(shift*8+5)/6:len(encoded)-1])) // without the characters shared with neighbours
		}
	}
	for first := range 2 {
		var wide []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			pair := [2]byte{byte(unit), byte(unit >> 8)}
			wide = append(wide, pair[first], pair[1-first])
		}
		found = append(found, wide)
	}
	return found
}

// secrets are all that the desk knows, by name.
func (d *desk) secrets() map[string]string {
	c := d.pair.Credentials()
	return map[string]string{
		"the client secret of Salesforce": c.Salesforce.ClientSecret, "the refresh token": c.Salesforce.RefreshToken,
		"the password": c.Salesforce.Password, "the client secret of Marketo": c.Marketo.ClientSecret, "the passphrase": passphrase,
	}
}

// secretFree fails when a secret is found in a text.
func (d *desk) secretFree(where, text string) {
	d.t.Helper()
	for name, secret := range d.secrets() {
		for _, shape := range shapes(secret) {
			if bytes.Contains([]byte(text), shape) {
				d.t.Errorf("%s is in %s", name, where)
			}
		}
	}
}

// discreet fails when a secret, or anything of the people, is found in a content. What was found is not printed.
func (d *desk) discreet(where string, content []byte, people []string) {
	d.t.Helper()
	d.secretFree(where, string(content))
	index := suffixarray.New(content)
	for _, text := range people {
		for i, shape := range shapes(text) {
			if len(index.Lookup(shape, 1)) > 0 {
				d.t.Errorf("a text of %d letters about a person is in %s (shape %d)", len(text), where, i)
				return
			}
		}
	}
}

// files are all that lies on the desk's disk, by path.
func (d *desk) files() map[string][]byte {
	d.t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(d.home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		found[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return found
}

func (d *desk) discreetFiles(when string, people []string) {
	d.t.Helper()
	for path, content := range d.files() {
		d.discreet(filepath.Base(path)+" "+when, content, people)
	}
}

// The seeker finds a text in every shape, wherever it begins.
func TestShapes(t *testing.T) {
	t.Parallel()
	const text = "anna.visser@kade12.example"
	for shift := range 6 {
		around := strings.Repeat("x", shift) + text + "yyyy"
		encodings := []string{
			around, hex.EncodeToString([]byte(around)), fmt.Sprintf("%X", around),
			base64.StdEncoding.EncodeToString([]byte(around)), base64.URLEncoding.EncodeToString([]byte(around)),
		}
		for _, encoded := range encodings {
			if !slices.ContainsFunc(shapes(text), func(shape []byte) bool { return strings.Contains(encoded, string(shape)) }) {
				t.Errorf("not found in %s", encoded)
			}
		}
	}
}

// Promises 9 and 10: whatever happens to a workspace, neither a secret nor anything about a person lies on the disk, goes into
// logs or messages, shows in a crash, or stands in the list of processes. Once forgotten, nothing is left at all.
func TestNothingIsGivenAway(t *testing.T) {
	t.Parallel()
	d := newDesk(t, sandbox.Options{People: *secretPeople, Seed: 5})
	d.connects()
	people := d.people()
	var said bytes.Buffer // all logs and messages
	syncs := func(format string) *exec.Cmd {
		cmd := d.command(t.Context(), "--log-level", "debug", "--log-format", format, "sync", workspace, "--once")
		cmd.Stderr, cmd.Stdout = &said, &said
		return cmd
	}
	// held lets a cycle come to a request, looks while nothing moves, and goes on as look has left it.
	held := func(cmd *exec.Cmd, at func(n int, r *http.Request) bool, look func()) {
		reached, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		var once sync.Once
		d.watch(func(n int, w http.ResponseWriter, r *http.Request, serve http.Handler) {
			if at(n, r) {
				once.Do(func() { close(reached) })
				<-goOn
			}
			serve.ServeHTTP(w, r)
		})
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go func() { ended <- cmd.Wait() }()
		select {
		case <-reached:
			look()
			close(goOn)
			<-ended // however it did
		case err := <-ended:
			t.Fatalf("it ended before there was anything to look at: %v", err)
		}
		d.watch(nil)
	}
	first := syncs("text")
	held(first, func(n int, _ *http.Request) bool { return n == 12 }, func() { // reading into the scratch file
		d.discreetFiles("while a first sync reads", people)
		d.discreet("the list of processes", commandLine(t, first.Process.Pid), people)
		if err := first.Process.Signal(syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
	})
	if !strings.Contains(said.String(), "goroutine") {
		t.Error("there is no crash output to look at")
	}
	d.discreetFiles("after a crash", people)
	second := syncs("json")
	held(second, func(_ int, r *http.Request) bool {
		return r.Method == http.MethodPost && r.URL.Path == "/rest/v1/leads.json"
	}, func() { // writing
		d.discreetFiles("while a first sync writes", people)
		if err := second.Process.Kill(); err != nil {
			t.Fatal(err)
		}
	})
	d.discreetFiles("after a killed process", people)
	for _, format := range []string{"text", "json"} {
		if _, err := d.pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce, record.Marketo}, People: 100, Seed: 3}); err != nil {
			t.Fatal(err)
		}
		if err := d.pair.Faults("rough"); err != nil {
			t.Fatal(err)
		}
		troubled := syncs(format)
		if err := troubled.Run(); err != nil && troubled.ProcessState.ExitCode() < 0 {
			t.Error(err)
		}
		if err := d.pair.Faults("none"); err != nil {
			t.Fatal(err)
		}
	}
	people = append(people, d.people()...) // and what the edits made of them
	d.settles()
	for _, args := range [][]string{{"status", workspace}, {"failures", workspace}, {"check", workspace}, {"workspace", "list"}, {"sync", workspace, "--rehearse", "--json"}} {
		fmt.Fprint(&said, d.does(args...))
	}
	if !strings.Contains(said.String(), "level=DEBUG") || !strings.Contains(said.String(), `"level":"DEBUG"`) {
		t.Error("there are no logs to look at")
	}
	if failures := d.does("failures", workspace, "--json"); !strings.Contains(failures, `"group"`) {
		t.Error("nothing was refused, so that nothing could be said of it")
	}
	user := d.pair.Credentials().Salesforce.Username // check says whom it signed in as; it is nobody's in the pair
	d.discreet("what was said and logged", bytes.ReplaceAll(said.Bytes(), []byte(user), nil), people)
	d.discreetFiles("at rest", append(people, user))

	d.does("workspace", "forget", workspace, "--yes")
	for path := range d.files() {
		if !strings.HasPrefix(filepath.Base(path), "secrets.age") {
			t.Errorf("forgotten, but %s is there", path)
		}
	}
	if entries, err := os.ReadDir(filepath.Join(d.home, "doppio", "workspaces")); err != nil || len(entries) != 0 {
		t.Errorf("forgotten, but there is a folder of it: %v, %v", entries, err)
	}
}

// commandLine is what a list of processes shows of one.
func commandLine(t *testing.T, pid int) []byte {
	t.Helper()
	if runtime.GOOS == "linux" {
		line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
		if err != nil || !bytes.Contains(line, []byte(workspace)) {
			t.Fatalf("the command line is %q, %v", line, err)
		}
		return line
	}
	line, err := exec.CommandContext(t.Context(), "ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		t.Fatal(err)
	}
	return line
}
