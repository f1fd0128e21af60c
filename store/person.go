package store

import (
	"context"
	"strings"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// FindPerson finds the links of whoever a text names: an address (in any case), a Salesforce id of 15 or 18 characters,
// or a Marketo id, also one that the person had before. Nobody is no error. Without keys an address is ErrNoKey.
func (w *Workspace) FindPerson(ctx context.Context, text string) ([]cycle.Link, error) {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "@") {
		found, err := w.ByEmail(ctx, []record.Value{record.Of(strings.ToLower(text))})
		if err != nil {
			return nil, err
		}
		return found[0], nil
	}
	side, id := record.Marketo, record.ID(text)
	if long, err := record.LongID(text); err == nil && strings.ContainsFunc(text, isLetter) {
		side, id = record.Salesforce, long
	}
	var links []cycle.Link
	err := w.read(ctx, "find a person", func(t *tx) error {
		owner, err := t.owner(side, id)
		if err == nil && owner == 0 {
			owner, err = t.formerOwner(side, id)
		}
		if err != nil || owner == 0 {
			return err
		}
		_, err = t.first(selectLink+`link l WHERE l.id = ?1`, func(r row) error { links = append(links, r.link().link); return nil }, int64(owner))
		return err
	})
	return links, err
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// LinkedAfter are pairs in the order of their links, after a link, at most limit: a slice for an audit, which begins at
// a random one up to LastLink.
func (w *Workspace) LinkedAfter(ctx context.Context, after cycle.LinkID, limit int) (links []cycle.Link, err error) {
	err = w.read(ctx, "choose pairs", func(t *tx) error {
		return t.query(selectLink+`link l WHERE l.id > ?1 AND l.state = 3 ORDER BY l.id LIMIT ?2`, func(r row) error {
			links = append(links, r.link().link)
			return nil
		}, int64(after), limit)
	})
	return links, err
}

// LastLink is the highest link there ever was, 0 for none.
func (w *Workspace) LastLink(ctx context.Context) (last cycle.LinkID, err error) {
	err = w.read(ctx, "choose pairs", func(t *tx) error {
		n, err := t.number("last.link")
		last = cycle.LinkID(n)
		return err
	})
	return last, err
}
