package instance

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/s2"
)

// spoolBlock is how much of a file is packed together.
const spoolBlock = 256 << 10

// spool keeps a file in memory, packed block by block, so that a million people fit.
type spool struct {
	blocks [][]byte
	part   []byte
	size   int64
	digest hash.Hash
	sum    string // of the whole file, in hexadecimal
}

func newSpool() *spool { return &spool{digest: sha256.New()} }

// Write never fails.
func (s *spool) Write(b []byte) (int, error) {
	s.digest.Write(b)
	s.size += int64(len(b))
	for rest := b; len(rest) > 0; {
		n := min(spoolBlock-len(s.part), len(rest))
		s.part = append(s.part, rest[:n]...)
		rest = rest[n:]
		if len(s.part) == spoolBlock {
			s.flush()
		}
	}
	return len(b), nil
}

func (s *spool) flush() {
	s.blocks = append(s.blocks, s2.Encode(nil, s.part))
	s.part = s.part[:0]
}

func (s *spool) close() {
	if len(s.part) > 0 {
		s.flush()
	}
	s.part = nil
	s.sum = checksum([sha256.Size]byte(s.digest.Sum(nil)))
}

// drop forgets the content; size and checksum stay.
func (s *spool) drop() { s.blocks = nil }

func (s *spool) dropped() bool { return s.blocks == nil && s.size > 0 }

// send writes bytes from to to-1.
func (s *spool) send(w http.ResponseWriter, from, to int64) {
	var block []byte
	for n := from / spoolBlock; n*spoolBlock < to; n++ {
		var err error
		if block, err = s2.Decode(block[:cap(block)], s.blocks[n]); err != nil {
			panic(fmt.Sprintf("instance: a block that was packed here cannot be unpacked: %v", err))
		}
		start, end := max(from-n*spoolBlock, 0), min(to-n*spoolBlock, int64(len(block)))
		if _, err := w.Write(block[start:end]); err != nil {
			return // a reader that went away is no fault of ours
		}
	}
}

// download is a file that is sent in place of an envelope.
type download struct{ spool spool }

// sendFile sends the file or the range that was asked for; it is never compressed (Marketo REST API, Bulk Extract).
func (c *call) sendFile(w http.ResponseWriter) {
	s := &c.file.spool
	h := w.Header()
	h.Set("Content-Type", "text/csv;charset=UTF-8")
	h.Set("Accept-Ranges", "bytes")
	from, to, status := int64(0), s.size, http.StatusOK
	if text, ok := strings.CutPrefix(c.r.Header.Get("Range"), "bytes="); ok {
		first, last, _ := strings.Cut(text, "-")
		a, errA := strconv.ParseInt(first, 10, 64)
		b, errB := strconv.ParseInt(last, 10, 64)
		if last == "" {
			b, errB = s.size-1, nil
		}
		if errA != nil || errB != nil || a > b || a >= s.size {
			h.Set("Content-Range", "bytes */"+strconv.FormatInt(s.size, 10))
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return
		}
		from, to, status = a, min(b+1, s.size), http.StatusPartialContent
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, s.size))
	}
	h.Set("Content-Length", strconv.FormatInt(to-from, 10))
	w.WriteHeader(status)
	s.send(w, from, to)
}
