package store

import (
	"context"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// KeyedLinks gives the links whose id in Marketo is a text that begins with prefix, in the order of those ids, after one of them; at
// most limit.
func (w *Workspace) KeyedLinks(ctx context.Context, prefix, after record.ID, limit int) (links []cycle.LinkID, err error) {
	err = w.look(ctx, "list links by their keys", func(t *tx) error {
		if err := t.catchUp(); err != nil {
			return err
		}
		return t.query(`SELECT link FROM company WHERE id > ?1 AND id >= ?2 AND id < ?2 || char(0x10ffff) ORDER BY id LIMIT ?3`, func(r row) error {
			links = append(links, cycle.LinkID(r.int(0)))
			return nil
		}, string(after), string(prefix), int64(limit))
	})
	return links, err
}

// LinkedSince is when links became pairs, in their order; zero where that is longer ago than history is kept.
func (w *Workspace) LinkedSince(ctx context.Context, links []cycle.LinkID) (since []time.Time, err error) {
	since = make([]time.Time, len(links))
	at := map[cycle.LinkID][]int{}
	for i, l := range links {
		at[l] = append(at[l], i)
	}
	err = w.look(ctx, "read since when links are pairs", func(t *tx) error {
		return t.query(`SELECT h.link, min(h.at) FROM json_each(?1) j CROSS JOIN history h INDEXED BY history_link ON h.link = j.value
			WHERE h.kind = 'created' OR h.kind = 'linked' AND h.detail IS NULL GROUP BY h.link`, func(r row) error {
			for _, i := range at[cycle.LinkID(r.int(0))] {
				since[i] = unstamp(r.int(1))
			}
			return nil
		}, numbers(links))
	})
	return since, err
}
