package store

import (
	"context"
	"database/sql/driver"

	"modernc.org/sqlite"
	"modernc.org/sqlite/vtab"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

// Rows that a transaction adds are put into a table many at a time: one INSERT reads them from memory, through the virtual table coming.
// Binding, running and resetting a statement for each takes as long again as what the statement does.

// appending is one way to put rows into a table. Its statement selects from coming, whose columns are a, b, c and so on.
type appending struct {
	statement string
	width     int
	ids       record.Side // its rows are ids of a side, or 0
}

// OR FAIL: whoever fails rolls the whole transaction back, so no statement needs a way back of its own.
var (
	intoLink = &appending{statement: `INSERT OR FAIL INTO link(id, object, state, salesforce, marketo, email, email_marketo) SELECT a, b, c, d, e, f, g FROM temp.coming WHERE true
		ON CONFLICT(id) DO UPDATE SET object = excluded.object, state = excluded.state, salesforce = excluded.salesforce, marketo = excluded.marketo,
			email = excluded.email, email_marketo = excluded.email_marketo`, width: 7}
	intoBaseline = &appending{statement: `INSERT OR FAIL INTO baseline(link, prints) SELECT a, b FROM temp.coming WHERE true
		ON CONFLICT(link) DO UPDATE SET prints = excluded.prints`, width: 2}
	intoEmail = &appending{statement: `INSERT OR FAIL INTO email(hash, link, sides) SELECT a, b, c FROM temp.coming WHERE true
		ON CONFLICT(hash, link) DO UPDATE SET sides = excluded.sides`, width: 3}
	intoHistory = &appending{statement: `INSERT OR FAIL INTO history(id, link, at, cycle, side, kind, field, detail, content, object)
		SELECT a, b, c, d, e, f, g, h, i, j FROM temp.coming`, width: 10}
	intoOutbox = &appending{statement: `INSERT OR FAIL INTO outbox(id, link, side, object, target, source, action, state, turn, first, cycle, tries, next, since, cause, failure, carry, fields)
		SELECT a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r FROM temp.coming`, width: 18}
	intoBare = func() map[queue]*appending { // each queue's are neighbours
		into := map[queue]*appending{}
		for _, side := range sides {
			for _, q := range queues[side] {
				into[q] = &appending{statement: `INSERT OR FAIL INTO outbox_first(id, does, cycle, since, fields) SELECT a, b, c, d, e FROM temp.coming`, width: 5}
			}
		}
		return into
	}()
	intoEcho = &appending{statement: `INSERT OR FAIL INTO outbox_echo(id, link, cycle, since, fields) SELECT a, b, c, d, e FROM temp.coming`, width: 5}
	intoHold = &appending{statement: `INSERT OR FAIL INTO hold(id, link, field, cause, since, content, skipped) SELECT a, b, c, d, e, f, g FROM temp.coming WHERE true
		ON CONFLICT(id) DO UPDATE SET cause = excluded.cause, since = excluded.since, content = excluded.content, skipped = excluded.skipped`, width: 7}
	intoFollow = &appending{statement: `INSERT OR FAIL INTO follow(parent, link) SELECT a, b FROM temp.coming WHERE true ON CONFLICT(parent, link) DO NOTHING`, width: 2}
	intoIDs    = map[string]*appending{
		"salesforce": appendingIDs(record.Salesforce, "salesforce"), "marketo": appendingIDs(record.Marketo, "marketo"), "company": appendingIDs(record.Marketo, "company"),
	}
)

func appendingIDs(side record.Side, table string) *appending {
	return &appending{statement: `INSERT OR FAIL INTO ` + table + `(id, link) SELECT a, b FROM temp.coming WHERE true ON CONFLICT(id) DO NOTHING`, width: 2, ids: side}
}

// appendedAtMost is how many rows wait for a statement at most: enough for it to cost nothing.
const appendedAtMost = 500

// pending are rows that wait to be put into a table.
type pending struct {
	into *appending
	rows []driver.Value
}

// append has a row put into a table before the next statement is run.
func (p *pen) append(into *appending, row ...driver.Value) error {
	at := -1
	for i := range p.pending {
		if p.pending[i].into == into {
			at = i
		}
	}
	if at < 0 {
		at, p.pending = len(p.pending), append(p.pending, pending{into: into})
	}
	waiting := &p.pending[at]
	waiting.rows = append(waiting.rows, row...)
	if len(waiting.rows) < appendedAtMost*into.width {
		return nil
	}
	return p.put(at)
}

// flush puts all rows that wait into their tables.
func (p *pen) flush() error {
	for i := range p.pending {
		if err := p.put(i); err != nil {
			return err
		}
	}
	return nil
}

func (p *pen) put(at int) error {
	into, rows := p.pending[at].into, p.pending[at].rows
	if len(rows) == 0 {
		return nil
	}
	p.pending[at].rows = nil
	p.conn.coming.rows, p.conn.coming.width = rows, into.width
	changed, err := p.do(into.statement)
	p.conn.coming.rows = nil
	if err == nil && into.ids != 0 && int(changed) < len(rows)/2 {
		err = p.takeIDs(into.ids, rows)
	}
	if p.pending[at].rows == nil { // the room is used again
		clear(rows)
		p.pending[at].rows = rows[:0]
	}
	return err
}

// takeIDs gives links the ids of a side that lead to others.
func (p *pen) takeIDs(side record.Side, rows []driver.Value) error {
	for i := 0; i < len(rows); i += 2 {
		link, _ := rows[i+1].(int64)
		if err := p.takeID(side, idOf(rows[i]), cycle.LinkID(link)); err != nil {
			return err
		}
	}
	return nil
}

// coming is the virtual table from which rows are put into others. It belongs to one connection.
type coming struct {
	rows  []driver.Value
	width int
}

const comingTable = `CREATE VIRTUAL TABLE temp.coming USING coming`

// Create makes the table.
func (c *coming) Create(x vtab.Context, args []string) (vtab.Table, error) { return c.Connect(x, args) }

// Connect declares its columns, as many as the widest table has.
func (c *coming) Connect(x vtab.Context, _ []string) (vtab.Table, error) {
	return c, x.Declare(`CREATE TABLE coming(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r)`)
}

// BestIndex has nothing to offer: rows are only ever read all, in their order.
func (c *coming) BestIndex(*vtab.IndexInfo) error { return nil }

// Open begins at the first row.
func (c *coming) Open() (vtab.Cursor, error) { return &comingRow{coming: c}, nil }

// Disconnect has nothing to give back.
func (c *coming) Disconnect() error { return nil }

// Destroy has nothing to give back.
func (c *coming) Destroy() error { return nil }

// comingRow is a place among the rows.
type comingRow struct {
	*coming
	at int
}

// Filter goes back to the first row.
func (r *comingRow) Filter(int, string, []vtab.Value) error { r.at = 0; return nil }

// Next goes on to the next one.
func (r *comingRow) Next() error { r.at += r.width; return nil }

// Eof is behind the last one.
func (r *comingRow) Eof() bool { return r.at >= len(r.rows) }

// Column is one value of the row.
func (r *comingRow) Column(i int) (vtab.Value, error) {
	if i >= r.width {
		return nil, nil
	}
	return r.rows[r.at+i], nil
}

// Rowid is the place.
func (r *comingRow) Rowid() (int64, error) { return int64(r.at), nil }

// Close has nothing to give back.
func (r *comingRow) Close() error { return nil }

// connector opens the connection that writes, with the table coming.
type connector struct {
	driver *sqlite.Driver
	dsn    string
}

func newConnector(dsn string, c *coming) (driver.Connector, error) {
	d := &sqlite.Driver{}
	return connector{d, dsn}, d.RegisterModule("coming", c)
}

// Connect opens a connection.
func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

// Driver is the driver.
func (c connector) Driver() driver.Driver { return c.driver }
