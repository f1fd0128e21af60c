package store

import (
	"context"

	"github.com/doppio-sync/doppio/engine/record"
)

// linesAtOnce is how many lines of history are read in one transaction.
const linesAtOnce = 5000

// EachChange calls fn with every line of history that tells of a field that changed or was written, link by link and in their order, with the
// object of the link. It reads a few thousand lines at a time, so that nobody waits for it; fn's error ends it.
func (w *Workspace) EachChange(ctx context.Context, fn func(object record.Object, e Event) error) error {
	link, id := int64(0), int64(0)
	for {
		n := 0
		var failed error
		err := w.read(ctx, "go through the history", func(t *tx) error {
			return t.query(`SELECT h.id, h.link, h.at, h.cycle, h.side, h.kind, h.field, h.detail, h.content, h.object, l.object
				FROM history h INDEXED BY history_link LEFT JOIN link l ON l.id = h.link
				WHERE (h.link, h.id) > (?1, ?2) AND h.kind IN ('changed', 'written') ORDER BY h.link, h.id LIMIT ?3`, func(r row) error {
				e, err := r.event(w.keys)
				if err != nil {
					return err
				}
				n++
				link, id = int64(e.Link), e.ID
				object := e.Object // whose field it is, else the link's
				if object == "" && !r.null(10) {
					object = objectOf(r.int(10))
				}
				if failed == nil && object != "" {
					failed = fn(object, e)
				}
				return failed
			}, link, id, linesAtOnce)
		})
		if err != nil || n < linesAtOnce {
			return err
		}
	}
}
