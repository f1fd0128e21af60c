package store

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// events adds lines to a link's history.
func (p *pen) events(link cycle.LinkID, events []cycle.Event) error {
	bytes := 0
	for i := range events {
		e := &events[i]
		id, err := p.next("history")
		if err != nil {
			return err
		}
		var content, field, object driver.Value
		if !e.Old.IsBlank() || !e.New.IsBlank() {
			p.packed = appendEvent(p.packed[:0], e)
			sealed, err := p.seal(historySeal, id, p.packed)
			if err != nil {
				return err
			}
			content = sealed
			bytes += len(sealed)
		}
		if e.Field != cycle.NoField {
			field = int64(e.Field)
		}
		if e.Object != "" {
			n, err := objectNumber(e.Object)
			if err != nil {
				return err
			}
			object = n
		}
		bytes += historyRowBytes + len(e.Kind) + len(e.Detail)
		if err := p.append(intoHistory, id, int64(link), stamp(e.At), e.Cycle, int64(e.Side), e.Kind, field, textOrNull(e.Detail), content, object); err != nil {
			return err
		}
	}
	if bytes > 0 {
		p.count(historyBytes, int64(bytes))
	}
	return nil
}

// historyBytes is about how much of the file the history takes; historyRowBytes is what a line takes beside its texts,
// its place in the index included.
const (
	historyBytes    = "history.bytes"
	historyRowBytes = 40
)

// lastEvent is the number that the newest line of history has.
const lastEvent = "last.history"

// LastEvent is the number of the newest line of history, 0 where there is none: it rises with each. It costs one look.
func (w *Workspace) LastEvent(ctx context.Context) (last int64, err error) {
	err = w.look(ctx, "see how far the history is", func(t *tx) error {
		last, err = t.number(lastEvent)
		return err
	})
	return last, err
}

// Event is one line of history with its number.
type Event struct {
	ID   int64
	Link cycle.LinkID
	cycle.Event
}

const selectEvent = `SELECT h.id, h.link, h.at, h.cycle, h.side, h.kind, h.field, h.detail, h.content, h.object FROM `

// event reads a line; without keys its values are blank.
func (r row) event(k Keys) (Event, error) {
	e := Event{ID: r.int(0), Link: cycle.LinkID(r.int(1)), Event: cycle.Event{
		At: unstamp(r.int(2)), Cycle: r.int(3), Side: record.Side(r.int(4)), Kind: r.text(5), Field: cycle.NoField, Detail: r.text(7),
	}}
	if !r.null(6) {
		e.Field = uint16(r.int(6))
	}
	if !r.null(9) {
		e.Object = objectOf(r.int(9))
	}
	if r.null(8) || !k.have() {
		return e, nil
	}
	plain, err := k.open(historySeal, e.ID, r.blob(8))
	if err == nil {
		err = unpackEvent(plain, &e.Event)
	}
	return e, err
}

func (w *Workspace) lines(ctx context.Context, query string, args ...driver.Value) (events []Event, err error) {
	err = w.read(ctx, "read the history", func(t *tx) error {
		return t.query(selectEvent+query, func(r row) error {
			e, err := r.event(w.keys)
			events = append(events, e)
			return err
		}, args...)
	})
	return events, err
}

// EventsOf is the story of a link, the newest line first, at most limit lines.
func (w *Workspace) EventsOf(ctx context.Context, link cycle.LinkID, limit int) ([]Event, error) {
	return w.lines(ctx, `history h INDEXED BY history_link WHERE h.link = ?1 ORDER BY h.id DESC LIMIT ?2`, int64(link), limit)
}

// EventsBefore is everybody's story, the newest line first, from the line before the given one on; 0 begins at the end.
func (w *Workspace) EventsBefore(ctx context.Context, before int64, limit int) ([]Event, error) {
	if before == 0 {
		before = 1 << 62
	}
	return w.lines(ctx, `history h WHERE h.id < ?1 ORDER BY h.id DESC LIMIT ?2`, before, limit)
}

// EventsOfCycle are the lines that cycle n wrote, oldest first, after the line after, at most limit.
func (w *Workspace) EventsOfCycle(ctx context.Context, n, after int64, limit int) ([]Event, error) {
	return w.lines(ctx, `history h WHERE h.id > max(?2, coalesce((SELECT events FROM cycle WHERE n = ?1), 0))
		AND h.id <= coalesce((SELECT events FROM cycle WHERE n > ?1 ORDER BY n LIMIT 1), 9223372036854775807) AND h.cycle = ?1 ORDER BY h.id LIMIT ?3`, n, after, limit)
}

// EventByID is one line; ErrNotFound when it was pruned or never was.
func (w *Workspace) EventByID(ctx context.Context, id int64) (Event, error) {
	events, err := w.lines(ctx, `history h WHERE h.id = ?1`, id)
	if err == nil && len(events) == 0 {
		err = fmt.Errorf("change %d: %w", id, ErrNotFound)
	}
	if err != nil {
		return Event{}, err
	}
	return events[0], nil
}
