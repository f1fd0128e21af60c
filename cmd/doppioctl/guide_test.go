package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// guide are the pages for those who use Doppio.
func guide(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil || len(files) < 8 {
		t.Fatalf("only %d pages: %v", len(files), err)
	}
	pages := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pages[filepath.Base(file)] = string(text)
	}
	return pages
}

// Every command that the guide prints is one that doppioctl understands.
func TestTheGuidesCommands(t *testing.T) {
	printed := regexp.MustCompile("(?m)^doppioctl (.*)$|`doppioctl ([^`]*)`")
	words := regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`)
	said := regexp.MustCompile(`\s+#.*$|\s{4,}.*$|\s>.*$`) // what is said beside it
	n := 0
	for page, text := range guide(t) {
		for _, found := range printed.FindAllStringSubmatch(text, -1) {
			line := said.ReplaceAllString(found[1]+found[2], "")
			var args []string
			for _, word := range words.FindAllString(line, -1) {
				args = append(args, strings.NewReplacer(`"`, "", "'", "", "HOLD", "1", "ID", "1").Replace(word))
			}
			if len(args) < 2 || strings.Contains(line, "…") || strings.HasPrefix(args[0], "-") { // only mentioned
				continue
			}
			parser, err := kong.New(&cli{}, kong.Exit(func(int) {}), kong.Help(help))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parser.Parse(args); err != nil {
				t.Errorf("%s: doppioctl %s: %v", page, line, err)
			}
			n++
		}
	}
	if n < 40 {
		t.Errorf("only %d commands were found", n)
	}
}

// Every rule file that the guide prints can be set, and every filter that stands in one of its commands can be tried.
func TestTheGuidesFiles(t *testing.T) {
	t.Parallel()
	d := peaceful(t)
	fenced, expression := regexp.MustCompile("(?s)```json\n(\\{.*?)\n```"), regexp.MustCompile(`--expr '([^']*)'`)
	files, filters := 0, 0
	for page, text := range guide(t) {
		for _, found := range fenced.FindAllStringSubmatch(text, -1) {
			file := filepath.Join(d.home, "rules.json")
			if err := os.WriteFile(file, []byte(found[1]), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, stderr, code := d.run("rules", workspace, "set", file); code != 0 {
				t.Errorf("%s: a rule file is refused: %s", page, stderr)
			}
			files++
		}
		for _, found := range expression.FindAllStringSubmatch(text, -1) {
			if _, stderr, code := d.run("filter", workspace, "test", "--expr", found[1]); code != 0 {
				t.Errorf("%s: a filter is refused: %s", page, stderr)
			}
			filters++
		}
	}
	if files < 2 || filters < 1 {
		t.Errorf("only %d rule files and %d filters were found", files, filters)
	}
}
