package cycle

import (
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// A first sync reads the people of Marketo by the numbers of their ids, 300 a call whether somebody has them or not. Where ids are
// many and people few, bulk extracts take a fraction of the calls: files of everybody who was created in a month, one month after the other
// since there is Marketo. The jobs and the place in their files stand in the stage's cursor. An extract that is refused, fails or shows other
// people than calls do leaves the rest to calls.

const (
	// extractsAtOnce is how many extracts are under way: of ten that have room in the queue, and are shared with all programs.
	extractsAtOnce = 4
	// extractPause is how often a job's state changes, extractPatience how long one may keep a first sync waiting.
	extractPause, extractPatience = time.Minute, time.Hour
	// extractCalls is what an empty month takes: making, queueing, two polls and the file. extractPart is how much of
	// a file is read at once, about extractPeople.
	extractCalls, extractPart, extractPeople = 5, 4 << 20, 8000
	// extractSaves is how many calls extracts must save: a tenth of a day's. They take an hour and longer.
	extractSaves = 5000
	// extractBytes is how large their files may be together: half of what all programs may extract in a day. A person takes about
	// personBytes.
	extractBytes, personBytes = 250_000_000, 450
	// sampled is how many blocks of ids tell how densely people stand.
	sampled = 10
)

// extractBegins is before there was a Marketo: nobody was created earlier.
var extractBegins = time.Date(2007, 1, 1, 0, 0, 0, 0, time.UTC)

// extracting are the extracts of a first sync, the oldest month first.
type extracting struct {
	Next  time.Time       `json:"next"` // where the first month begins that has no job
	Until time.Time       `json:"until"`
	Jobs  []extractedPart `json:"jobs,omitempty"`
	// Missed are some people who were there before, and were in no file yet.
	Missed []record.ID `json:"missed,omitempty"`
}

// extractedPart is a job and how far its file was read.
type extractedPart struct {
	ID     string    `json:"id"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Queued bool      `json:"queued,omitempty"`
	At     int64     `json:"at,omitempty"`
	Hash   []byte    `json:"hash,omitempty"` // of what was read, as far as it is calculated
}

func (p extractedPart) extract(r *run) marketo.Extract {
	return marketo.Extract{From: p.From, Until: p.Until, Columns: r.people, OtherID: r.Mapping.SalesforceID}
}

// beginExtracts decides whether people come by extracts.
func (r *run) beginExtracts(ctx context.Context, at *idCursor) error {
	now := r.Now()
	months := int(now.Sub(extractBegins)/marketo.MostExtract) + 1
	plain := pages(int(at.Last), marketo.MaxBatch)
	enough := func(people int) bool {
		jobs := months*extractCalls + pages(people, extractPeople)
		return r.Policy.worth(int(at.Last), plain, jobs) && (r.Policy.BulkFrom > 0 || plain-jobs >= extractSaves && people*personBytes <= extractBytes)
	}
	if months < 1 || !enough(0) {
		return nil
	}
	seen, e := 0, &extracting{Next: extractBegins, Until: now.Add(24 * time.Hour)} // whatever the clocks and zones
	for i := range int64(sampled) {
		last := max(at.Last*(i+1)/sampled, 1)
		block, err := r.Marketo.PeopleRange(ctx, record.FirstRead, max(last-marketo.MaxBatch+1, 1), last, nil, "")
		if err != nil {
			return err
		}
		seen += len(block)
		for _, p := range block[max(0, len(block)-sampled):] {
			e.Missed = append(e.Missed, p.ID)
		}
	}
	if enough(seen * int(at.Last) / (sampled * marketo.MaxBatch)) {
		at.Extract = e
	}
	return nil
}

// extract reads people by extracts, and has each part kept with the place behind it. useless says that calls are to read them instead.
func (r *run) extract(ctx context.Context, e *extracting, keep func([]record.Record) error) (useless, err error) {
	seen := func(people []record.Record) error {
		for _, p := range people {
			e.Missed = slices.DeleteFunc(e.Missed, func(id record.ID) bool { return id == p.ID })
		}
		return keep(people)
	}
	for {
		if err := r.queueExtracts(ctx, e, keep); err != nil {
			return hopeless(err)
		}
		if len(e.Jobs) == 0 {
			break
		}
		if err := r.readExtract(ctx, e, seen); err != nil {
			return hopeless(err)
		}
	}
	// Whoever was there at the beginning, and is there now, must have been in a file: a clock that is wrong by years leaves months out.
	for missed := range slices.Chunk(e.Missed, marketo.MaxBatch) {
		people, err := r.Marketo.People(ctx, record.LookUp, missed, nil, "")
		if err != nil {
			return hopeless(err)
		}
		if len(people) > 0 {
			return errMissed, nil
		}
	}
	return nil, nil
}

// queueExtracts has some jobs under way, if there are months left. A job is kept before it is queued. A queue that is full is no fault while
// others of ours are in it.
func (r *run) queueExtracts(ctx context.Context, e *extracting, keep func([]record.Record) error) error {
	for i := 0; i < extractsAtOnce && (i < len(e.Jobs) || e.Next.Before(e.Until)); i++ {
		if i == len(e.Jobs) {
			part := extractedPart{From: e.Next, Until: e.Next.Add(marketo.MostExtract)}
			if part.Until.After(e.Until) {
				part.Until = e.Until
			}
			job, err := r.Marketo.CreateExtract(ctx, record.Bulk, part.extract(r))
			if err != nil {
				return err
			}
			part.ID, e.Next = job.ID, part.Until
			e.Jobs = append(e.Jobs, part)
			if err := keep(nil); err != nil {
				return err
			}
		}
		part := &e.Jobs[i]
		if part.Queued {
			continue
		}
		if err := r.Marketo.QueueExtract(ctx, record.Bulk, part.ID); err != nil {
			if _, failed := hopeless(err); failed == nil && i > 0 {
				return nil
			}
			return err
		}
		part.Queued = true
	}
	return nil
}

// readExtract waits for the oldest job and reads its file to the end.
func (r *run) readExtract(ctx context.Context, e *extracting, keep func([]record.Record) error) error {
	part := &e.Jobs[0]
	job, err := r.awaitExtract(ctx, part.ID)
	if err != nil {
		return err
	}
	most := int64(extractPart)
	if r.Policy.BulkFrom > 0 {
		most = min(most, int64(r.Policy.BulkFrom)*personBytes)
	}
	sum := sha256.New()
	if err := resumeHash(sum, part.Hash); err != nil {
		return err
	}
	for part.At < job.Size {
		people, read, err := r.extractPart(ctx, part, job, most)
		if err != nil {
			return err
		}
		if part.At == 0 {
			if err := r.checkExtract(ctx, people); err != nil {
				return err
			}
		}
		sum.Write(read) // a hash takes everything
		part.At += int64(len(read))
		if part.Hash, err = sum.(encoding.BinaryMarshaler).MarshalBinary(); err != nil {
			return fmt.Errorf("keep how far a file was read: %w", err)
		}
		if part.At == job.Size {
			if job.Sum != "" && job.Sum != hex.EncodeToString(sum.Sum(nil)) {
				return errOtherFile
			}
			e.Jobs = e.Jobs[1:]
		}
		if err := keep(people); err != nil {
			return err
		}
		if part.At == job.Size {
			return nil
		}
	}
	e.Jobs = e.Jobs[1:]
	return keep(nil)
}

// extractPart reads a part of a file, which may not be there yet when its job is complete.
func (r *run) extractPart(ctx context.Context, part *extractedPart, job marketo.ExtractJob, most int64) (people []record.Record, read []byte, err error) {
	for range 3 {
		people, read, err = r.Marketo.ExtractPart(ctx, record.FirstRead, part.extract(r), job, part.At, most)
		var refused *marketo.Error
		if !errors.As(err, &refused) || refused.Status != http.StatusNotFound {
			break
		}
		if err := pace.Sleep(ctx, extractPause); err != nil {
			return nil, nil, err
		}
	}
	return people, read, err
}

func resumeHash(sum hash.Hash, state []byte) error {
	if len(state) == 0 {
		return nil
	}
	return sum.(encoding.BinaryUnmarshaler).UnmarshalBinary(state)
}

// The ways in which an extract cannot be believed.
var (
	errOtherFile   = errors.New("the file of an extract is not the one that Marketo made")
	errOtherPeople = errors.New("an extract has people whom the API user does not see otherwise")
	errMissed      = errors.New("extracts leave out people who are there")
	errLongExtract = errors.New("Marketo has not finished an extract in time")
)

// checkExtract looks some people of a file up by their ids: whether extracts keep to the partitions that the API user may see is
// documented both ways.
func (r *run) checkExtract(ctx context.Context, people []record.Record) error {
	var ids []record.ID
	for _, p := range people[:min(len(people), marketo.MaxBatch)] {
		ids = append(ids, p.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := r.Marketo.People(ctx, record.LookUp, ids, nil, "")
	if err == nil && len(found) < len(ids) {
		return errOtherPeople
	}
	return err
}

func (r *run) awaitExtract(ctx context.Context, id string) (marketo.ExtractJob, error) {
	for waited := time.Duration(0); ; waited += extractPause {
		job, err := r.Marketo.ExtractJob(ctx, record.Bulk, id)
		if err == nil {
			err = job.Err()
		}
		if err != nil || job.State == "Completed" {
			return job, err
		}
		if waited >= extractPatience {
			return job, errLongExtract
		}
		if err := pace.Sleep(ctx, extractPause); err != nil {
			return job, err
		}
	}
}

// hopeless parts what calls can read as well from what would stop them too: a broken line, a sign-in that ended, calls that are used up.
func hopeless(err error) (useless, failed error) {
	var refused *marketo.Error
	switch {
	case errors.Is(err, errOtherFile), errors.Is(err, errOtherPeople), errors.Is(err, errLongExtract):
		return err, nil
	case errors.Is(err, pace.ErrQuota), !errors.As(err, &refused):
		return nil, err
	case refused.Code() == extractRefused || refused.Class() != pace.Transient && refused.Class() != pace.SignIn && refused.Class() != pace.Quota:
		return err, nil
	}
	return nil, err
}

// extractRefused says that the queue is full or the day's files are used up (Marketo REST API, Error Codes).
const extractRefused = "1029"
