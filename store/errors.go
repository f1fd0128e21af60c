package store

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// What can be wrong with a workspace's file, or with the place where it lies. Nothing is lost by any of them: what was
// committed before stays, what was being written did not happen.
var (
	// ErrInUse says that another process holds the workspace.
	ErrInUse = errors.New("this workspace is in use by another process; close it there first")
	// ErrNewer says that a later version of Doppio wrote the file.
	ErrNewer = errors.New("this workspace was last used by a newer version of Doppio; update Doppio to open it")
	// ErrOutdated is the reading commands' answer to a file of an earlier version, which only a writing one converts.
	ErrOutdated = errors.New("this workspace was last used by an older version of Doppio; run a sync, or open it in the app, to bring it up to date")
	// ErrDiskFull says that nothing more can be written.
	ErrDiskFull = errors.New("the disk is full; make room, then try again: nothing was lost")
	// ErrDisk says that the disk did not do what it was told, for another reason than being full.
	ErrDisk = errors.New("the disk could not be read or written; check that it is there, sound, and within its quota, then try again: nothing was lost")
	// ErrReadOnly says that the folder or the file may not be written to.
	ErrReadOnly = errors.New("the workspace's folder cannot be written to; check its permissions")
	// ErrNotFound says that there is no such workspace, row, hold or person.
	ErrNotFound = errors.New("there is no such thing in this workspace")
	// ErrForeign says that the file is a database of some other program. It is left alone.
	ErrForeign = errors.New("the workspace's file is a database, but not one of Doppio's; move it away, and put the workspace's own back")
	// ErrClosed is every method's answer after Close.
	ErrClosed = errors.New("the workspace is closed")
)

// BrokenError says that the file can no longer be trusted. It was not deleted: it lies at Aside, and the next Open
// starts an empty one. Aside is empty when the file could not be moved, or when the break was found while working.
type BrokenError struct {
	Path   string
	Aside  string
	Reason string
	Cause  error
}

// Error says what happened to the file and what to do.
func (b *BrokenError) Error() string {
	if b.Aside == "" {
		return fmt.Sprintf("the workspace's file %s is damaged (%s); close Doppio and open the workspace again: it will be checked and set aside", b.Path, b.Reason)
	}
	return fmt.Sprintf("the workspace's file was damaged (%s). It was kept as %s. Put a backup back in its place, or make the workspace anew and connect it again: both systems are then compared, and nothing is overwritten blindly", b.Reason, b.Aside)
}

// Unwrap gives what SQLite said.
func (b *BrokenError) Unwrap() error { return b.Cause }

// explain turns SQLite's result codes into the errors above. op says what was being done.
func explain(op, path string, err error) error {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return fmt.Errorf("%s: %w", op, err)
	}
	switch failure.Code() & 0xff {
	case lib.SQLITE_FULL:
		return fmt.Errorf("%s: %w (%w)", op, ErrDiskFull, err)
	case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
		return fmt.Errorf("%s: %w (%w)", op, ErrReadOnly, err)
	case lib.SQLITE_IOERR:
		return fmt.Errorf("%s: %w (%w)", op, ErrDisk, err)
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return fmt.Errorf("%s: %w", op, &BrokenError{Path: path, Reason: "SQLite cannot read it", Cause: err})
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return fmt.Errorf("%s: %w (%w)", op, ErrInUse, err)
	}
	return fmt.Errorf("%s: %w", op, err)
}
