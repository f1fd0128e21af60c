// Package doppio_test keeps the house in order: which room may import which.
package doppio_test

import (
	"bufio"
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/doppio-sync/doppio/"

// rooms says for each room which rooms it may import, and why the line is drawn there. A room is the longest entry that
// begins an import path. A package outside this table fails the test: a new room needs a place first.
var rooms = []struct {
	room string
	may  []string
	why  string
}{
	{"engine/record", nil, "the vocabulary imports nothing of ours"},
	{"engine/typo", nil, "how far two words are apart has nothing to do with what they name"},
	{"engine/schema", []string{"engine/record"}, "a mapping is made from descriptions, without talking to a side"},
	{"engine/setup", []string{"engine/record", "engine/schema", "engine/pace"}, "what an org has to grant is worked out from descriptions, without talking to a side"},
	{"engine/plan", []string{"engine/record", "engine/schema"}, "planning is pure"},
	{"engine/rule", []string{"engine/record", "engine/schema", "engine/typo", "assets/places"}, "rewriting is pure; the tables of places are data"},
	{"engine/filter", []string{"engine/record", "engine/typo"}, "a filter decides without talking to a side"},
	{"engine/price", []string{"engine/record", "engine/rule"}, "reckoning is pure"},
	{"engine/match", []string{"engine/record"}, "matching is pure"},
	{"engine/member", []string{"engine/record"}, "how a program and a campaign go together is pure"},
	{"engine/pace", []string{"engine/record"}, "both clients share it, so it knows neither"},
	{"engine/wire", []string{"engine/pace"}, "both clients share it, so it knows neither"},
	{"engine/salesforce", []string{"engine/record", "engine/pace", "engine/wire"}, "a client knows its own side only"},
	{"engine/marketo", []string{"engine/record", "engine/pace", "engine/wire"}, "a client knows its own side only"},
	{"engine/cycle", []string{"engine/record", "engine/schema", "engine/plan", "engine/rule", "engine/match", "engine/filter", "engine/member", "engine/pace", "engine/salesforce", "engine/marketo"}, "engine code never sees SQL or a screen"},
	{"engine/sandbox", []string{"engine/record", "engine/sandbox"}, "the imitated pair must not know the clients that it is to test"},
	{"store", []string{"engine/record", "engine/cycle", "store"}, "store code never sees HTTP"},
	{"assets", nil, "assets are data"},
	{"app", []string{"engine", "store", "assets", "app"}, "use cases draw nothing"},
	{"gui", []string{"app", "engine/record", "assets", "gui"}, "the window knows use cases, never the cycle, the store or HTTP"},
	{"cmd", []string{"gui", "app", "assets", "engine/record"}, "a command is flags and words around use cases"},
}

// TestImportsGoOneWayDown fails on an import that climbs. Tests may look further, so only the packages themselves count.
func TestImportsGoOneWayDown(t *testing.T) {
	out, err := exec.Command("go", "list", "-e", "-tags", "migrated_fynedo", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatalf("list the packages: %v", err)
	}
	seen := 0
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		path, ours := strings.CutPrefix(words[0], module)
		if !ours {
			continue
		}
		seen++
		checkImports(t, path, words[1:])
	}
	if seen < 10 {
		t.Fatalf("only %d packages were looked at", seen)
	}
}

func checkImports(t *testing.T, path string, imports []string) {
	t.Helper()
	room, may, why := roomOf(path)
	if room == "" {
		t.Errorf("%s has no place among the rooms: add it to the table", path)
		return
	}
	for _, imported := range imports {
		target, ours := strings.CutPrefix(imported, module)
		if ours && target != room && !within(target, append(may, room)) {
			t.Errorf("%s imports %s, which %s may not: %s", path, target, room, why)
		}
	}
}

func roomOf(path string) (string, []string, string) {
	for _, r := range rooms {
		if within(path, []string{r.room}) {
			return r.room, r.may, r.why
		}
	}
	return "", nil, ""
}

func within(path string, rooms []string) bool {
	for _, r := range rooms {
		if path == r || strings.HasPrefix(path, r+"/") {
			return true
		}
	}
	return false
}
