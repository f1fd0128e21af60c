package store

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"modernc.org/sqlite"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
)

//go:embed stage.sql
var stageSchema string

// stage is the scratch file of a first sync. Its calls take turns, as both sides are read at once.
type stage struct {
	w    *Workspace
	path string
	turn chan struct{}
	db   *sql.DB
	conn *conn
	// bucket is the last one that was sorted for ByEmail, so that its next part costs no second sorting.
	bucket  *bucket
	shelf   int64 // the next place in every bucket
	ordered bool  // the index of ids is there, and each id once
}

// OpenStage opens the scratch file of a first sync, making it if need be. It lies beside the workspace's file and ends
// in -stage.db. Losing it loses nothing but the reading.
func (w *Workspace) OpenStage(ctx context.Context) (cycle.Stage, error) {
	const op = "open the scratch file of the first sync"
	select {
	case <-w.turn:
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", op, ctx.Err())
	}
	defer func() { w.turn <- struct{}{} }()
	switch {
	case w.closed:
		return nil, fmt.Errorf("%s: %w", op, ErrClosed)
	case w.writer == nil:
		return nil, fmt.Errorf("%s: the workspace is open for reading only", op)
	case w.stage != nil:
		return w.stage, nil
	}
	s := &stage{w: w, turn: make(chan struct{}, 1)}
	if w.path != "" {
		s.path = strings.TrimSuffix(w.path, ".db") + "-stage.db"
	}
	err := s.open(ctx)
	var broken *BrokenError
	if errors.As(err, &broken) { // a scratch file is not worth mending
		if err = s.erase(); err == nil {
			err = s.open(ctx)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	s.turn <- struct{}{}
	w.stage = s
	return s, nil
}

func (s *stage) open(ctx context.Context) error {
	pragmas := []string{"busy_timeout(5000)", "page_size(4096)", "cache_size(-4000)"}
	if s.path != "" {
		// NORMAL: a power cut may cost the last pages that were read, and they are read again.
		pragmas = append(pragmas, "journal_mode(wal)", "synchronous(normal)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)")
		if err := makeFile(s.path); err != nil {
			return explainFile("make it", err)
		}
	}
	connector, err := sqlite.NewConnector(dsn(s.path, "rwc", pragmas))
	if err != nil {
		return err
	}
	s.db = sql.OpenDB(connector)
	s.db.SetMaxOpenConns(1)
	if _, err = s.db.ExecContext(ctx, stageSchema); err == nil {
		s.conn, err = newConn(ctx, s.db)
	}
	if err == nil {
		err = s.conn.do(ctx, func(t *tx) error {
			return t.query(`SELECT coalesce(max(place), 0) FROM staged_last`, func(r row) error { s.shelf = r.int(0); return nil })
		})
	}
	if err != nil {
		return explain("make it", s.path, errors.Join(err, s.db.Close()))
	}
	return nil
}

func (s *stage) run(ctx context.Context, op, begin string, fn func(*tx) error) error {
	select {
	case <-s.turn:
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", op, ctx.Err())
	}
	defer func() { s.turn <- struct{}{} }()
	if s.conn == nil {
		return fmt.Errorf("%s: %w", op, ErrClosed)
	}
	if err := s.conn.do(ctx, func(t *tx) error { return t.all(begin, fn) }); err != nil {
		return explain(op, s.path, err)
	}
	return nil
}

// Cursor is where the reading of a feed stands in this stage.
func (s *stage) Cursor(ctx context.Context, feed string) (c cycle.Cursor, err error) {
	err = s.run(ctx, "read where the first reading stands", `BEGIN`, func(t *tx) error {
		c, err = t.cursor(feed)
		return err
	})
	return c, err
}

// Put keeps a page of records, replacing ones of the same id, and moves the feed's cursor, in one transaction.
func (s *stage) Put(ctx context.Context, feed string, to cycle.Cursor, records []record.Record) error {
	return s.run(ctx, "keep what was read", `BEGIN IMMEDIATE`, func(t *tx) error {
		s.bucket = nil
		if err := s.disorder(t); err != nil {
			return err
		}
		for i := range records {
			if err := s.put(t, &records[i]); err != nil {
				return err
			}
		}
		if _, err := t.exec(`INSERT INTO staged_last(one, place) VALUES(1, ?1) ON CONFLICT(one) DO UPDATE SET place = excluded.place`, s.shelf); err != nil {
			return err
		}
		return t.setCursor(feed, to)
	})
}

// A record's place is its bucket and, below it, the order of arrival. The bucket is the beginning of the keyed hash of its
// address, so that ByEmail goes through the file once, a bucket at a time, and never sorts more than one. More buckets
// would scatter a page of records over more pages of the file.
const (
	buckets   = 64
	shelfBits = 40
)

func bucketOf(group []byte) int { return int(group[0]) * buckets / 256 }

func place(group []byte, shelf int64) int64 { return int64(bucketOf(group))<<shelfBits | shelf }

func (s *stage) put(t *tx, r *record.Record) error {
	group := s.group(r)
	s.shelf++
	at := place(group, s.shelf)
	sealed, err := s.w.keys.seal(stageSeal, at, packRecord(r))
	if err != nil {
		return err
	}
	side := r.Object.Side()
	_, err = t.exec(`INSERT INTO staged(place, side, id, other, grouped, record) VALUES(?1, ?2, ?3, ?4, ?5, ?6)`,
		at, int64(side), stagedID(side, r.ID), stagedOther(side, r.OtherID), group, sealed)
	return err
}

// disorder takes the index of ids away, as more is about to come.
func (s *stage) disorder(t *tx) error {
	if !s.ordered {
		return nil
	}
	s.ordered = false
	_, err := t.exec(`DROP INDEX IF EXISTS staged_id`)
	return err
}

// order makes the index of ids, and leaves of a record that was put several times only the last one.
func (s *stage) order(ctx context.Context) error {
	if s.ordered {
		return nil
	}
	err := s.run(ctx, "order what was read", `BEGIN IMMEDIATE`, func(t *tx) error {
		if _, err := t.exec(`CREATE INDEX IF NOT EXISTS staged_id ON staged(id, side)`); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM staged WHERE place IN (
			SELECT s.place FROM (SELECT id, side, max(place & ?1) AS last FROM staged INDEXED BY staged_id GROUP BY id, side HAVING count(*) > 1) d
			JOIN staged s ON s.id = d.id AND s.side = d.side WHERE s.place & ?1 < d.last)`, int64(1)<<shelfBits-1)
		return err
	})
	s.ordered = err == nil
	return err
}

func stagedID(side record.Side, id record.ID) any {
	if side == record.Marketo {
		return marketoValue(id)
	}
	return string(id)
}

func stagedOther(side record.Side, other record.ID) any {
	if other == "" {
		return nil
	}
	return stagedID(side.Other(), other)
}

// group is the keyed hash by which records come together: of the address, or, without one, of the record itself. What
// has no address in its group has a mark in front that no address has.
func (s *stage) group(r *record.Record) []byte {
	if !r.Email.IsBlank() {
		return s.w.keys.email(record.Of(strings.ToLower(r.Email.Text())))
	}
	return s.w.keys.email(record.Of("\x00" + r.Object.Side().String() + "\x00" + string(r.ID)))
}

// Remove closes and deletes the scratch file.
func (s *stage) Remove() error {
	if err := s.leave(); err != nil {
		return err
	}
	return s.erase()
}

// Close closes it and keeps it for the next start. In memory it stays as long as the workspace.
func (s *stage) Close() error {
	if s.path == "" {
		return nil
	}
	return s.leave()
}

// leave takes the stage off the workspace and shuts it.
func (s *stage) leave() error {
	<-s.w.turn
	defer func() { s.w.turn <- struct{}{} }()
	if s.w.stage == s {
		s.w.stage = nil
	}
	return s.shut()
}

// shut ends the connection; doing it again does nothing.
func (s *stage) shut() error {
	<-s.turn
	defer func() { s.turn <- struct{}{} }()
	if s.conn == nil {
		return nil
	}
	c := s.conn
	s.conn, s.bucket = nil, nil
	return errors.Join(c.close(), s.db.Close())
}

// erase deletes the files.
func (s *stage) erase() error {
	if s.path == "" {
		return nil
	}
	for _, companion := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(s.path + companion); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return explainFile("delete the scratch file of the first sync", err)
		}
	}
	return nil
}
