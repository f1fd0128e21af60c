package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"modernc.org/sqlite"
)

// applicationID marks a SQLite file as Doppio's: "Dopp".
const applicationID = 0x446f7070

// readers is how many connections screens share.
const readers = 3

// Options are what Open may be told. The zero Options suit.
type Options struct {
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Workspace is one workspace's file, open. Its methods may be called from any goroutine: writers take turns, and
// screens read beside them. One process at a time writes; any number may read.
type Workspace struct {
	path   string // "" in memory
	keys   Keys
	now    func() time.Time
	turn   chan struct{} // holds one token: whoever has it may write
	db     *sql.DB
	coming *coming
	writer *conn // nil when opened for reading only
	readDB *sql.DB
	idle   chan *conn    // readers at rest
	unmade chan struct{} // readers that nobody needed yet
	lock   *flock.Flock
	stage  *stage
	closed bool // guarded by turn

	spentGuard sync.Mutex
	spent      map[callKey]int // what KeepCalls was told last by purpose
	// Restored reports that the file is not the one that was last closed here: a backup was put back. Its cursors read again what
	// changed since, but what waits in it may have been sent meanwhile.
	Restored bool
}

// Open opens a workspace's file for writing, and makes it if there is none. It holds the workspace's lock until Close.
//
// Errors: ErrInUse when another process holds it, ErrNewer, ErrReadOnly, ErrDiskFull, ErrForeign, ErrWrongKey, and
// *BrokenError when the file was damaged; it has been set aside then. After a start that no Close came before, the
// whole file is checked, which reads all of it; ctx ends that.
func Open(ctx context.Context, path string, keys Keys, o Options) (*Workspace, error) {
	if !keys.have() {
		return nil, fmt.Errorf("open the workspace: %w", ErrNoKey)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, explainFile("make the workspace's folder", err)
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, explainFile("lock the workspace", err)
	}
	if !locked {
		return nil, fmt.Errorf("open the workspace: %w", ErrInUse)
	}
	w, err := open(ctx, path, keys, o)
	if err != nil {
		return nil, errors.Join(setAside(path, err, clock(o)), lock.Unlock())
	}
	w.lock = lock
	return w, nil
}

// OpenMemory opens an empty workspace that lives in memory until Close: the same code, tables and promises, without a
// disk. Simulated days and the demo use it.
func OpenMemory(ctx context.Context, keys Keys, o Options) (*Workspace, error) {
	return open(ctx, "", keys, o)
}

// OpenReadOnly opens a workspace's file for reading, also beside a process that writes. Without keys (the zero Keys)
// everything works but what shows people's values, which then come blank, and look-ups by address, which fail with ErrNoKey.
func OpenReadOnly(ctx context.Context, path string, keys Keys, o Options) (*Workspace, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, explainFile("open the workspace", err)
	}
	w := &Workspace{path: path, keys: keys, now: clock(o), turn: make(chan struct{}, 1), spent: map[callKey]int{}}
	err := w.openReaders(ctx, "")
	if errors.Is(err, ErrReadOnly) && atRest(path) {
		err = w.openReaders(ctx, "&immutable=1")
	}
	if err != nil {
		return nil, err
	}
	w.turn <- struct{}{}
	if err := w.look(ctx, "open the workspace", func(t *tx) error {
		if err := t.checkVersion(); err != nil {
			return err
		}
		return t.meetObjects()
	}); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func clock(o Options) func() time.Time {
	if o.Now != nil {
		return o.Now
	}
	return time.Now
}

// open opens or makes the file, whose lock is held.
func open(ctx context.Context, path string, keys Keys, o Options) (*Workspace, error) {
	w := &Workspace{path: path, keys: keys, now: clock(o), turn: make(chan struct{}, 1), spent: map[callKey]int{}}
	if err := w.openWriter(ctx); err != nil {
		return nil, err
	}
	w.turn <- struct{}{}
	if err := w.prepare(ctx); err != nil {
		w.closed = true // not Close: the mark of an unclean end stays
		return nil, errors.Join(err, w.writer.close(), w.db.Close())
	}
	if path != "" {
		if err := w.openReaders(ctx, ""); err != nil {
			return nil, errors.Join(err, w.writer.close(), w.db.Close())
		}
	}
	return w, nil
}

func (w *Workspace) openWriter(ctx context.Context) (err error) {
	if err := glance(w.path); err != nil {
		return fmt.Errorf("open the workspace: %w", err)
	}
	if w.db, err = w.connect(); err != nil {
		return err
	}
	if err := w.migrate(ctx); err != nil {
		return errors.Join(err, w.db.Close())
	}
	w.writer, err = newConn(ctx, w.db)
	if err == nil {
		w.writer.coming = w.coming
		_, err = w.writer.held.ExecContext(ctx, comingTable)
	}
	if err != nil {
		return errors.Join(explain("open the workspace", w.path, err), w.db.Close())
	}
	return nil
}

// connect names the file, making it if need be, and how the one connection that writes is set.
func (w *Workspace) connect() (*sql.DB, error) {
	pragmas := []string{"busy_timeout(5000)", "auto_vacuum(incremental)", "page_size(" + strconv.Itoa(pageSize) + ")", "cache_size(-12000)", "temp_store(memory)"}
	keepPagesTogether()
	if w.path != "" {
		if err := makeFile(w.path); err != nil {
			return nil, explainFile("open the workspace", err)
		}
		// FULL, not NORMAL: a row marked as being sent must not be forgotten when the power fails (promise 3).
		pragmas = append(pragmas, "journal_mode(wal)", "synchronous(full)", "wal_autocheckpoint(10000)", "journal_size_limit(67108864)")
		// fdatasync commits as durably as fsync and sooner; where the system has none it stays off.
		if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
			return nil, fmt.Errorf("open the workspace: %w", err)
		}
	}
	w.coming = &coming{}
	connector, err := newConnector(dsn(w.path, "rwc", pragmas), w.coming)
	if err != nil {
		return nil, fmt.Errorf("open the workspace: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	return db, nil
}

// makeFile makes a file before SQLite does, so that nobody but its owner may read it; SQLite gives its companions the
// same permissions.
func makeFile(path string) error {
	made, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return made.Close()
}

func (w *Workspace) openReaders(ctx context.Context, more string) error {
	connector, err := sqlite.NewConnector(dsn(w.path, "ro", []string{"busy_timeout(5000)", "query_only(true)"}) + more)
	if err != nil {
		return fmt.Errorf("open the workspace: %w", err)
	}
	w.readDB = sql.OpenDB(connector)
	w.readDB.SetMaxOpenConns(readers)
	if err := w.readDB.PingContext(ctx); err != nil {
		return errors.Join(explain("open the workspace", w.path, err), w.readDB.Close())
	}
	w.idle, w.unmade = make(chan *conn, readers), make(chan struct{}, readers)
	for range readers {
		w.unmade <- struct{}{}
	}
	return nil
}

// atRest reports whether a file has no log beside it: then it is whole, and can be read in a folder where SQLite may not
// make one.
func atRest(path string) bool {
	_, err := os.Stat(path + "-wal")
	return errors.Is(err, fs.ErrNotExist)
}

// dsn is the driver's name for a file, with what to set on every connection, in this order.
func dsn(path, mode string, pragmas []string) string {
	query := url.Values{"_txlock": {"immediate"}, "_pragma": pragmas}
	if path == "" {
		return "file::memory:?" + query.Encode()
	}
	query.Set("mode", mode)
	slashed := filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" {
		slashed = "/" + slashed
	}
	return "file:" + (&url.URL{Path: slashed}).EscapedPath() + "?" + query.Encode()
}

// Close ends all work and closes the file. Calling it again does nothing.
func (w *Workspace) Close() error {
	<-w.turn
	defer func() { w.turn <- struct{}{} }()
	if w.closed {
		return nil
	}
	w.closed = true
	var errs []error
	if w.stage != nil {
		errs = append(errs, w.stage.shut())
	}
	if w.idle != nil {
		for range readers {
			select {
			case c := <-w.idle:
				errs = append(errs, c.close())
			case <-w.unmade:
			}
		}
		errs = append(errs, w.readDB.Close())
	}
	if w.writer != nil {
		// A file that cannot be marked, because the disk is full, is looked through at the next start. That is all: what was done is done.
		_ = w.writer.do(context.Background(), (*tx).markClosed)
		errs = append(errs, w.writer.close(), w.db.Close())
	}
	if w.lock != nil {
		errs = append(errs, w.lock.Unlock())
	}
	if err := errors.Join(errs...); err != nil {
		return explain("close the workspace", w.path, err)
	}
	return nil
}

// write is the only func of this package that begins a transaction that writes. It waits for its turn; op names it in errors.
func (w *Workspace) write(ctx context.Context, op string, fn func(*tx) error) error {
	if w.writer == nil {
		return fmt.Errorf("%s: the workspace is open for reading only", op)
	}
	return w.inTurn(ctx, op, `BEGIN IMMEDIATE`, fn)
}

// look reads as a cycle does: through the writer's connection, whose pages are the ones that it is about to write.
func (w *Workspace) look(ctx context.Context, op string, fn func(*tx) error) error {
	if w.writer == nil {
		return w.read(ctx, op, fn)
	}
	return w.inTurn(ctx, op, `BEGIN`, fn)
}

func (w *Workspace) inTurn(ctx context.Context, op, begin string, fn func(*tx) error) error {
	select {
	case <-w.turn:
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", op, ctx.Err())
	}
	defer func() { w.turn <- struct{}{} }()
	if w.closed {
		return fmt.Errorf("%s: %w", op, ErrClosed)
	}
	err := w.writer.do(ctx, func(t *tx) error { return t.all(begin, fn) })
	if err != nil {
		return w.explain(op, err)
	}
	return nil
}

// read reads as a screen does: beside a writer, from one state of the file. In memory there is only one connection.
func (w *Workspace) read(ctx context.Context, op string, fn func(*tx) error) error {
	if w.idle == nil {
		return w.look(ctx, op, fn)
	}
	c, err := w.reader(ctx)
	if err != nil {
		return w.explain(op, err)
	}
	defer func() { w.idle <- c }()
	if err := c.do(ctx, func(t *tx) error { return t.all(`BEGIN`, fn) }); err != nil {
		return w.explain(op, err)
	}
	return nil
}

// reader takes a connection that is at rest, and makes one only where all are at work: each has a cache of its own.
func (w *Workspace) reader(ctx context.Context) (*conn, error) {
	select {
	case c := <-w.idle:
		return c, nil
	default:
	}
	select {
	case c := <-w.idle:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-w.unmade:
	}
	c, err := newConn(ctx, w.readDB)
	if err != nil {
		w.unmade <- struct{}{}
	}
	return c, err
}

// explain is explain while the workspace is open: whoever finds the file broken leaves word beside it, so that the next Open, which trusts
// a file that was closed, looks through all of it.
func (w *Workspace) explain(op string, err error) error {
	err = explain(op, w.path, err)
	if broken := new(BrokenError); w.path != "" && errors.As(err, &broken) {
		if noted := os.WriteFile(w.path+suspectMark, nil, 0o600); noted != nil {
			return errors.Join(err, explainFile("note that the file is to be checked", noted))
		}
	}
	return err
}

// suspect reports whether somebody found the file broken.
func (w *Workspace) suspect() bool {
	_, err := os.Stat(w.path + suspectMark)
	return w.path != "" && err == nil
}

// suspectMark ends the name of an empty file beside a workspace's.
const suspectMark = ".suspect"

// explainFile says what an error of the file system means for the user.
func explainFile(op string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission) || isReadOnlyFS(err):
		return fmt.Errorf("%s: %w (%w)", op, ErrReadOnly, err)
	case isDiskFull(err):
		return fmt.Errorf("%s: %w (%w)", op, ErrDiskFull, err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w (%w)", op, ErrNotFound, err)
	}
	return fmt.Errorf("%s: %w", op, err)
}

const asideMark = "-broken-"

// IsAside reports whether a file's name is that of a damaged workspace's file that Open set aside.
func IsAside(name string) bool {
	return strings.Contains(name, asideMark) && strings.HasSuffix(name, ".db")
}

// setAside moves a damaged file out of the way, with the time in its name, and says so. Other errors pass unchanged.
func setAside(path string, err error, now func() time.Time) error {
	var broken *BrokenError
	if !errors.As(err, &broken) {
		return err
	}
	aside := fmt.Sprintf("%s%s%s.db", strings.TrimSuffix(path, ".db"), asideMark, now().UTC().Format("20060102-150405"))
	for _, companion := range []string{"", "-wal", "-shm", ".session", suspectMark} {
		if moveErr := os.Rename(path+companion, aside+companion); moveErr != nil && !errors.Is(moveErr, fs.ErrNotExist) {
			return errors.Join(err, moveErr)
		}
	}
	return &BrokenError{Path: path, Aside: aside, Reason: broken.Reason, Cause: broken.Cause}
}
