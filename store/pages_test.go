package store

import (
	"path/filepath"
	"testing"
	"unsafe"

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
	used, most := new(int64), new(int64)
	if rc := lib.Xsqlite3_status64(tls, lib.SQLITE_STATUS_PAGECACHE_USED, uintptr(unsafe.Pointer(used)), uintptr(unsafe.Pointer(most)), 0); rc != lib.SQLITE_OK || *used == 0 {
		t.Errorf("%d pages lie in the block (%d)", *used, rc)
	}
}
