package cycle

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// The cursors that a stage keeps besides the Salesforce feeds'.
const (
	stageIDs   = "marketo.ids"   // the next person id to read, and the last
	stageToken = "marketo.token" // where the activity log stood before anybody was read
)

// rangesAtOnce is how many blocks of people are asked for side by side; Adobe advises five concurrent calls at most.
const rangesAtOnce = 4

// firstSync reads both sides once, whole, and joins them. Both readings go into a scratch file page by page, because an
// address counts as one to one only when everybody is known; the join then moves through that file page by page. Cut
// off anywhere, it goes on where it was, with at most one page of each side read twice.
//
// The cursors of the later feeds are taken before the reading begins: what changes meanwhile is read again afterwards.
func (r *run) firstSync(ctx context.Context) error {
	stage, err := r.Ledger.OpenStage(ctx)
	if err != nil {
		return fmt.Errorf("open the scratch file of the first sync: %w", err)
	}
	if stage, err = r.firstOf(ctx, stage); err == nil {
		stage, err = r.firstWith(ctx, stage)
	}
	if err == nil {
		err = r.fill(ctx, stage)
	}
	if err == nil {
		err = r.joinStage(ctx, stage)
	}
	if err != nil {
		if closeErr := stage.Close(); closeErr != nil {
			r.Log.Warn("the scratch file of the first sync did not close", "err", closeErr)
		}
		return err
	}
	if err := r.firstFiltered(ctx); err != nil {
		return err
	}
	if err := r.Ledger.SetSetting(ctx, firstSync, "done"); err != nil {
		return err
	}
	return stage.Remove()
}

// fill reads both sides into the stage, side by side.
func (r *run) fill(ctx context.Context, stage Stage) error {
	r.Progress(Progress{Phase: Reading})
	if err := r.stageToken(ctx, stage); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.fillSalesforce(ctx, stage) })
	g.Go(func() error { return r.fillMarketo(ctx, stage) })
	return g.Wait()
}

// stageToken notes where the activity log stands, an hour back: what was committed late is met again.
func (r *run) stageToken(ctx context.Context, stage Stage) error {
	have, err := stage.Cursor(ctx, stageToken)
	if err != nil || have != "" {
		return err
	}
	now := r.Now()
	token, err := r.Marketo.PagingToken(ctx, now.Add(-time.Minute))
	if err != nil {
		return fmt.Errorf("mark the place in Marketo's activity log: %w", err)
	}
	cursor, err := marketoCursor{Token: token, At: now, Hourly: now}.encode()
	if err != nil {
		return err
	}
	return stage.Put(ctx, stageToken, cursor, nil)
}

// stageCursor is a Salesforce feed in the stage; Full says that its end was reached.
type stageCursor struct {
	feedCursor
	Full bool `json:"full,omitempty"`
}

func (r *run) fillSalesforce(ctx context.Context, stage Stage) error {
	var feeds []*walk
	for _, object := range []record.Object{record.Account, record.Contact, record.Lead} {
		if _, mapped := r.Mapping.Object(object); !mapped {
			continue
		}
		text, err := stage.Cursor(ctx, salesforceFeed(object))
		if err != nil {
			return err
		}
		var at stageCursor
		if err := decodeCursor(text, &at); err != nil {
			return err
		}
		if !at.Full {
			feeds = append(feeds, newWalk(object, at.feedCursor))
		}
	}
	count := 0
	keep := func(w *walk, to feedCursor, records []record.Record) error {
		count += len(records)
		r.Progress(Progress{Phase: Reading, Side: record.Salesforce, Done: count})
		return stagePage(ctx, stage, w, to, records)
	}
	err := r.beginExports(ctx, record.FirstRead, feeds, keep)
	for _, w := range feeds {
		if err == nil && w.at.Export != nil {
			err = r.readExport(ctx, record.FirstRead, w, keep)
		}
	}
	if err == nil {
		err = r.walk(ctx, record.FirstRead, feeds, func(w *walk, p *stretch, page salesforce.Page, server time.Time) error {
			next := w.advance(p, page, server)
			if next.Through.IsZero() {
				next.Through = w.horizon // deletions are told of from the beginning of the reading on
			}
			return keep(w, next, page.Records)
		})
	}
	if err != nil {
		return fmt.Errorf("read Salesforce: %w", err)
	}
	r.report.Pulled.Salesforce += count
	return nil
}

// stagePage keeps records in the stage, and how far the feed is.
func stagePage(ctx context.Context, stage Stage, w *walk, next feedCursor, records []record.Record) error {
	cursor, err := encodeCursor(stageCursor{next, w.done()})
	if err != nil {
		return err
	}
	if err := stage.Put(ctx, salesforceFeed(w.object), cursor, records); err != nil {
		return err
	}
	w.at = next
	return nil
}

// idCursor is how far the reading of Marketo by id came. Higher ids than Last are met in the activity log.
type idCursor struct {
	Next    int64       `json:"next"`
	Last    int64       `json:"last"`
	Extract *extracting `json:"extract,omitempty"`
}

func (r *run) fillMarketo(ctx context.Context, stage Stage) error {
	text, err := stage.Cursor(ctx, stageIDs)
	if err != nil {
		return err
	}
	var at idCursor
	if err := decodeCursor(text, &at); err != nil {
		return err
	}
	if at.Last == 0 {
		last, err := r.Marketo.HighestID(ctx, record.FirstRead)
		if err != nil {
			return fmt.Errorf("find the newest person in Marketo: %w", err)
		}
		at = idCursor{Next: 1, Last: last}
		if err := r.beginExtracts(ctx, &at); err != nil {
			return fmt.Errorf("see how people are read best in Marketo: %w", err)
		}
	}
	count := 0
	keep := func(people []record.Record) error {
		cursor, err := encodeCursor(at)
		if err != nil {
			return err
		}
		count += len(people)
		return stage.Put(ctx, stageIDs, cursor, people)
	}
	if at.Extract != nil {
		useless, err := r.extract(ctx, at.Extract, func(people []record.Record) error {
			r.Progress(Progress{Phase: Reading, Side: record.Marketo, Done: count})
			return keep(people)
		})
		switch at.Extract = nil; {
		case err != nil:
			return fmt.Errorf("read Marketo by bulk extracts: %w", err)
		case useless != nil:
			r.Log.Warn("bulk extracts of Marketo came to nothing; people are read by calls", "err", useless)
		default:
			at.Next = at.Last + 1
		}
		if err := keep(nil); err != nil {
			return err
		}
	}
	for at.Next <= at.Last {
		blocks := make([][]record.Record, rangesAtOnce)
		g, gctx := errgroup.WithContext(ctx)
		for i := range blocks {
			first := at.Next + int64(i)*marketo.MaxBatch
			if first > at.Last {
				break
			}
			g.Go(func() (err error) {
				blocks[i], err = r.Marketo.PeopleRange(gctx, record.FirstRead, first, min(first+marketo.MaxBatch-1, at.Last), r.people, r.Mapping.SalesforceID)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return fmt.Errorf("read Marketo: %w", err)
		}
		people := slices.Concat(blocks...)
		at.Next += rangesAtOnce * marketo.MaxBatch
		if err := keep(people); err != nil {
			return err
		}
		r.Progress(Progress{Phase: Reading, Side: record.Marketo, Done: int(min(at.Next-1, at.Last)), Total: int(at.Last)})
	}
	r.report.Pulled.Marketo += count
	return nil
}
