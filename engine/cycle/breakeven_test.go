package cycle

import "testing"

// A bulk query begins where it takes half of the calls, stays worth it from there on, and can be had earlier, or never.
func TestExportBreakEven(t *testing.T) {
	asked := func(p Policy, rows int) bool { return p.worth(rows, pages(rows, queryRows), exportCalls(rows)) }
	for _, row := range []struct {
		from, rows int
		want       bool
	}{
		{0, 0, false}, {0, 69_999, false}, {0, 70_000, false}, {0, 70_001, true}, {0, 100_000, true}, {0, 5_000_000, true},
		{30, 29, false}, {30, 30, true}, {-1, 5_000_000, false},
	} {
		if got := asked(Policy{BulkFrom: row.from}, row.rows); got != row.want {
			t.Errorf("from %d, %d records: %v (%d calls without, %d with)", row.from, row.rows, got, pages(row.rows, queryRows), exportCalls(row.rows))
		}
	}
}

// Imports begin where they save half of the calls and 500 of them.
func TestImportBreakEven(t *testing.T) {
	for n, want := range map[int]bool{170_000: false, importFrom: true, 1_000_000: true} {
		plain, job := pages(n, writeRows), importCalls(n)
		if got := plain >= saved*job && plain-job >= importSaves; got != want {
			t.Errorf("%d rows: %d calls without, %d with", n, plain, job)
		}
	}
}
