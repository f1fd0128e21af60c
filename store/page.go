package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// pen is a transaction that changes links: the working set of what it read, so that nothing is read twice.
type pen struct {
	*tx
	keys     Keys
	links    map[cycle.LinkID]*stored // nil: looked for, and there is none
	prints   map[cycle.LinkID]prints
	heads    map[slot]*head
	absorbed map[cycle.LinkID]bool
	claimed  map[claim]bool // ids that this transaction gave to links
	free     map[claim]bool // ids that led nowhere when it began
	pending  []pending      // rows that are to be put into tables
	packed   []byte         // room for what is sealed next
	sealed   []byte         // room in which what was sealed lies one after the other
	fresh    cycle.LinkID   // the link that the step at hand made
	gone     []int64        // outbox rows that sweep is to delete
	told     []record.ID    // records that got or lost their place in Marketo, or their ids
	left     []record.ID    // those of them that lost what they had
	// apart is whether the ids of new links stay behind, lags whether some do, level whether it is known that none does.
	apart, lags, level bool
}

func (w *Workspace) pen(t *tx) *pen {
	p := &pen{
		tx: t, keys: w.keys, links: map[cycle.LinkID]*stored{}, prints: map[cycle.LinkID]prints{},
		heads: map[slot]*head{}, absorbed: map[cycle.LinkID]bool{}, claimed: map[claim]bool{}, free: map[claim]bool{},
	}
	t.late = p.flush
	return p
}

// CommitPage moves one feed forward by one page: links, baselines found equal, outbox rows, holds, history and the
// cursor, in one immediate transaction. After a crash the page is either unread or fully planned (promise 1).
//
// It is safe to repeat: if the stored cursor is no longer p.From, nothing is written and the error is cycle.ErrStale;
// the caller reads again from Cursor(p.Feed). A full disk is ErrDiskFull; nothing is written. ctx ends it at the next
// statement.
func (w *Workspace) CommitPage(ctx context.Context, page cycle.Page) error {
	return w.write(ctx, "keep a page of changes", func(t *tx) error {
		if page.Feed != "" {
			stored, err := t.cursor(page.Feed)
			if err != nil {
				return err
			}
			if stored != page.From {
				return cycle.ErrStale
			}
			if err := t.setCursor(page.Feed, page.To); err != nil {
				return err
			}
		}
		p := w.pen(t)
		if err := p.heard(page.Heard); err != nil {
			return err
		}
		p.apart = page.Apart
		return p.steps(page.Steps)
	})
}

// steps carries out a page. The steps are taken in the order of their links, so that neighbours in the file are
// touched together; new links come last, in the order given.
func (p *pen) steps(steps []cycle.Step) error {
	order := make([]int, len(steps))
	var changed, agreed, planned []cycle.LinkID
	for i, s := range steps {
		order[i] = i
		if s.Link.ID != 0 {
			if s.PutLink || len(s.Emails) > 0 {
				changed = append(changed, s.Link.ID)
			}
			if len(s.Agreed)+len(s.Forget) > 0 {
				agreed = append(agreed, s.Link.ID)
			}
			if len(s.Out) > 0 {
				planned = append(planned, s.Link.ID)
			}
		}
		if s.Absorb != 0 {
			changed = append(changed, s.Absorb)
		}
		if s.Rechecked { // before anything else: what changes in this very page may have it read afresh once more
			if err := p.recheck(s.Link.ID, false, true); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareLinks(steps[a].Link.ID, steps[b].Link.ID) })
	if p.apart {
		p.links, p.claimed = make(map[cycle.LinkID]*stored, len(steps)), make(map[claim]bool, 2*len(steps))
	}
	if err := p.load(changed, agreed, planned); err != nil {
		return err
	}
	for _, i := range order {
		if err := p.step(&steps[i]); err != nil {
			return err
		}
	}
	if err := p.boundBehind(); err != nil {
		return err
	}
	if err := p.countFound(steps); err != nil {
		return err
	}
	return p.end()
}

// end does what was left for the end of a transaction.
func (p *pen) end() error {
	if err := p.sweep(); err != nil {
		return err
	}
	return p.tellAll()
}

func compareLinks(a, b cycle.LinkID) int {
	switch {
	case a == b:
		return 0
	case a == 0:
		return 1
	case b == 0 || a < b:
		return -1
	}
	return 1
}

// load reads the working set of a page, each kind in one go.
func (p *pen) load(changed, agreed, planned []cycle.LinkID) error {
	for _, ids := range []*[]cycle.LinkID{&changed, &agreed, &planned} {
		slices.Sort(*ids)
		*ids = slices.Compact(*ids)
	}
	if err := p.loadLinks(changed); err != nil {
		return err
	}
	if err := p.loadPrints(agreed); err != nil {
		return err
	}
	return p.loadHeads(planned)
}

func (p *pen) loadPrints(ids []cycle.LinkID) error {
	if len(ids) == 0 {
		return nil
	}
	return p.query(`SELECT b.link, b.prints FROM json_each(?1) j CROSS JOIN baseline b ON b.link = j.value`, func(r row) error {
		stored, err := readPrints(r.blob(1))
		p.prints[cycle.LinkID(r.int(0))] = stored
		return err
	}, numbers(ids))
}

func (p *pen) step(s *cycle.Step) error {
	link := s.Link
	if p.absorbed[link.ID] {
		return nil
	}
	fresh := link.ID == 0
	p.fresh = 0
	if fresh {
		id, err := p.next("link")
		if err != nil {
			return err
		}
		link.ID = cycle.LinkID(id)
		p.fresh = link.ID
		p.links[link.ID] = nil // known to be none yet
	}
	if fresh || s.PutLink || s.Absorb != 0 || len(s.Emails) > 0 {
		if err := p.stepLink(link, fresh || s.PutLink, s); err != nil {
			return err
		}
	}
	if s.Unlearn {
		if err := p.unlearn(link.ID); err != nil {
			return err
		}
	}
	if err := p.agree(link.ID, s.Agreed, s.Forget...); err != nil {
		return err
	}
	for i := range s.Out {
		if err := p.putRow(link.ID, &s.Out[i]); err != nil {
			return err
		}
	}
	if err := p.echo(link.ID, s.Echo); err != nil {
		return err
	}
	// Released first: a hold that takes another's place has its field.
	if err := p.release(s.Release); err != nil {
		return err
	}
	if err := p.holds(link.ID, s.Holds); err != nil {
		return err
	}
	if err := p.events(link.ID, s.Events); err != nil {
		return err
	}
	if s.Follow != nil {
		follow := p.follow
		if fresh {
			follow = p.followToo
		}
		if err := follow(link.ID, *s.Follow); err != nil {
			return err
		}
	}
	return p.recheck(link.ID, s.Recheck, false)
}

// stepLink puts a step's link, with what it absorbs and its new addresses.
func (p *pen) stepLink(link cycle.Link, put bool, s *cycle.Step) error {
	old, err := p.link(link.ID)
	if err != nil {
		return err
	}
	var emails [3][]byte
	if old != nil {
		emails = old.emails
		if !put {
			link = old.link
		}
	} else if !put {
		return nil // gone since the page was read: it had no link of its own to change
	}
	if s.Absorb != 0 {
		other, err := p.absorb(s.Absorb, link.ID)
		if err != nil {
			return err
		}
		if other != nil {
			if link.Salesforce == "" {
				link.Salesforce = other.link.Salesforce
			}
			if link.Marketo == "" {
				link.Marketo = other.link.Marketo
			}
			for _, side := range sides {
				if emails[side] == nil {
					emails[side] = other.emails[side]
				}
				if id := other.link.On(side); id != link.On(side) {
					if err := p.remember(side, id, link.ID); err != nil {
						return err
					}
				}
			}
		}
	}
	for side, address := range s.Emails {
		if side != record.Salesforce && side != record.Marketo {
			return fmt.Errorf("bug: an address on side %d", side)
		}
		emails[side] = nil
		if !address.IsBlank() {
			emails[side] = p.keys.email(address)
		}
	}
	return p.putLink(link, emails)
}

// agree makes values the baseline of a link's fields, after some were forgotten.
func (p *pen) agree(link cycle.LinkID, agreed []cycle.Agreed, forget ...uint16) error {
	if len(agreed)+len(forget) == 0 {
		return nil
	}
	packed, err := p.keys.agree(link, p.prints[link].without(forget), agreed)
	if err != nil {
		return err
	}
	if len(packed) == 0 {
		return nil
	}
	p.prints[link] = packed
	return p.append(intoBaseline, int64(link), []byte(packed))
}

// unlearn forgets what a link's halves agreed upon.
func (p *pen) unlearn(link cycle.LinkID) error {
	delete(p.prints, link)
	_, err := p.exec(`DELETE FROM baseline WHERE link = ?1`, int64(link))
	return err
}

func (p *pen) recheck(link cycle.LinkID, on, off bool) error {
	var err error
	if off {
		_, err = p.exec(`DELETE FROM recheck WHERE link = ?1`, int64(link))
	}
	if err == nil && on {
		_, err = p.exec(`INSERT INTO recheck(link) VALUES(?1) ON CONFLICT(link) DO NOTHING`, int64(link))
	}
	return err
}

// next gives the next id of a table. Ids are never given twice, also when their rows are gone: people name holds and
// rows by them, and seals are bound to them.
func (t *tx) next(table string) (int64, error) {
	last := t.last[table]
	if last == nil {
		stored, err := t.number("last." + table)
		if err != nil {
			return 0, err
		}
		if t.last == nil {
			t.last = map[string]*given{}
		}
		last = &given{stored: stored}
		t.last[table] = last
	}
	last.n++
	return last.stored + last.n, nil
}

// given is how many ids of a table a transaction gave.
type given struct{ stored, n int64 }

// number reads one of the numbers that are kept for the screens.
func (t *tx) number(name string) (n int64, err error) {
	err = t.ask(`SELECT n FROM tally WHERE name = ?1`, func(r row) error { n = r.int(0); return nil }, name) // nothing is appended to it
	return n, err
}

// Cursor is where a feed stands; the empty Cursor when it has never been read.
func (w *Workspace) Cursor(ctx context.Context, feed string) (c cycle.Cursor, err error) {
	err = w.look(ctx, "read where a feed stands", func(t *tx) error {
		c, err = t.cursor(feed)
		return err
	})
	return c, err
}

func (t *tx) cursor(feed string) (c cycle.Cursor, err error) {
	_, err = t.first(`SELECT cursor FROM feed WHERE name = ?1`, func(r row) error { c = cycle.Cursor(r.text(0)); return nil }, feed)
	return c, err
}

func (t *tx) setCursor(feed string, to cycle.Cursor) error {
	_, err := t.exec(`INSERT INTO feed(name, cursor) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET cursor = excluded.cursor`, feed, string(to))
	return err
}

// Rechecks gives links that must be read afresh on both sides, lowest first, at most limit.
func (w *Workspace) Rechecks(ctx context.Context, limit int) (links []cycle.LinkID, err error) {
	err = w.look(ctx, "list what to read afresh", func(t *tx) error {
		return t.query(`SELECT link FROM recheck ORDER BY link LIMIT ?1`, func(r row) error {
			links = append(links, cycle.LinkID(r.int(0)))
			return nil
		}, limit)
	})
	return links, err
}
