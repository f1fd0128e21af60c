package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
)

// conn is one connection with its prepared statements. It goes past database/sql's own statements, which cost a fifth
// of the time of a page: the sql.Conn only keeps the connection ours. Not for concurrent use.
type conn struct {
	held   *sql.Conn
	stmts  map[string]*statement
	coming *coming // of the connection that writes
	// flights are what was read of lists of what is under way, by their numbers.
	flights map[int64][]int64
}

type statement struct {
	driver.Stmt
	run driver.StmtExecContext
	ask driver.StmtQueryContext
}

func newConn(ctx context.Context, db *sql.DB) (*conn, error) {
	held, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{held: held, stmts: map[string]*statement{}}, nil
}

// do runs fn with the connection underneath. It is the only way to it.
func (c *conn) do(ctx context.Context, fn func(t *tx) error) error {
	return c.held.Raw(func(raw any) error {
		prepare, ok := raw.(driver.ConnPrepareContext)
		if !ok {
			return fmt.Errorf("bug: the SQLite driver's connection is a %T", raw)
		}
		return fn(&tx{ctx: ctx, conn: c, prepare: prepare})
	})
}

func (c *conn) close() error {
	err := c.held.Raw(func(any) error {
		var errs []error
		for _, s := range c.stmts {
			errs = append(errs, s.Close())
		}
		return errors.Join(errs...)
	})
	return errors.Join(err, c.held.Close())
}

// tx is one transaction at work. ctx ends it at the next statement; a statement that runs is left to finish, so that no
// goroutine has to watch it.
type tx struct {
	ctx     context.Context
	conn    *conn
	prepare driver.ConnPrepareContext
	named   []driver.NamedValue
	tally   map[string]int64
	last    map[string]*given // by table
	objects map[int64]bool    // custom objects whose names this transaction has kept
	late    func() error      // puts rows into the file that a pen has yet to; nil without one
}

func (t *tx) statement(query string) (*statement, error) {
	if s := t.conn.stmts[query]; s != nil {
		return s, nil
	}
	made, err := t.prepare.PrepareContext(context.Background(), bound(query))
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	s := &statement{Stmt: made}
	var runs, asks bool
	s.run, runs = made.(driver.StmtExecContext)
	s.ask, asks = made.(driver.StmtQueryContext)
	if !runs || !asks {
		return nil, errors.Join(fmt.Errorf("bug: the SQLite driver's statement is a %T", made), made.Close())
	}
	t.conn.stmts[query] = s
	return s, nil
}

var parameter = regexp.MustCompile(`\?[0-9]+`)

// bound is a query as it is prepared. Parameters that stand in their order, each once, lose their numbers: to the driver a number is a name, which
// it looks up again for every row. The plus means nothing but that SQLite plans without the value: with it every new limit, and a turn after
// the first two, would have the statement prepared again (sqlite3VdbeReprepareOnBind).
func bound(query string) string {
	inOrder := 0
	for _, p := range parameter.FindAllString(query, -1) {
		if inOrder++; p != "?"+strconv.Itoa(inOrder) {
			return parameter.ReplaceAllString(query, "+$0")
		}
	}
	return parameter.ReplaceAllString(query, "+?")
}

func (t *tx) args(args []driver.Value) []driver.NamedValue {
	t.named = t.named[:0]
	for i, a := range args {
		switch n := a.(type) {
		case int:
			a = int64(n)
		case []byte:
			if n == nil {
				a = nil
			}
		}
		t.named = append(t.named, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return t.named
}

// exec runs a statement and tells how many rows it changed. Everything that was to be appended is there before.
func (t *tx) exec(query string, args ...driver.Value) (int64, error) {
	if t.late != nil {
		if err := t.late(); err != nil {
			return 0, err
		}
	}
	return t.do(query, args...)
}

func (t *tx) do(query string, args ...driver.Value) (int64, error) {
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	s, err := t.statement(query)
	if err != nil {
		return 0, err
	}
	result, err := s.run.ExecContext(context.Background(), t.args(args))
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// row is one row of an answer, valid until the next one.
type row []driver.Value

func (r row) int(i int) int64   { n, _ := r[i].(int64); return n }
func (r row) text(i int) string { s, _ := r[i].(string); return s }
func (r row) blob(i int) []byte { b, _ := r[i].([]byte); return b }
func (r row) null(i int) bool   { return r[i] == nil }

// query hands every row of an answer to each. each must not run the same query again. Everything that was to be appended is there before.
func (t *tx) query(query string, each func(row) error, args ...driver.Value) (err error) {
	if t.late != nil {
		if err := t.late(); err != nil {
			return err
		}
	}
	return t.ask(query, each, args...)
}

func (t *tx) ask(query string, each func(row) error, args ...driver.Value) (err error) {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	s, err := t.statement(query)
	if err != nil {
		return err
	}
	rows, err := s.ask.QueryContext(context.Background(), t.args(args))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	dest := make(row, len(rows.Columns()))
	for {
		switch err := rows.Next(dest); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := each(dest); err != nil {
			return err
		}
	}
}

// first hands the first row of an answer to each, if there is one.
func (t *tx) first(query string, each func(row) error, args ...driver.Value) (found bool, err error) {
	err = t.query(query, func(r row) error {
		if found {
			return nil
		}
		found = true
		return each(r)
	}, args...)
	return found, err
}

// count adds n to a number that is kept for the screens, with the transaction's other writes.
func (t *tx) count(name string, n int64) {
	if t.tally == nil {
		t.tally = map[string]int64{}
	}
	t.tally[name] += n
}

// settle writes the numbers that this transaction moved.
func (t *tx) settle() error {
	for table, last := range t.last {
		t.count("last."+table, last.n)
	}
	for name, n := range t.tally {
		if n == 0 {
			continue
		}
		if _, err := t.exec(`INSERT INTO tally(name, n) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET n = n + excluded.n`, name, n); err != nil {
			return err
		}
	}
	return nil
}

// all runs fn between two statements that begin and end a transaction, and undoes it when fn fails.
func (t *tx) all(begin string, fn func(*tx) error) error {
	if _, err := t.exec(begin); err != nil {
		return err
	}
	err := fn(t)
	if err == nil && t.late != nil {
		err = t.late()
	}
	if err == nil {
		err = t.settle()
	}
	if err == nil {
		_, err = t.exec(`COMMIT`)
	}
	if err == nil {
		return nil
	}
	undo := &tx{ctx: context.WithoutCancel(t.ctx), conn: t.conn, prepare: t.prepare}
	if _, undoErr := undo.exec(`ROLLBACK`); undoErr != nil {
		// SQLite has rolled back by itself already when the disk was full or failed; then there is nothing to undo.
		return err
	}
	return err
}
