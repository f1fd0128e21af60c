//go:build unix

package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// A disk that takes no more, wherever in a first sync that is, costs nothing but the run: with more room the next one ends
// where an undisturbed one ends.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	peace := peaceful(t)
	d := newDesk(t, fewPeople)
	d.connects()
	stops := 0
	for blocks := 40; ; blocks += blocks / 2 { // of 512 bytes, for the largest file
		cmd := d.command(t.Context(), "--json", "sync", workspace, "--once")
		cmd.Args = append([]string{"sh", "-c", `ulimit -f "$0" && exec "$@"`, strconv.Itoa(blocks), cmd.Path}, cmd.Args[1:]...)
		var err error
		if cmd.Path, err = exec.LookPath("sh"); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, code := d.ends(cmd)
		if err := oneDocument(stdout, &struct{}{}); err != nil {
			t.Error(err)
		}
		if code == 0 || code == 3 {
			break
		}
		stops++
		if code != 1 || !strings.Contains(stderr, "disk") || !strings.Contains(stderr, "try again: nothing was lost") || strings.Count(stderr, "\n") != 1 {
			t.Fatalf("with %d blocks it ended with %d: %s", blocks, code, stderr)
		}
	}
	if stops < 3 {
		t.Errorf("the disk was full only %d times", stops)
	}
	d.settles()
	agree(t, "after a full disk", peace, d)
	d.sound()
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
