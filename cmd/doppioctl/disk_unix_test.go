//go:build unix

package main

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// A disk that takes no more, wherever in a first sync that is, costs nothing but the run: with more room the next one ends
// where an undisturbed one ends.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	peace := peaceful(t)
	d := newDesk(t, fewPeople)
	d.connects()
	stops := d.fuller(40, "sync", workspace, "--once")
	if stops < 3 {
		t.Errorf("the disk was full only %d times", stops)
	}
	d.settles()
	agree(t, "after a full disk", peace, d)
	d.sound()
}

// fuller runs doppioctl on a disk that takes so many blocks of 512 bytes for the largest file, then twice as many, until it gets
// through, and counts how often the disk was full. Each time it must say so.
func (d *desk) fuller(blocks int, args ...string) (stops int) {
	d.t.Helper()
	for ; ; blocks += blocks {
		cmd := d.command(d.t.Context(), append([]string{"--json"}, args...)...)
		cmd.Args = append([]string{"sh", "-c", `ulimit -f "$0" && exec "$@"`, strconv.Itoa(blocks), cmd.Path}, cmd.Args[1:]...)
		var err error
		if cmd.Path, err = exec.LookPath("sh"); err != nil {
			d.t.Fatal(err)
		}
		stdout, stderr, code := d.ends(cmd)
		if err := oneDocument(stdout, &struct{}{}); err != nil {
			d.t.Error(err)
		}
		if code == 0 || code == 3 {
			return stops
		}
		if stops++; code != 1 || !strings.Contains(stderr, "disk") || !strings.Contains(stderr, "try again: nothing was lost") || strings.Count(stderr, "\n") != 1 {
			d.t.Fatalf("%v with %d blocks ended with %d: %s", args, blocks, code, stderr)
		}
	}
}

// Nor does a full disk cost anything later on: members, tasks, opportunities and custom objects, a filter that is set, a formula that
// comes at night, what is put back. A workspace whose forgetting met a full
// disk is forgotten whole by asking again.
func TestNoRoomLater(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	full := func(least int, args ...string) {
		t.Helper()
		if stops := o.fuller(1, args...); stops < least {
			t.Errorf("%v met a full disk %d times", args, stops)
		}
	}
	o.works()
	full(3, "sync", workspace, "--once")
	o.settles()
	o.whole("after a day on a full disk")

	before := o.once().Cycle.N
	_, err := o.pair.Edit(sandbox.Edit{Sides: []record.Side{record.Salesforce}, People: 20, Seed: 99, Fields: []string{"Title"}})
	o.must(err)
	titles := o.titles()
	o.settles()
	full(3, "undo", workspace, "--cycle", strconv.Itoa(before+1), "--yes")
	o.settles()
	o.whole("after putting back on a full disk")
	if now := o.titles(); maps.Equal(now, titles) {
		t.Error("nothing was put back")
	}

	filter := o.file("filter.txt", `lead where Country is not "Nowhere" and LastName is filled`)
	full(3, "filter", workspace, "set", filter, "--yes")
	full(1, "sync", workspace, "--once")
	if shown := o.does("filter", workspace, "show"); !strings.Contains(shown, "Nowhere") {
		t.Errorf("the filter is %q", shown)
	}
	o.settles()
	o.whole("after a filter that was set on a full disk")

	full(1, "settings", workspace, "set", "every=10m")
	full(1, "rules", workspace, "set", filepath.Join(o.home, "rules.json"))
	full(1, "mapping", workspace, "link", strconv.Itoa(o.event.Program), "--remove")
	o.does("workspace", "new", "another") // whose secret stays: the file of secrets is written anew
	o.does("setup", "another", "key", "--out", filepath.Join(o.home, "another.crt"))
	full(1, "workspace", "forget", workspace, "--yes")
	if left, err := filepath.Glob(filepath.Join(o.home, "doppio", "workspaces", "*")); err != nil || len(left) != 1 || filepath.Base(left[0]) != "another" {
		t.Errorf("forgotten, but there is %v, %v", left, err)
	}
	o.refused(2, "no such workspace", nil, "workspace", "forget", workspace, "--yes")
}

// titles are those of all leads.
func (o *office) titles() map[string]string {
	titles := map[string]string{}
	o.pair.Org().Each("Lead", func(id string, get func(string) (string, bool)) bool {
		titles[id], _ = get("Title")
		return true
	})
	return titles
}

// In a folder that may not be written to, whatever writes ends with 1 and says so, whatever shows works, and nothing changes.
func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	d := peaceful(t)
	everybodyEnters(t, filepath.Dir(binary), d.home)
	lock := func(file, folder fs.FileMode) {
		t.Helper()
		err := filepath.WalkDir(filepath.Join(d.home, "doppio"), func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if e.IsDir() {
				return os.Chmod(path, folder)
			}
			return os.Chmod(path, file)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	lock(0o444, 0o555)
	t.Cleanup(func() { lock(0o600, 0o700) })
	run := func(args ...string) (string, string, int) {
		cmd := d.command(t.Context(), args...)
		if os.Geteuid() == 0 { // whom no permission stops
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		return d.ends(cmd)
	}
	for _, args := range [][]string{
		{"sync", workspace, "--once"}, {"mode", workspace, "observe"}, {"settings", workspace, "set", "every=10m"},
		{"workspace", "new", "other"}, {"workspace", "forget", workspace, "--yes"},
	} {
		_, stderr, code := run(args...)
		if code != 1 || !strings.Contains(stderr, "check its permissions") || strings.Count(stderr, "\n") != 1 || strings.Contains(stderr, "network") {
			t.Errorf("%v ended with %d: %s", args, code, stderr)
		}
	}
	for _, args := range [][]string{{"status", workspace}, {"failures", workspace}, {"workspace", "list"}, {"workspace", "show", workspace}, {"settings", workspace, "show"}} {
		if _, stderr, code := run(args...); code != 0 {
			t.Errorf("%v ended with %d: %s", args, code, stderr)
		}
	}
	lock(0o600, 0o700)
	if c := d.once(); c.Cycle.Writes.Salesforce+c.Cycle.Writes.Marketo != 0 {
		t.Errorf("afterwards %+v is written", c.Cycle.Writes)
	}
}

// everybodyEnters opens folders, and those that they lie in below the folder of temporary files.
func everybodyEnters(t *testing.T, folders ...string) {
	t.Helper()
	top := filepath.Clean(os.TempDir())
	for _, folder := range folders {
		for ; strings.HasPrefix(folder, top+"/"); folder = filepath.Dir(folder) {
			if err := os.Chmod(folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
}
