package store

import (
	"context"

	"github.com/doppio-sync/doppio/engine/cycle"
)

// Neighbours finds the other links that carry an address of one of these, each once, in their order.
func (w *Workspace) Neighbours(ctx context.Context, of []cycle.LinkID) (links []cycle.Link, err error) {
	if len(of) == 0 {
		return nil, nil
	}
	err = w.look(ctx, "look at who shares an address", func(t *tx) error {
		return t.query(`SELECT DISTINCT l.id, l.object, l.state, l.salesforce, l.marketo, NULL, NULL
			FROM json_each(?1) j CROSS JOIN link own ON own.id = j.value CROSS JOIN email e ON e.hash IN (own.email, own.email_marketo)
			CROSS JOIN link l ON l.id = e.link WHERE l.id NOT IN (SELECT value FROM json_each(?1)) ORDER BY l.id`, func(r row) error {
			links = append(links, r.link().link)
			return nil
		}, numbers(of))
	})
	return links, err
}
