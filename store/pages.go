package store

import (
	"encoding/binary"
	"sync"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	lib "modernc.org/sqlite/lib"
)

// pageSize is that of workspaces' files, in bytes.
const pageSize = 4096

// cachedPages is how many pages of workspaces' files are kept in memory, about 16 MB of them.
const cachedPages = 3700

// keepPagesTogether gives SQLite one block of memory for the pages that it keeps of workspaces' files. One by one each takes as much as two: with its
// header a page is a little over 4,096 bytes, and what is given out for it is a power of two. A process in which SQLite is at work already
// goes on as it is: it only needs more memory.
var keepPagesTogether = sync.OnceFunc(func() {
	tls := libc.NewTLS()
	defer tls.Close()
	room := libc.Xcalloc(tls, 4, 8)
	if room == 0 {
		return
	}
	defer libc.Xfree(tls, room)
	header, list := room, room+8
	if lib.Xsqlite3_config(tls, lib.SQLITE_CONFIG_PCACHE_HDRSZ, libc.VaList(list, header)) != lib.SQLITE_OK {
		return
	}
	size := (pageSize + int32(binary.NativeEndian.Uint32(libc.GoBytes(header, 4))) + 7) &^ 7
	block := libc.Xmalloc(tls, types.Size_t(size)*cachedPages)
	if block != 0 && lib.Xsqlite3_config(tls, lib.SQLITE_CONFIG_PAGECACHE, libc.VaList(list, block, size, int32(cachedPages))) != lib.SQLITE_OK {
		libc.Xfree(tls, block)
	}
})
