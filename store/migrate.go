package store

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is the number of the newest migration.
const schemaVersion = 17

// leastSQLite is the oldest SQLite that may open a workspace: in earlier ones a write-ahead log that is reset while
// somebody reads it can corrupt the file (mended in 3.51.3).
var leastSQLite = [3]int{3, 51, 3}

// ErrWrongKey says that the keychain holds another key than the one that the workspace was made with.
var ErrWrongKey = errors.New("the key in the keychain is not the one that this workspace was made with")

// migrate brings the file to the newest version, one step after the other.
func (w *Workspace) migrate(ctx context.Context) error {
	const op = "open the workspace"
	var text string
	var version, application, tables int
	err := w.db.QueryRowContext(ctx, `SELECT sqlite_version(), (SELECT user_version FROM pragma_user_version),
		(SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)`).Scan(&text, &version, &application, &tables)
	if err != nil {
		return explain(op, w.path, err)
	}
	if err := checkSQLite(text); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	switch {
	case tables > 0 && application != applicationID:
		return fmt.Errorf("%s: %w", op, ErrForeign)
	case version > schemaVersion:
		return fmt.Errorf("%s: %w", op, ErrNewer)
	case version == schemaVersion:
		return nil
	}
	return w.migrateTo(ctx, schemaVersion)
}

func (w *Workspace) migrateTo(ctx context.Context, version int64) error {
	const op = "bring the workspace up to date"
	if _, err := w.db.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d`, applicationID)); err != nil {
		return explain(op, w.path, err)
	}
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, w.db, steps, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		return explain(op, w.path, err)
	}
	return nil
}

// checkSQLite refuses a library older than leastSQLite.
func checkSQLite(version string) error {
	parts := strings.Split(version, ".")
	for i, least := range leastSQLite {
		n := 0
		if i < len(parts) {
			var err error
			if n, err = strconv.Atoi(parts[i]); err != nil {
				return fmt.Errorf("SQLite calls its version %q", version)
			}
		}
		if n != least {
			if n < least {
				return fmt.Errorf("SQLite %s is older than %d.%d.%d, the first that is safe here", version, leastSQLite[0], leastSQLite[1], leastSQLite[2])
			}
			return nil
		}
	}
	return nil
}

func (t *tx) checkVersion() error {
	var version, application int64
	for query, to := range map[string]*int64{`PRAGMA user_version`: &version, `PRAGMA application_id`: &application} {
		if err := t.query(query, func(r row) error { *to = r.int(0); return nil }); err != nil {
			return err
		}
	}
	switch {
	case application != applicationID:
		return ErrForeign
	case version > schemaVersion:
		return ErrNewer
	case version < schemaVersion:
		return ErrOutdated
	}
	return nil
}

// The settings that this package keeps for itself.
const (
	openMark    = "store.open"    // "yes" between Open and Close
	keyMark     = "store.key"     // sealed, to know the key again
	sessionMark = "store.session" // as in the session file, to know a backup that was put back
)

// prepare checks what Open promises to check, and marks the file as open.
func (w *Workspace) prepare(ctx context.Context) error {
	const op = "open the workspace"
	var unclean bool
	var stored string
	session := make([]byte, 12)
	if _, err := rand.Read(session); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	now := base64.RawURLEncoding.EncodeToString(session)
	err := w.inTurn(ctx, op, `BEGIN`, func(t *tx) error {
		if err := t.checkKey(w.keys); err != nil && !errors.Is(err, errNoMark) {
			return err
		}
		mark, err := t.setting(openMark)
		unclean = mark != ""
		if err == nil {
			stored, err = t.setting(sessionMark)
		}
		if err == nil {
			err = t.meetObjects()
		}
		return err
	})
	if err != nil {
		return err
	}
	if unclean || w.suspect() {
		if err := w.check(ctx); err != nil {
			return err
		}
		if err := os.Remove(w.path + suspectMark); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return explainFile(op, err)
		}
	}
	if err := w.compareSession(stored, now); err != nil {
		return err
	}
	err = w.write(ctx, op, func(t *tx) error {
		if err := t.checkKey(w.keys); errors.Is(err, errNoMark) {
			if err := t.markKey(w.keys); err != nil {
				return err
			}
		}
		if err := t.setSetting(sessionMark, now); err != nil {
			return err
		}
		return t.setSetting(openMark, "yes")
	})
	if err != nil || w.path == "" {
		return err
	}
	return w.noteSession(now)
}

// check reads the whole file; findings make it broken.
func (w *Workspace) check(ctx context.Context) error {
	rows, err := w.integrity(ctx)
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		return &BrokenError{Path: w.path, Reason: "a part of it cannot be read", Cause: errors.New(strings.Join(rows, "; "))}
	}
	return nil
}

// integrity gives SQLite's findings about the file, none when it is sound.
func (w *Workspace) integrity(ctx context.Context) ([]string, error) {
	var findings []string
	err := w.inTurn(ctx, "check the workspace's file", `BEGIN`, func(t *tx) error {
		return t.query(`PRAGMA quick_check(5)`, func(r row) error {
			if text := r.text(0); text != "ok" {
				findings = append(findings, text)
			}
			return nil
		})
	})
	return findings, err
}

var errNoMark = errors.New("no key has been marked yet")

const keyProof = "doppio"

func (t *tx) markKey(k Keys) error {
	sealed, err := k.seal(settingSeal, 0, []byte(keyProof))
	if err != nil {
		return err
	}
	return t.setSetting(keyMark, base64.StdEncoding.EncodeToString(sealed))
}

func (t *tx) checkKey(k Keys) error {
	text, err := t.setting(keyMark)
	if err != nil {
		return err
	}
	if text == "" {
		return errNoMark
	}
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return ErrWrongKey
	}
	plain, err := k.open(settingSeal, 0, sealed)
	if err != nil || subtle.ConstantTimeCompare(plain, []byte(keyProof)) != 1 {
		return ErrWrongKey
	}
	return nil
}

// compareSession looks whether the file is the one that was last open here. A file beside it names the last session, or,
// between two, both: a crash there is no reason to distrust the file.
func (w *Workspace) compareSession(stored, now string) error {
	if w.path == "" {
		return nil
	}
	noted, err := os.ReadFile(w.path + ".session")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return explainFile("read the name of the last session", err)
	}
	names := strings.Fields(string(noted))
	w.Restored = len(names) > 0 && stored != ""
	for _, name := range names {
		if name == stored {
			w.Restored = false
		}
	}
	return w.noteSession(stored + "\n" + now)
}

func (w *Workspace) noteSession(names string) error {
	if err := os.WriteFile(w.path+".session", []byte(names+"\n"), 0o600); err != nil {
		return explainFile("note the name of this session", err)
	}
	return nil
}

func (t *tx) markClosed() error {
	_, err := t.exec(`DELETE FROM setting WHERE name = ?1`, openMark)
	return err
}
