//go:build window

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/sandbox/callback"
)

// journey is a person at the real window, with a keyboard, a browser and a keychain.
type journey struct {
	t       *testing.T
	name    string // of the workspace
	ctx     context.Context
	home    string
	program string
	path    string // a folder with the xdg-open that this computer has
	browser context.Context
	pair    *sandbox.Pair
	served  *sandbox.Server
	app     *app.App
	acts    int // what a person did on purpose: fields filled, keys pressed to go on
	shots   string
	window  *exec.Cmd
	log     bytes.Buffer
	ended   chan error
}

// TestJourney goes from the start page to the first people in step by keyboard alone: it fills what is asked for, signs in to Salesforce in a
// real browser, is killed at each step and taken up there again, and counts what it had to do.
func TestJourney(t *testing.T) {
	if os.Getenv("DISPLAY") == "" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		t.Fatal("no display, or no session bus: run this under Xvfb with a keychain")
	}
	j := newJourney(t, sandbox.Options{People: 60, Seed: 3})
	c := j.pair.Credentials()
	j.open()
	j.key("ctrl+n")
	j.settles()
	j.fill(0, j.served.Salesforce, 1, j.name, 5, c.Salesforce.ClientID)
	j.on("signin")

	j.again("signin")
	j.act(func() {
		j.signsIn(func() { j.act(func() { j.key("ctrl+Return") }) }, c.Salesforce.Username, c.Salesforce.Password)
	})
	j.on("rights")
	j.again("rights")
	j.on("marketo")
	j.again("marketo")
	j.fill(0, j.served.Marketo, 1, c.Marketo.ClientID, 1, c.Marketo.ClientSecret)
	for _, step := range []string{"fields", "filter", "rules", "rehearsal", "live"} {
		j.on(step)
		j.again(step)
	}
	if writes := j.writes(); writes != 0 {
		t.Errorf("%d records were written before anybody said so", writes)
	}
	j.act(func() { j.key("Return") }) // the first ten people
	until(j.ctx, t, &j.log, func() bool { return j.writes() > 0 })
	j.settles()
	j.shot("ten")
	if tenth := j.writes(); tenth > 40 {
		t.Errorf("ten people are %d writes", tenth)
	}
	if j.acts > 25 {
		t.Errorf("the first ten people took %d acts", j.acts)
	}
	j.on("")
	until(j.ctx, t, &j.log, func() bool { // two values that Salesforce does not take, as the rehearsal foretold
		truth := j.pair.Truth()
		return truth.OnlySalesforce == 0 && truth.Differences <= 2
	})
	if twice := j.pair.Truth().CreatedTwice; twice != 0 {
		t.Errorf("%d were created twice", twice)
	}
	j.settles()
	j.shot("overview")
	j.close()
}

func newJourney(t *testing.T, o sandbox.Options) *journey {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	t.Cleanup(cancel)
	j := &journey{t: t, ctx: ctx, name: "Acme", home: t.TempDir(), program: filepath.Join(t.TempDir(), "doppio"), path: t.TempDir(), shots: os.Getenv("DOPPIO_JOURNEY_PICTURES")}
	if out, err := exec.Command("go", "build", "-tags", "migrated_fynedo,netgo,osusergo", "-o", j.program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	var err error
	if j.pair, err = sandbox.New(o); err != nil {
		t.Fatal(err)
	}
	if j.served, err = j.pair.Listen(ctx, "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.served.Close(); err != nil {
			t.Error(err)
		}
	})
	opener := fmt.Sprintf("#!/bin/sh\nprintf %%s \"$1\" > %q.part && mv %q.part %q\n", j.asked(), j.asked(), j.asked())
	if err := os.WriteFile(filepath.Join(j.path, "xdg-open"), []byte(opener), 0o700); err != nil {
		t.Fatal(err)
	}
	if j.app, err = app.New(app.Options{Home: j.home, Secrets: app.SecretsMemory}); err != nil {
		t.Fatal(err)
	}
	j.browser = browser(t)
	return j
}

// asked is the file with the address that Doppio wants to show in the browser.
func (j *journey) asked() string { return filepath.Join(j.path, "address") }

// open starts the program and waits for its window.
func (j *journey) open() {
	j.t.Helper()
	release := holdsDisplay(j.t)
	j.window = opens(j.ctx, &j.log, j.program, "--theme", "light", "--home", j.home)
	j.window.Env = append(j.window.Env, "PATH="+j.path+":"+os.Getenv("PATH"))
	if err := j.window.Start(); err != nil {
		j.t.Fatal(err)
	}
	j.ended = make(chan error, 1)
	go func(w *exec.Cmd, ended chan<- error) { ended <- w.Wait() }(j.window, j.ended)
	until(j.ctx, j.t, &j.log, func() bool { return covered(j.ctx, 0x8a4b22) > 1000 }) // the start page's button
	release()
	j.settles()
}

// again kills the program and takes the set-up up again: it is at the step where it was.
func (j *journey) again(step string) {
	j.t.Helper()
	j.kill()
	j.takesUp(step)
}

func (j *journey) kill() {
	j.t.Helper()
	if err := j.window.Process.Kill(); err != nil {
		j.t.Fatal(err)
	}
	<-j.ended
}

// takesUp starts the program and takes the set-up up: it is at the step where it was.
func (j *journey) takesUp(step string) {
	j.t.Helper()
	j.open()
	for range 5 { // past the three doors and Forget
		j.key("Tab")
	}
	j.settles()
	j.shot("start-" + step)
	j.key("Return")
	until(j.ctx, j.t, &j.log, func() bool { return covered(j.ctx, 0xefe9e3) > 10_000 }) // its sidebar
	j.settles()
	if at := j.step(); at != step {
		j.t.Fatalf("taken up the set-up stands at %q, not at %q", at, step)
	}
	j.shot(step + "-again")
}

// step is where the set-up stands, as another process sees it.
func (j *journey) step() string {
	step, err := j.app.SetupStep(j.ctx, j.name)
	if err != nil {
		return ""
	}
	at, _, _ := strings.Cut(step, " ")
	return at
}

// writes are the records that either side was made to change.
func (j *journey) writes() int {
	seen := j.pair.Journal()
	return seen.Salesforce.Writes + seen.Marketo.Writes
}

// act counts something that a person does on purpose.
func (j *journey) act(do func()) {
	j.acts++
	do()
}

// fill goes on by a number of Tabs and types, as often as told.
func (j *journey) fill(pairs ...any) {
	j.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		for range pairs[i].(int) {
			j.key("Tab")
		}
		j.act(func() { j.xdotool("type", "--delay", "12", pairs[i+1].(string)) })
	}
	j.settles()
}

// on goes on to a step, as soon as the page lets one.
func (j *journey) on(step string) {
	j.t.Helper()
	j.shot("before-" + step)
	j.acts++
	pressed := time.Time{}
	until(j.ctx, j.t, &j.log, func() bool {
		if j.step() == step {
			return true
		}
		if time.Since(pressed) > 3*time.Second {
			j.key("ctrl+Return")
			pressed = time.Now()
		}
		return false
	})
	j.settles()
	j.shot(step)
}

// signsIn presses what wants a sign-in, waits for the address that is to be shown, and signs in there.
func (j *journey) signsIn(press func(), username, password string) {
	j.t.Helper()
	defer callback.Alone(j.t)()
	press()
	until(j.ctx, j.t, &j.log, func() bool { _, err := os.Stat(j.asked()); return err == nil })
	address, err := os.ReadFile(j.asked())
	if err != nil {
		j.t.Fatal(err)
	}
	page, err := signIn(j.browser, string(address), username, password, "allow")
	if err != nil || !strings.Contains(page, "Signed in") {
		j.t.Fatalf("the browser shows %q, %v", page, err)
	}
	j.settles()
}

// close ends the program as a person does.
func (j *journey) close() {
	j.t.Helper()
	if err := closed(j.ended, func() { j.key("ctrl+q") }); err != nil {
		j.t.Errorf("the app ended with %v\n%s", err, j.log.String())
	}
}

func (j *journey) key(keys ...string) {
	j.xdotool(append([]string{"key", "--delay", "40"}, keys...)...)
}

func (j *journey) xdotool(args ...string) {
	j.t.Helper()
	args = append([]string{"search", "--onlyvisible", "--name", "Doppio", "windowfocus"}, args...)
	if out, err := exec.CommandContext(j.ctx, "xdotool", args...).CombinedOutput(); err != nil {
		j.t.Logf("xdotool: %v: %s", err, out)
	}
}

// settles waits until the screen stays as it is.
func (j *journey) settles() {
	j.t.Helper()
	var last []byte
	until(j.ctx, j.t, &j.log, func() bool {
		shot, err := exec.CommandContext(j.ctx, "import", "-silent", "-window", "root", "ppm:-").Output()
		same := err == nil && bytes.Equal(shot, last)
		last = shot
		return same
	})
}

// shot takes a picture where one is wanted.
func (j *journey) shot(name string) {
	if j.shots == "" {
		return
	}
	if out, err := exec.CommandContext(j.ctx, "import", "-silent", "-window", "root", filepath.Join(j.shots, fmt.Sprintf("%02d-%s.png", j.acts, name))).CombinedOutput(); err != nil {
		j.t.Errorf("picture: %v: %s", err, out)
	}
}
