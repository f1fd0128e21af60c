package app

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/xuri/excelize/v2"

	"github.com/doppio-sync/doppio/engine/sandbox"
)

// The workbook has every write that waits, on as many sheets as it takes, and people's values only where they were asked for; the page can be
// printed.
func TestRehearsalIsWritten(t *testing.T) {
	home := t.TempDir()
	defer func(n int) { sheetRows = n }(sheetRows)
	sheetRows = 100
	synctest.Test(t, func(t *testing.T) {
		a, _ := pairOf(t, home, sandbox.Options{People: 120, Seed: 6})
		run, err := a.Sync(t.Context(), sampleName, SyncOptions{Rehearse: true, Values: true})
		must(t, err)
		value := ""
		for _, p := range run.Plan {
			for _, f := range p.Fields {
				if f.Name == "email" && f.Value != nil {
					value = *f.Value
				}
			}
		}
		for _, values := range []bool{false, true} {
			var file, page bytes.Buffer
			must(t, a.WriteRehearsal(t.Context(), sampleName, RehearsalXLSX, values, &file, nil), a.WriteRehearsal(t.Context(), sampleName, RehearsalPDF, values, &page, nil))
			if !bytes.HasPrefix(page.Bytes(), []byte("%PDF-")) {
				t.Errorf("the page begins with %q", page.Bytes()[:8])
			}
			book, err := excelize.OpenReader(&file)
			must(t, err)
			plan, all := 0, ""
			for _, name := range book.GetSheetList() {
				rows, err := book.GetRows(name)
				must(t, err)
				if strings.HasPrefix(name, "Plan") {
					plan += len(rows) - 1
				}
				all += fmt.Sprint(rows)
			}
			if plan != len(run.Plan) || len(book.GetSheetList()) < 5+plan/100 {
				t.Errorf("the workbook has %d of %d writes on %v", plan, len(run.Plan), book.GetSheetList())
			}
			if strings.Contains(all, value) != values || value == "" {
				t.Errorf("values asked for: %t; %q is told: %t", values, value, !values)
			}
			must(t, book.Close())
		}
		if err := a.WriteRehearsal(t.Context(), sampleName, "doc", false, &bytes.Buffer{}, nil); ExitCode(err) != ExitUsage {
			t.Errorf("as .doc: %v", err)
		}
	})
}
