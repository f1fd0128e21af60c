package main

import (
	"bufio"
	"fmt"
	"os"
	"testing"

	"github.com/doppio-sync/doppio/engine/sandbox"
)

// A sync that rests between two cycles holds at most 80 MB: neither what its passphrase was stretched in nor what the first sync took.
func TestRestIsSmall(t *testing.T) {
	d := newDesk(t, sandbox.Options{People: 300, Seed: 1})
	d.connects()
	cmd := d.command(t.Context(), "sync", workspace, "--every", "1h")
	told, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(told).ReadString('\n'); err != nil {
		t.Errorf("the sync tells of no cycle: %v", err)
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", cmd.Process.Pid))
	if err != nil {
		t.Error(err)
	}
	var size, resident int
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		t.Error(err)
	}
	if held := resident * os.Getpagesize() >> 20; held > 80 {
		t.Errorf("a sync at rest holds %d MB", held)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("the sync ends with %v", err)
	}
}
