//go:build !race

// As the simulated days: planted bugs need many lives, which the race detector makes ten times as long.
package app

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"testing"

	"github.com/doppio-sync/doppio/engine/cycle"
)

var plantedBug = flag.String("planted", "", "the bug that is planted in the engine in the model's lives, by its name among the planted bugs")

func init() {
	modelBug = func() func(cycle.Config) cycle.Config { return planted()[*plantedBug] }
}

// TestModelNotices plants one bug at a time between the engine and what it works with. The model must notice each within a few lives. Every
// bug has a process of its own: a check that fails, as it must, takes its test with it.
func TestModelNotices(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, bug := range []string{
		"a page keeps no outbox rows",
		"half of a page's steps are lost",
		"baselines move before the write",
		"the history keeps no value that was overwritten",
		"what a person has to decide is not kept",
		"what a person asked for is thrown away",
		"nothing is read afresh",
		"a creation is sent twice in Salesforce",
		"a field is left out of each write to Marketo",
		"a blank is not written to Marketo",
		"people who are new are not heard of in Marketo",
		"a log is read from now on only in Marketo",
	} {
		t.Run(bug, func(t *testing.T) {
			if planted()[bug] == nil {
				t.Fatal("there is no such bug")
			}
			out, err := exec.CommandContext(t.Context(), self, "-test.run=^TestModel$", "-planted="+bug, "-affairs=false", "-rapid.checks=100", "-rapid.seed=1", "-rapid.nofailfile", "-rapid.shrinktime=1ms").CombinedOutput()
			if err == nil || !bytes.Contains(out, []byte("[rapid] failed after")) {
				t.Errorf("a hundred lives noticed nothing: %v\n%s", err, out)
			}
		})
	}
}
