package store

import (
	"context"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
)

// cyclesLooked bounds how many cycles back WrittenSince looks for where a time begins in the history.
const cyclesLooked = 200

// WrittenSince gives the lines of links' histories that tell of written fields, from the cycle on that began first after a time, the oldest
// first. Ids of history rise with time: a link without newer lines costs one look into the index.
func (w *Workspace) WrittenSince(ctx context.Context, links []cycle.LinkID, since time.Time) (map[cycle.LinkID][]cycle.Event, error) {
	var written map[cycle.LinkID][]cycle.Event
	err := w.look(ctx, "see what was written lately", func(t *tx) error {
		from, found, last := int64(0), false, int64(0)
		err := t.query(`SELECT min(events) FROM (SELECT started, events FROM cycle ORDER BY n DESC LIMIT ?2) WHERE started >= ?1`, func(r row) error {
			from, found = r.int(0), !r.null(0)
			return nil
		}, stamp(since), cyclesLooked)
		if err == nil {
			last, err = t.number(lastEvent)
		}
		if err != nil || !found || from >= last {
			return err
		}
		return t.query(selectEvent+`json_each(?1) j CROSS JOIN history h INDEXED BY history_link ON h.link = j.value AND h.id > ?2 WHERE h.kind = 'written' ORDER BY h.id`, func(r row) error {
			e, err := r.event(w.keys)
			if written == nil {
				written = map[cycle.LinkID][]cycle.Event{}
			}
			written[e.Link] = append(written[e.Link], e.Event)
			return err
		}, numbers(links), from)
	})
	return written, err
}

// KeptOut gives, of each of some links, what its history last told of why the filter keeps it out.
func (w *Workspace) KeptOut(ctx context.Context, links []cycle.LinkID) (map[cycle.LinkID]string, error) {
	told := make(map[cycle.LinkID]string, len(links))
	err := w.look(ctx, "see why the filter keeps records out", func(t *tx) error {
		return t.query(`SELECT j.value, (SELECT h.detail FROM history h INDEXED BY history_link
			WHERE h.link = j.value AND h.kind IN ('filtered', 'frozen', 'unlinked') ORDER BY h.id DESC LIMIT 1) FROM json_each(?1) j`, func(r row) error {
			told[cycle.LinkID(r.int(0))] = r.text(1)
			return nil
		}, numbers(links))
	})
	return told, err
}
