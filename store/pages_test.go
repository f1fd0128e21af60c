package store

import (
	"encoding/binary"
	"path/filepath"
	"testing"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// What is kept of a workspace's file lies in the block, and who reads alone makes one connection however often he does.
func TestPagesLieTogether(t *testing.T) {
	w := openTest(t, filepath.Join(t.TempDir(), "pair.db"))
	for range 3 * readers {
		if _, err := w.Cycles(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if made := readers - len(w.unmade); made != 1 {
		t.Errorf("one who reads made %d connections", made)
	}
	tls := libc.NewTLS()
	defer tls.Close()
	room := libc.Xcalloc(tls, 2, 8)
	defer libc.Xfree(tls, room)
	rc := lib.Xsqlite3_status64(tls, lib.SQLITE_STATUS_PAGECACHE_USED, room, room+8, 0)
	if used := binary.NativeEndian.Uint64(libc.GoBytes(room, 8)); rc != lib.SQLITE_OK || used == 0 {
		t.Errorf("%d pages lie in the block (%d)", used, rc)
	}
}
