package version_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The version is told before anything dear is made ready: neither what draws nor what reads the command line.
func TestToldBeforeTheRest(t *testing.T) {
	program := filepath.Join(t.TempDir(), "doppioctl")
	build := exec.Command("go", "build", "-ldflags", "-X github.com/doppio-sync/doppio/cmd/doppioctl/version.Number=v1.2.3", "-o", program, "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("doppioctl does not build: %v\n%s", err, out)
	}
	for _, c := range []struct {
		args  []string
		early bool
		want  string
	}{
		{[]string{"version"}, true, "doppioctl v1.2.3\n"},
		{[]string{"version", "--json"}, true, `{"version":"v1.2.3"}` + "\n"},
		{[]string{"--json", "version"}, true, `{"version":"v1.2.3"}` + "\n"},
		{[]string{"--quiet", "version"}, false, "doppioctl v1.2.3\n"},
	} {
		var made strings.Builder
		command := exec.Command(program, c.args...)
		command.Env, command.Stderr = append(os.Environ(), "GODEBUG=inittrace=1"), &made
		out, err := command.Output()
		if err != nil || string(out) != c.want {
			t.Errorf("%v: %q, %v", c.args, out, err)
		}
		for _, dear := range []string{"encoding/json", "fyne.io/fyne/v2/lang", "github.com/doppio-sync/doppio/app", "main"} {
			if strings.Contains(made.String(), "init "+dear+" ") == c.early {
				t.Errorf("%v: %s is made ready: %t", c.args, dear, c.early)
			}
		}
	}
}
