package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
)

// ErrShape says that an answer is JSON, but not what the API documents.
var ErrShape = errors.New("the answer has another shape than documented")

// Fault is what is wrong with a body.
type Fault uint8

// The faults.
const (
	Empty     Fault = iota + 1 // nothing
	WebPage                    // HTML, from whatever stands in front of the side
	Truncated                  // it ends in the middle
	Malformed                  // no JSON, more than one document, or compression that does not unpack
	Shape                      // ErrShape
)

// Unreadable is a body that cannot be read. The decoder's own words can quote the body, so only the place is kept.
type Unreadable struct {
	Fault Fault
	At    int64 // byte, for Malformed; 0 where it is not known
}

// Error names the place and nothing of the body.
func (e *Unreadable) Error() string {
	if e.At > 0 {
		return fmt.Sprintf("at byte %d", e.At)
	}
	return "the answer cannot be read"
}

// Judge turns an error met while reading a body into an *Unreadable; what was met on the network stays as it is, and so
// does an error of the reader's own.
func Judge(err error) error {
	var known *Unreadable
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	var corrupt flate.CorruptInputError
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &Unreadable{Fault: Truncated}
	case errors.As(err, &syntax):
		return &Unreadable{Malformed, syntax.ByteOffset}
	case errors.As(err, &semantic):
		return &Unreadable{Malformed, semantic.ByteOffset}
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return &Unreadable{Fault: Malformed}
	case errors.Is(err, ErrShape):
		return &Unreadable{Fault: Shape}
	}
	return err
}

var unpackers = sync.Pool{New: func() any { return new(gzip.Reader) }}

// Unpack gives the body as the side meant it. The func returned must be called when the body has been read.
func (w *Watch) Unpack(resp *http.Response) (io.Reader, func()) {
	w.timer.Stop()
	body := io.Reader(&watchedReader{from: resp.Body, Watch: w})
	if !strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		return bufio.NewReaderSize(body, 16<<10), func() {}
	}
	zip := unpackers.Get().(*gzip.Reader)
	opened := &lazyGzip{from: bufio.NewReaderSize(body, 16<<10), zip: zip}
	return bufio.NewReaderSize(opened, 16<<10), func() { unpackers.Put(zip) }
}

// lazyGzip reads the gzip header with the first byte asked for, so that a broken one is an error of reading.
type lazyGzip struct {
	from *bufio.Reader
	zip  *gzip.Reader
	open bool
	err  error
}

func (l *lazyGzip) Read(p []byte) (int, error) {
	if !l.open && l.err == nil {
		l.err = l.zip.Reset(l.from)
		l.open = l.err == nil
	}
	if l.err != nil {
		return 0, l.err
	}
	return l.zip.Read(p)
}

// Decode hands the tokens of a body to read and judges whatever is wrong with the body. It reads to the end: what
// follows the document must be blank, and a compressed body's checksum must hold.
func Decode(body io.Reader, read func(dec *jsontext.Decoder) error) error {
	buffered, ok := body.(*bufio.Reader)
	if !ok {
		buffered = bufio.NewReader(body)
	}
	if err := looksLikeJSON(buffered); err != nil {
		return Judge(err)
	}
	dec := jsontext.NewDecoder(buffered, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err := read(dec); err != nil {
		return Judge(err)
	}
	switch _, err := dec.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return &Unreadable{Malformed, dec.InputOffset()}
	default:
		return Judge(err)
	}
}

// mostBlanks is how many blanks a body may begin with.
const mostBlanks = 1 << 10

// looksLikeJSON judges by the first character that is not blank.
func looksLikeJSON(body *bufio.Reader) error {
	for n := 1; n <= mostBlanks; n++ {
		peek, err := body.Peek(n)
		if errors.Is(err, io.EOF) {
			return &Unreadable{Fault: Empty}
		}
		if err != nil {
			return err
		}
		switch peek[n-1] {
		case ' ', '\t', '\r', '\n':
			continue
		case '<':
			return &Unreadable{Fault: WebPage}
		}
		return nil
	}
	return &Unreadable{Malformed, mostBlanks}
}
