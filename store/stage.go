package store

import (
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
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
	shelf  int64 // the next place in every bucket
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
	pragmas := []string{"busy_timeout(5000)", "page_size(4096)", "cache_size(-16000)", "temp_store(memory)"}
	if s.path != "" {
		// NORMAL: a power cut may cost the last pages that were read, and they are read again.
		pragmas = append(pragmas, "journal_mode(wal)", "synchronous(normal)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)")
		made, err := os.OpenFile(s.path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return explainFile("make it", err)
		}
		if err := made.Close(); err != nil {
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

// A record's place is its bucket and, below it, the order of arrival. The bucket is the first byte of the keyed hash of
// its address, so that ByEmail goes through the file once, a bucket at a time, and never sorts more than one.
const shelfBits = 40

func place(group []byte, shelf int64) int64 { return int64(group[0])<<shelfBits | shelf }

func (s *stage) put(t *tx, r *record.Record) error {
	group := s.group(r)
	s.shelf++
	at := place(group, s.shelf)
	sealed, err := s.w.keys.seal(stageSeal, at, packRecord(r))
	if err != nil {
		return err
	}
	side := r.Object.Side()
	_, err = t.exec(`INSERT OR REPLACE INTO staged(place, side, id, other, grouped, record) VALUES(?1, ?2, ?3, ?4, ?5, ?6)`,
		at, int64(side), stagedID(side, r.ID), stagedOther(side, r.OtherID), group, sealed)
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

// staged is one record without its content.
type staged struct {
	place int64
	side  record.Side
	group []byte
}

// bucket is one bucket in the order of groups.
type bucket struct {
	n    int
	rows []staged
}

func (s *stage) sortBucket(t *tx, n int) (*bucket, error) {
	if s.bucket != nil && s.bucket.n == n {
		return s.bucket, nil
	}
	b := &bucket{n: n}
	err := t.query(`SELECT place, side, grouped FROM staged WHERE place >= ?1 AND place < ?2`, func(r row) error {
		b.rows = append(b.rows, staged{r.int(0), record.Side(r.int(1)), r.blob(2)})
		return nil
	}, int64(n)<<shelfBits, int64(n+1)<<shelfBits)
	slices.SortFunc(b.rows, func(x, y staged) int {
		if c := bytes.Compare(x.group, y.group); c != 0 {
			return c
		}
		return int(x.place - y.place)
	})
	s.bucket = b
	return b, err
}

// ByEmail gives all staged records grouped by address, ordered, after a position, about limit records a time; a group
// is never split. Records without an address come as groups of one. Addresses are compared without regard to case.
func (s *stage) ByEmail(ctx context.Context, after string, limit int) (groups []cycle.StagedGroup, next string, done bool, err error) {
	start, last := 0, []byte(nil)
	if after != "" {
		if last, err = hex.DecodeString(after); err != nil || len(last) != emailSize {
			return nil, "", false, fmt.Errorf("group what was read: the position %q is none", after)
		}
		start = int(last[0])
	}
	err = s.run(ctx, "group what was read", `BEGIN`, func(t *tx) error {
		var taken []staged
		for n := start; n < 256; n++ {
			b, err := s.sortBucket(t, n)
			if err != nil {
				return err
			}
			rows := b.rows[firstAfter(b.rows, last):]
			for i := 0; i < len(rows); i++ {
				if len(taken) >= limit && !bytes.Equal(rows[i].group, taken[len(taken)-1].group) {
					groups, err = s.fetch(t, taken)
					next = hex.EncodeToString(taken[len(taken)-1].group)
					return err
				}
				taken = append(taken, rows[i])
			}
		}
		done = true
		groups, err = s.fetch(t, taken)
		if len(taken) > 0 {
			next = hex.EncodeToString(taken[len(taken)-1].group)
		}
		return err
	})
	return groups, next, done, err
}

func firstAfter(rows []staged, group []byte) int {
	i, _ := slices.BinarySearchFunc(rows, group, func(r staged, g []byte) int {
		if bytes.Compare(r.group, g) <= 0 && g != nil {
			return -1
		}
		return 1
	})
	return i
}

// fetch reads the records of whole groups, which stand one after the other.
func (s *stage) fetch(t *tx, taken []staged) ([]cycle.StagedGroup, error) {
	places := make([]int64, len(taken))
	for i, one := range taken {
		places[i] = one.place
	}
	records, err := s.records(t, places)
	if err != nil {
		return nil, err
	}
	var groups []cycle.StagedGroup
	for i, one := range taken {
		if i == 0 || !bytes.Equal(one.group, taken[i-1].group) {
			groups = append(groups, cycle.StagedGroup{})
		}
		g := &groups[len(groups)-1]
		if one.side == record.Salesforce {
			g.Salesforce = append(g.Salesforce, records[i])
		} else {
			g.Marketo = append(g.Marketo, records[i])
		}
	}
	return groups, nil
}

// records unseals records by their places, in the order given.
func (s *stage) records(t *tx, places []int64) ([]record.Record, error) {
	records := make([]record.Record, len(places))
	err := t.query(`SELECT j.key, s.place, s.record FROM json_each(?1) j CROSS JOIN staged s ON s.place = j.value`, func(r row) error {
		plain, err := s.w.keys.open(stageSeal, r.int(1), r.blob(2))
		if err == nil {
			records[r.int(0)], err = unpackRecord(plain)
		}
		return err
	}, numbers(places))
	return records, err
}

// ByID gives the pairs of which at least one carries the other's id, each once, ordered, after a position. First come
// those that carry each other's, so that nobody who is merely pointed at is taken from its pair.
func (s *stage) ByID(ctx context.Context, after string, limit int) (pairs []cycle.StagedGroup, next string, done bool, err error) {
	mutual, last := true, int64(-1)
	if after != "" {
		pass, place, ok := strings.Cut(after, ".")
		if last, err = strconv.ParseInt(place, 10, 64); err != nil || !ok {
			return nil, "", false, fmt.Errorf("pair what was read: the position %q is none", after)
		}
		mutual = pass == "1"
	}
	err = s.run(ctx, "pair what was read", `BEGIN`, func(t *tx) error {
		var places []int64
		seen := 0
		for {
			at, err := s.carriers(t, mutual, last, limit-seen, func(sf, mk int64) { places = append(places, sf, mk) })
			if err != nil {
				return err
			}
			seen += at.seen
			last = at.last
			if seen >= limit {
				break
			}
			if !mutual {
				done = true
				break
			}
			mutual, last = false, -1
		}
		pass := "2."
		if mutual {
			pass = "1."
		}
		next = pass + strconv.FormatInt(last, 10)
		records, err := s.records(t, places)
		for i := 0; err == nil && i < len(records); i += 2 {
			pairs = append(pairs, cycle.StagedGroup{Salesforce: records[i : i+1], Marketo: records[i+1 : i+2]})
		}
		return err
	})
	return pairs, next, done, err
}

// carried is how far a walk over the records that carry an id came.
type carried struct {
	seen int
	last int64
}

// carriers walks over at most limit records that carry an id of the other side. In the first pass it gives those whose
// other half carries theirs, by the Salesforce record; in the second the rest.
func (s *stage) carriers(t *tx, mutual bool, after int64, limit int, each func(salesforce, marketo int64)) (carried, error) {
	at := carried{last: after}
	err := t.query(`SELECT c.place, c.side, o.place, o.other IS c.id FROM (SELECT place, side, id, other FROM staged INDEXED BY staged_other WHERE other IS NOT NULL AND place > ?1 ORDER BY place LIMIT ?2) c
		LEFT JOIN staged o ON o.side = 3 - c.side AND o.id = c.other ORDER BY c.place`, func(r row) error {
		at.seen++
		at.last = r.int(0)
		both := r.int(3) != 0
		side := record.Side(r.int(1))
		switch {
		case r.null(2) || both != mutual || mutual && side == record.Marketo:
		case side == record.Salesforce:
			each(r.int(0), r.int(2))
		default:
			each(r.int(2), r.int(0))
		}
		return nil
	}, after, limit)
	return at, err
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
