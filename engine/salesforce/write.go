package salesforce

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// Field is one value to write. A blank empties the field, and unticks a checkbox.
type Field struct {
	Name  string
	Type  record.Type
	Value record.Value
}

// Write is what to do to one record: change the one with ID; or, without an ID, create one, as an upsert on an external
// id where UpsertField is set, which then can neither happen twice nor overwrite another person's record.
type Write struct {
	Key         int64 // the caller's, unique within a call
	Object      record.Object
	ID          record.ID
	UpsertField string
	UpsertValue string
	Fields      []Field
	// ReadBack reads the same fields of a record with an ID right before they are written, in the same call.
	ReadBack bool
	// Unmodified refuses the write of a record with an ID, class pace.Changed, if the record was modified after this time, to the
	// second (REST API, If-Unmodified-Since). It costs a subrequest a row: for few rows. Zero sets no such condition.
	Unmodified time.Time
}

// Result is what became of one Write.
type Result struct {
	Key     int64
	ID      record.ID
	Created bool
	// Before are the values of Fields right before the write, in their order; nil if they were not or could not be
	// read. Edited is LastModifiedDate then.
	Before []record.Value
	Edited time.Time
	// Repeated says that the write was sent more than once, because an answer was lost. Before may then show what the
	// first try wrote, and Created be false for a record that it created.
	Repeated bool
	Err      *Error
}

// Of is the Key of the Write that it is about.
func (r Result) Of() int64 { return r.Key }

// Refusal is Err, nil for a write that was taken.
func (r Result) Refusal() pace.Failure {
	if r.Err == nil {
		return nil
	}
	return r.Err
}

// The limits of sObject Collections (REST API Developer Guide).
const mostRows = 200

// Write changes and creates records, in as few calls as the API allows: 1,000 rows a call, 400 where values are read
// back, 24 with a condition. Results stand in the order of rows.
//
// With a nil error there is a Result for every row, the refused ones with Err. Otherwise rows without a Result were
// not changed, except those that an *pace.InDoubt names: the answer to them was lost, and nobody knows. A creation
// without UpsertField whose answer was lost is never sent again; updates and upserts are, since they set absolute
// values, and end in doubt only when no answer came at all.
func (c *Client) Write(ctx context.Context, purpose record.Purpose, rows []Write) ([]Result, error) {
	w := &writer{client: c, purpose: purpose, rows: rows, results: make([]Result, len(rows)), known: make([]bool, len(rows))}
	queue := w.pack()
	for len(queue) > 0 && w.err == nil {
		var call []*chunk
		call, queue = nextCall(queue)
		queue = append(w.send(ctx, call), queue...)
	}
	return w.finish()
}

// writer carries one Write call.
type writer struct {
	client  *Client
	purpose record.Purpose
	rows    []Write
	results []Result
	known   []bool
	doubt   []int64
	err     error
	split   int // how many calls were spent on finding a chunk's culprit
}

// finish returns what is known.
func (w *writer) finish() ([]Result, error) {
	results := make([]Result, 0, len(w.rows))
	for i, r := range w.results {
		if w.known[i] {
			results = append(results, r)
		}
	}
	if len(w.doubt) > 0 {
		return results, &pace.InDoubt{Keys: w.doubt, Cause: w.err}
	}
	return results, w.err
}

func (w *writer) settle(i int, r Result) {
	r.Key = w.rows[i].Key
	if r.ID == "" {
		r.ID = w.rows[i].ID
	}
	if r.Err != nil {
		r.Err = r.Err.about(w.rows[i].Object, r.ID)
	}
	w.results[i], w.known[i] = r, true
}

// send makes one call of some chunks. What it returns is to be sent next: halves of a chunk that was refused as a
// whole, because one value that the org's parser does not take refuses all of its neighbours.
func (w *writer) send(ctx context.Context, call []*chunk) []*chunk {
	var parts []*part
	for _, ch := range call {
		parts = append(parts, ch.parts...)
	}
	trace, err := w.client.composite(ctx, &request{purpose: w.purpose, repeatable: call[0].kind.repeatable(), write: true}, parts)
	if err != nil {
		return w.refusedCall(call, trace, err)
	}
	var again []*chunk
	for _, ch := range call {
		if refused := ch.refused(); refused != nil {
			again = append(again, w.refusedChunk(ch, refused)...)
			continue
		}
		for place, i := range ch.rows {
			r := ch.result(place)
			if r.Err == nil && ch.kind.readBack && ch.parts[0].refused == nil {
				r.Before, r.Edited = ch.before(place, w.rows[i])
			}
			r.Repeated = trace.lost > 0
			w.settle(i, r)
		}
	}
	return again
}

// refusedCall decides about a call that failed as a whole.
func (w *writer) refusedCall(call []*chunk, trace trace, err error) []*chunk {
	var refused *Error
	if errors.As(err, &refused) && refused.Status == http.StatusBadRequest && worthSplitting(refused) {
		if len(call) > 1 && w.split < mostSplits {
			w.split++
			for _, ch := range call {
				ch.alone = true
			}
			return call
		}
		var again []*chunk
		for _, ch := range call {
			again = append(again, w.refusedChunk(ch, refused)...)
		}
		return again
	}
	w.err = err
	if trace.lost > 0 {
		for _, ch := range call {
			for _, i := range ch.rows {
				w.doubt = append(w.doubt, w.rows[i].Key)
			}
		}
	}
	return nil
}

// mostSplits bounds the calls spent on finding culprits in one Write: ten halvings find one in a thousand.
const mostSplits = 24

// worthSplitting reports whether fewer rows in a call can help: what is wrong is in the request, not in the world.
func worthSplitting(e *Error) bool {
	return e.Class() == pace.Ours || e.Class() == pace.Refused || e.row.key == "slow" || e.row.key == "apex.retries"
}

func (w *writer) refusedChunk(ch *chunk, refused *Error) []*chunk {
	if len(ch.rows) > 1 && worthSplitting(refused) && w.split < mostSplits {
		w.split++
		middle := len(ch.rows) / 2
		halves := []*chunk{w.chunk(ch.kind, ch.rows[:middle], true), w.chunk(ch.kind, ch.rows[middle:], true)}
		halves[0].generation, halves[1].generation = ch.generation, ch.generation
		return halves
	}
	if len(ch.rows) > 1 && worthSplitting(refused) && w.saved() {
		// Too many are at fault to find all of them now: the others are sent again without those that were found.
		refused = NewError(0, "ALL_OR_NONE_OPERATION_ROLLED_BACK", "")
	}
	for _, i := range ch.rows {
		w.settle(i, Result{Err: refused})
	}
	return nil
}

// saved reports whether a row was taken: what refuses the others is then no fault of the whole set-up.
func (w *writer) saved() bool {
	for i, known := range w.known {
		if known && w.results[i].Err == nil {
			return true
		}
	}
	return false
}

// lost reports whether a request that left may have been executed without our knowing: no answer came, or none that
// says otherwise.
func lost(err error) bool {
	var mode *pace.ModeError
	var refused *Error
	switch {
	case errors.As(err, &mode):
		return false
	case !errors.As(err, &refused):
		return true // the caller gave up while the request was on its way
	case refused.unsent, refused.row.unexecuted, refused.code == codeLocal:
		return false
	case refused.Status == 0:
		return refused.Class() == pace.Transient
	}
	return refused.Status >= 500 || refused.Status == 408 || refused.Status == 420
}
