package cycle

import "math"

// When a bulk job is worth it. Calls are what both systems ration, and what of a job's cost does not depend on its size is calls as well: its
// making, the questions whether it is done, and what is fetched at its end. A job is also slower to begin and harder to watch than plain
// calls; so it has to save half of them.

const (
	// jobPolls is how often a job is asked about: as often as one is that takes ten minutes (salesforce.Client.WaitExport).
	jobPolls = 15
	// queryRows and exportRows are the records of a page of a query and of a bulk query (Salesforce).
	queryRows, exportRows = 2000, 50_000
	// importPolls is how often an import of ten minutes is asked about; importRows are in a file; writeRows in a call.
	importPolls, importRows, writeRows = 20, 50_000, 300
	// importSaves is what imports must save besides: a hundredth of a day's calls. Their queue is shared with the lists that marketers import
	// by hand, and calls are through sooner.
	importSaves = 500
	// importFrom is from how many rows on that is so.
	importFrom = 180_000
	// saved is by how many times a job must take fewer calls.
	saved = 2
)

// exportCalls is what a bulk query of so many rows takes, making and polling included.
func exportCalls(rows int) int { return 1 + jobPolls + pages(rows, exportRows) }

// pages is how many pages of a size hold n.
func pages(n, size int) int { return (n + size - 1) / size }

// worth decides between a job and plain calls for n records. A workspace may have said from how many on jobs begin, or that there are
// none.
func (p Policy) worth(n, plain, job int) bool {
	switch {
	case p.BulkFrom < 0:
		return false
	case p.BulkFrom > 0:
		return n >= p.BulkFrom
	}
	return plain >= saved*job
}

// importCalls is what imports of so many rows take: sending each file, polling, and what was refused.
func importCalls(rows int) int { return pages(rows, importRows) * (1 + importPolls + 1) }

// importsFrom is how many rows of the same fields must wait before they are imported.
func (p Policy) importsFrom() int {
	switch {
	case p.BulkFrom < 0:
		return math.MaxInt
	case p.BulkFrom > 0:
		return p.BulkFrom
	}
	return importFrom
}
