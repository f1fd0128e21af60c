package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// glance reads a file's first bytes before SQLite opens it for writing, which changes them: a file of another program or of a
// newer version is left as it is, and one that lost all its content is not taken for a new one. What it cannot tell, a
// damaged file or a header that is still in the log, is found after opening.
func glance(path string) (err error) {
	if path == "" {
		return nil
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return explainFile("look at the file", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var header [72]byte // SQLite's file format, section 1.3
	n, err := io.ReadFull(file, header[:])
	switch {
	case errors.Is(err, io.EOF):
		if noted, err := os.Stat(path + ".session"); err == nil && noted.Size() > 0 { // it was open here before
			return &BrokenError{Path: path, Reason: "it is empty"}
		}
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil
	case err != nil:
		return fmt.Errorf("look at the file: %w (%w)", ErrDisk, err)
	case !bytes.HasPrefix(header[:n], []byte("SQLite format 3\x00")):
		return nil
	}
	pages, version, application := binary.BigEndian.Uint32(header[28:]), binary.BigEndian.Uint32(header[60:]), binary.BigEndian.Uint32(header[68:])
	switch {
	case application != applicationID && pages > 1:
		return ErrForeign
	case application == applicationID && version > schemaVersion:
		return ErrNewer
	}
	return nil
}
