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
	bucket *bucket
	progress
	shelves [buckets][]int64   // the numbers of each bucket's rows
	room    [buckets][]byte    // in which pages are put together
	sealed  []byte             // and in which each part of one is sealed
	seen    *seen              // nil: not known yet what came
	again   map[stagedID]int64 // as the table
}

// progress is how far a stage came.
type progress struct {
	came, carrying int64
	ordered        bool
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
	if errors.As(err, &broken) || errors.Is(err, errOldStage) { // a scratch file is not worth mending
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
	// A page takes twice its size in memory, and what was read is written to the end and read once.
	pragmas := []string{"busy_timeout(5000)", "page_size(16384)", "cache_size(-1000)"}
	if s.path != "" {
		// NORMAL: a power cut may cost the last pages that were read, and they are read again.
		// What was read stays in the log, where it is written once: it is read once, and then all of it goes.
		pragmas = append(pragmas, "journal_mode(wal)", "synchronous(normal)", "wal_autocheckpoint(0)")
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
	var version, tables int
	err = s.db.QueryRowContext(ctx, `SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)`).Scan(&version, &tables)
	if err == nil && tables > 0 && version != stageVersion {
		err = errOldStage
	}
	if err == nil {
		_, err = s.db.ExecContext(ctx, stageSchema)
	}
	if err == nil {
		s.conn, err = newConn(ctx, s.db)
	}
	if err == nil {
		err = s.conn.do(ctx, s.recall)
	}
	if err != nil {
		return explain("make it", s.path, errors.Join(err, s.db.Close()))
	}
	return nil
}

// stageVersion is the form of the scratch file.
const stageVersion = 3

// errOldStage says that an earlier version left the scratch file behind.
var errOldStage = errors.New("the scratch file of the first sync is of another version")

// recall reads what the stage keeps in memory.
func (s *stage) recall(t *tx) error {
	s.progress, s.seen, s.again, s.shelves = progress{}, nil, map[stagedID]int64{}, [buckets][]int64{}
	if err := t.query(`SELECT n, place FROM shelf`, func(r row) error {
		b := r.int(1) >> shelfBits
		if b < 0 || b >= buckets {
			return errPacked
		}
		s.shelves[b] = append(s.shelves[b], r.int(0))
		return nil
	}); err != nil {
		return err
	}
	if _, err := t.first(`SELECT came, carrying, ordered FROM progress`, func(r row) error {
		s.progress = progress{r.int(0), r.int(1), r.int(2) != 0}
		return nil
	}); err != nil {
		return err
	}
	return t.query(`SELECT side, id, n FROM again`, func(r row) error {
		s.again[stagedID{record.Side(r.int(0)), record.ID(r.text(1))}] = r.int(2)
		return nil
	})
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
	err := s.run(ctx, "keep what was read", `BEGIN IMMEDIATE`, func(t *tx) error {
		s.bucket = nil
		if err := s.disorder(t); err != nil {
			return err
		}
		if err := s.put(t, records); err != nil {
			return err
		}
		if err := s.keepProgress(t); err != nil {
			return err
		}
		return t.setCursor(feed, to)
	})
	if err != nil { // nothing of it came
		err = errors.Join(err, s.run(context.WithoutCancel(ctx), "keep what was read", `BEGIN`, s.recall))
	}
	return err
}

func (s *stage) keepProgress(t *tx) error {
	_, err := t.exec(`INSERT INTO progress(one, came, carrying, ordered) VALUES(1, ?1, ?2, ?3)
		ON CONFLICT(one) DO UPDATE SET came = excluded.came, carrying = excluded.carrying, ordered = excluded.ordered`, s.came, s.carrying, flag(s.ordered))
	return err
}

// Remove closes and deletes the scratch file. Where a file may be deleted while it is open that comes first: what is about to go need not be
// put into its place.
func (s *stage) Remove() error {
	_ = s.erase() // elsewhere it is done below
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
