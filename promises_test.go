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
