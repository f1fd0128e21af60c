package store

import (
	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// A first sync links everybody in the order of their addresses, which is no order for their ids: each of its transactions would touch every
// page of the tables by which ids lead to links. So these tables stay behind meanwhile, and take what they lack many links at a time, in the
// order of the ids. Until then the links themselves tell, and whoever writes and looks an id up has the tables catch up first.

// behindTally is the first link whose ids are not in their tables yet, 0 when all are.
const behindTally = "ids.behind"

// behindAtMost is how many links the tables stay behind.
const behindAtMost = 32_000

func (t *tx) behind() (int64, error) {
	stored, err := t.number(behindTally)
	return stored + t.tally[behindTally], err
}

// catchUp puts all ids into their tables. A connection that only reads leaves them, and looks through the links (ownersBehind).
func (t *tx) catchUp() error {
	from, err := t.behind()
	if err != nil || from == 0 || t.conn.coming == nil {
		return err
	}
	for _, statement := range []string{ // OR FAIL: else SQLite keeps in memory what each page that a statement touches was before
		`INSERT OR FAIL INTO salesforce(id, link) SELECT salesforce, id FROM link WHERE id >= ?1 AND salesforce IS NOT NULL ORDER BY salesforce`,
		`INSERT OR FAIL INTO marketo(id, link) SELECT marketo, id FROM link WHERE id >= ?1 AND marketo < '' ORDER BY marketo`,
		`INSERT OR FAIL INTO company(id, link) SELECT marketo, id FROM link WHERE id >= ?1 AND marketo >= '' ORDER BY marketo`,
	} {
		if _, err := t.exec(statement, from); err != nil {
			return err
		}
	}
	t.count(behindTally, -from)
	return nil
}

// levelled is catchUp for a transaction that is about to change those tables, once.
func (p *pen) levelled() error {
	if p.level {
		return nil
	}
	p.level = true
	return p.catchUp()
}

// stayBehind leaves the ids of a link that was just made out of their tables.
func (p *pen) stayBehind(link cycle.LinkID) error {
	if p.lags {
		return nil
	}
	p.lags, p.level = true, false
	from, err := p.behind()
	if err == nil && from == 0 {
		p.count(behindTally, int64(link))
	}
	return err
}

// boundBehind has the tables catch up when they lack the ids of many links.
func (p *pen) boundBehind() error {
	if !p.lags {
		return nil
	}
	from, err := p.behind()
	if last := p.last["link"]; err == nil && last.stored+last.n-from >= behindAtMost {
		err = p.catchUp()
	}
	return err
}

// ownersBehind looks ids up among the links that the tables lack. It reads all of these: for screens that ask during a first sync.
func (t *tx) ownersBehind(side record.Side, ids string, each func(row) error) error {
	from, err := t.behind()
	if err != nil || from == 0 {
		return err
	}
	return t.query(`WITH asked AS MATERIALIZED (SELECT key, value FROM json_each(?1))
		SELECT a.key, l.id FROM link l CROSS JOIN asked a ON a.value = l.`+side.String()+` WHERE l.id >= ?2`, each, ids, from)
}
