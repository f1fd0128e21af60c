package doppio_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The page of the promises names tests that are there, and has some for each promise.
func TestPromisesNameTheirTests(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "promises.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	err = filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, found := range regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`).FindAllStringSubmatch(string(source), -1) {
			tests[found[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	promises := strings.Split(string(page), "\n## ")[1:]
	if len(promises) != 11 {
		t.Errorf("there are %d promises, not 11", len(promises))
	}
	for i, promise := range promises {
		named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(promise, -1)
		if len(named) < 2 || !strings.HasPrefix(promise, strconv.Itoa(i+1)+". ") {
			t.Errorf("promise %d has %d tests: %.40s", i+1, len(named), promise)
		}
		for _, name := range named {
			if !tests[name[1]] {
				t.Errorf("promise %d names %s, and there is no such test", i+1, name[1])
			}
		}
	}
}

// Every link between the pages leads to a page, and to a heading that is on it.
func TestLinksLeadSomewhere(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) < 8 {
		t.Fatalf("only %d pages: %v", len(pages), err)
	}
	heading, marks := regexp.MustCompile(`(?m)^#+ (.*)$`), regexp.MustCompile(`[^\p{L}\p{N}\- ]`)
	anchors := map[string]map[string]bool{}
	for _, page := range append(pages, "README.md", "CONTRIBUTING.md", "CHANGELOG.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		anchors[page] = map[string]bool{"": true}
		for _, h := range heading.FindAllStringSubmatch(string(text), -1) {
			anchors[page][strings.ReplaceAll(marks.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")] = true
		}
	}
	link := regexp.MustCompile(`\]\(([^)]*)\)`)
	for page := range anchors {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(found[1], "#")
			to := page
			if file != "" {
				to = filepath.Join(filepath.Dir(page), file)
			}
			if !strings.HasSuffix(to, ".md") {
				if _, err := os.Stat(to); err != nil {
					t.Errorf("%s: %v", page, err)
				}
			} else if !anchors[to][anchor] {
				t.Errorf("%s leads to %s, where there is no such heading", page, found[1])
			}
		}
	}
}
