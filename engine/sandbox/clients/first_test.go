//go:build clients

package clients

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
)

// The program that Doppio's time is held against does the whole of a first sync: nearly everybody is on both sides in the end, and the
// same there.
func TestFirstSync(t *testing.T) {
	fetch(t)
	program := filepath.Join(t.TempDir(), "doppioctl")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../../cmd/doppioctl")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("doppioctl does not build: %v\n%s", err, out)
	}
	const people = 1000
	pair := served(t, people)
	credentials, err := json.Marshal(pair.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	bench := exec.CommandContext(t.Context(), program, "bench", "--part", "clients", "--clients", ".")
	bench.Stdin, bench.Stderr = bytes.NewReader(credentials), os.Stderr
	out, err := bench.Output()
	if err != nil {
		t.Fatal(err)
	}
	var done struct{ Written map[string]int }
	if err := json.Unmarshal(out, &done); err != nil {
		t.Fatal(err)
	}
	for _, side := range []record.Side{record.Salesforce, record.Marketo} {
		if says, wrote := done.Written[side.String()], pair.Journal().Of(side).Writes; says != wrote || wrote < people*9/10 {
			t.Errorf("%s: the program says that it wrote %d records, the journal %d", side, says, wrote)
		}
	}
	truth := pair.Truth()
	if truth.Linked < people*97/100 || truth.CreatedTwice != 0 || truth.Differences > people/50 {
		t.Errorf("%d are linked, %d created twice, %d differences", truth.Linked, truth.CreatedTwice, truth.Differences)
	}
}
