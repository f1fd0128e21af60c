package cycle

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// What very many people in Marketo get goes by imports: files that change people by their ids. An import waits in a queue that it shares with
// the lists that marketers import by hand, cannot be taken back, and says of no row that it was taken, only which were not. So which rows are in
// a file is kept before the file is sent, and the batch's id before anything else is. The rows go on waiting in the outbox until the
// import has ended: cut off, the next cycle asks after it. What a file carries besides ids must not be overtaken by what is planned later:
// nothing else is written to people until it is known what became of it.

const (
	importSetting = "bulk.marketo"
	// importPatience is how long a cycle waits for an import; the next ones ask once each.
	importPatience = 5 * time.Minute
	// importPause and importPauses are the first and the longest time between two questions (Marketo REST API: 5 to 30 seconds).
	importPause, importPauses = 5 * time.Second, 30 * time.Second
	// importSettles is after which time an import whose answer was lost has come through, or never will; importForgotten after which
	// nobody waits for one that is still in the queue.
	importSettles, importForgotten = 10 * time.Minute, 24 * time.Hour
)

// importing is an import that is under way.
type importing struct {
	ID     string    `json:"id,omitempty"` // of the batch; empty until Marketo has said it
	Since  time.Time `json:"since"`
	Values bool      `json:"values,omitempty"` // it carries more than ids
	Fields []string  `json:"fields,omitempty"` // its columns, by their names in Marketo
	Rows   []byte    `json:"rows"`             // what is in its file, as pack writes it
}

// manifest lists the rows of a file, in their order, with what tells whether they still carry the same id. A file has 50,000 of them:
// what else there is to say of each stands in the outbox.
type manifest struct {
	packed []byte
	n      int
	last   int64 // row
}

func (l *manifest) add(row Row) {
	l.packed = binary.AppendVarint(l.packed, row.ID-l.last)
	l.packed = binary.BigEndian.AppendUint32(l.packed, carries(row))
	l.last, l.n = row.ID, l.n+1
}

// unpack reads the list, by row.
func unpack(list []byte) (sent map[int64]uint32, first, last int64, err error) {
	sent = map[int64]uint32{}
	for len(list) > 0 {
		step, n := binary.Varint(list)
		if n <= 0 || len(list) < n+4 {
			return nil, 0, 0, errors.New("the list of what an import carries cannot be read")
		}
		if last += step; len(sent) == 0 {
			first = last
		}
		sent[last] = binary.BigEndian.Uint32(list[n:])
		list = list[n+4:]
	}
	return sent, first, last, nil
}

func carries(row Row) uint32 {
	h := fnv.New32a()
	h.Write([]byte(row.Carry)) // a hash takes everything
	return h.Sum32()
}

func (r *run) keepImport(ctx context.Context, job *importing) error {
	text := ""
	if job != nil {
		b, err := json.Marshal(job)
		if err != nil {
			return fmt.Errorf("keep an import: %w", err)
		}
		text = string(b)
	}
	return r.Ledger.SetSetting(context.WithoutCancel(ctx), importSetting, text)
}

// ImportUnderWay tells since when an import that carries people's fields is under way in Marketo; ok is false where there is none. Until it
// has ended nothing else is written to people.
func ImportUnderWay(ctx context.Context, l Facts) (since time.Time, ok bool, err error) {
	job, ok, err := importUnderWay(ctx, l)
	return job.Since, ok && job.Values, err
}

func importUnderWay(ctx context.Context, l Facts) (job importing, ok bool, err error) {
	text, err := l.Setting(ctx, importSetting)
	if err != nil || text == "" {
		return job, false, err
	}
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return job, false, fmt.Errorf("which import is under way cannot be read: %w", err)
	}
	return job, true, nil
}

// importPassed takes out of what the brake counts the rows of an import that stands in the queue: they passed it before they were sent.
func (r *run) importPassed(ctx context.Context, counts BrakeCounts) (BrakeCounts, error) {
	if r.held == nil {
		return counts, nil
	}
	job, ok, err := importUnderWay(ctx, r.Ledger)
	if err != nil || !ok {
		return counts, err
	}
	_, err = r.eachImported(ctx, job, func(row Row) (Answer, bool) {
		if !row.First {
			counts.Updates[record.Marketo]--
		}
		return Answer{}, false
	})
	return counts, err
}

// importAnswered asks what became of the import that is under way, if there is one, for a while. While it is not known what became of
// values, people are held.
func (r *run) importAnswered(ctx context.Context, patience time.Duration) (answered int, err error) {
	r.held = nil
	job, ok, err := importUnderWay(ctx, r.Ledger)
	if err != nil || !ok {
		return 0, err
	}
	state, known, err := r.awaitImport(ctx, job, patience)
	if err != nil {
		return 0, err
	}
	switch age := r.Now().Sub(job.Since); {
	case known && state.State == "Complete":
		answered, err = r.importEnded(ctx, job, state)
	case !job.Values: // ids go the usual way; written twice they are the same
	case known && !state.Ended() && age >= 0 && age < importForgotten, !known && age >= 0 && age < importSettles:
		r.held, _, _, err = unpack(job.Rows)
		return 0, err
	default: // it failed in the middle, or nobody knows
		r.Log.Warn("what became of an import in Marketo is not known; its people are read afresh", "batch", job.ID, "state", state.State)
		answered, err = r.importLost(ctx, job)
	}
	if err != nil {
		return answered, err
	}
	return answered, r.keepImport(ctx, nil)
}

// awaitImport asks for the state of an import until it has ended or patience has; known is false of one that Marketo does not know, or that
// it may have taken without an answer.
func (r *run) awaitImport(ctx context.Context, job importing, patience time.Duration) (state marketo.Import, known bool, err error) {
	if job.ID == "" {
		return state, false, nil
	}
	for pause := importPause; ; pause = min(2*pause, importPauses) {
		state, err = r.Marketo.Import(ctx, record.Bulk, job.ID)
		if useless, _ := hopeless(err); useless != nil { // it is forgotten, or a permission was taken away
			return state, false, nil
		}
		if patience -= pause; err != nil || state.Ended() || patience < 0 {
			return state, true, err
		}
		if err := pace.Sleep(ctx, pause); err != nil {
			return state, true, err
		}
	}
}

// importEnded keeps the answers of an import that came through. Rows that it did not take wait on and go by calls, which say why.
func (r *run) importEnded(ctx context.Context, job importing, state marketo.Import) (int, error) {
	refused := map[record.ID]bool{}
	if state.Failed > 0 {
		ids, err := r.Marketo.ImportFailures(ctx, record.WriteBack, job.ID)
		if err != nil {
			return 0, err
		}
		for _, id := range ids {
			refused[id] = true
		}
	}
	return r.eachImported(ctx, job, func(row Row) (Answer, bool) {
		if refused[row.Target] {
			return Answer{}, false
		}
		row.Fields = slices.DeleteFunc(slices.Clone(row.Fields), func(c Change) bool { // it did not travel when the file was made
			object := r.objectOfRow(row)
			i := object.Index(c.Field)
			return job.Fields != nil && (i < 0 || !slices.Contains(job.Fields, object.Fields[i].Marketo))
		})
		a := r.accepted(row, row.Target, false)
		if row.Action == Update {
			a.Echo = &Echo{Cycle: r.n, Since: row.Since, Fields: row.Fields}
		}
		return a, true
	})
}

// importLost has the people of an import read afresh before anything is sent again, as after a call whose answer was lost.
func (r *run) importLost(ctx context.Context, job importing) (int, error) {
	return r.eachImported(ctx, job, func(row Row) (Answer, bool) {
		return Answer{Row: row.ID, Link: row.Link, Side: row.Side, Outcome: Postponed, Next: r.Now(), Cycle: r.n, At: r.Now(), Cause: row.Cause, Recheck: true}, true
	})
}

// eachImported answers the rows of an import that still wait as they were sent: a row that was planned anew has another number, or
// carries another id.
func (r *run) eachImported(ctx context.Context, job importing, answer func(Row) (Answer, bool)) (answered int, err error) {
	sent, first, last, err := unpack(job.Rows)
	if err != nil {
		return 0, err
	}
	for after := first - 1; after < last; {
		rows, err := r.importable(ctx, job.Values, r.Now().AddDate(1, 0, 0), after)
		if err != nil || len(rows) == 0 {
			return answered, err
		}
		var answers []Answer
		for _, row := range rows {
			after = row.ID
			carried, in := sent[row.ID]
			if !in || carried != carries(row) {
				continue
			}
			if a, ok := answer(row); ok {
				answers = append(answers, a)
			}
		}
		if err := r.Ledger.Acknowledge(context.WithoutCancel(ctx), answers); err != nil {
			return answered, err
		}
		for _, a := range answers {
			r.count(a)
		}
		answered += len(answers)
	}
	return answered, nil
}

// importable is a page of the rows that change people in Marketo: ids alone, or values.
func (r *run) importable(ctx context.Context, values bool, now time.Time, after int64) ([]Row, error) {
	if values {
		return r.Ledger.Updates(ctx, record.Marketo, record.Person, now, after, bulkAtOnce)
	}
	return r.Ledger.Carriers(ctx, record.Marketo, record.Person, now, after, bulkAtOnce)
}
