package salesforce

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/gzip"
)

// watch ends an exchange that makes no progress. It runs while we wait for the side: for the head of the answer, then
// during each read; what the caller does between two reads takes as long as it likes.
type watch struct {
	timer  *time.Timer
	limit  time.Duration
	cancel context.CancelCauseFunc
}

func watched(ctx context.Context, limit time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &watch{timer: time.AfterFunc(limit, func() { cancel(errTimeout) }), limit: limit, cancel: cancel}
}

func (w *watch) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

type watchedReader struct {
	from io.Reader
	*watch
}

func (r *watchedReader) Read(p []byte) (int, error) {
	r.timer.Reset(r.limit)
	n, err := r.from.Read(p)
	r.timer.Stop()
	return n, err
}

var unpackers = sync.Pool{New: func() any { return new(gzip.Reader) }}

// unpack gives the body as the side meant it. The func returned must be called when the body has been read.
func unpack(resp *http.Response, w *watch) (io.Reader, func()) {
	w.timer.Stop()
	body := io.Reader(&watchedReader{from: resp.Body, watch: w})
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

// drain reads what is left of a body, within reason, so that the connection can be used again.
func drain(body io.ReadCloser) {
	_, read := io.CopyN(io.Discard, body, 64<<10)
	if closed := body.Close(); read != nil || closed != nil {
		return // the exchange is over; a connection that breaks now is merely not used again
	}
}

// decodeJSON hands the tokens of a body to read, and turns whatever is wrong with the body into a typed failure: a web
// page, nothing, an end in the middle, something else.
func decodeJSON(body io.Reader, read func(dec *jsontext.Decoder) error) error {
	buffered, ok := body.(*bufio.Reader)
	if !ok {
		buffered = bufio.NewReader(body)
	}
	if err := looksLikeJSON(buffered); err != nil {
		return err
	}
	dec := jsontext.NewDecoder(buffered, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err := read(dec); err != nil {
		return unreadable(err)
	}
	// What is left must be blank; reading it also checks a compressed body's checksum.
	switch _, err := dec.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return unreadable(errShape) // more than one document
	default:
		return unreadable(err)
	}
}

// looksLikeJSON judges by the first character that is not blank.
func looksLikeJSON(body *bufio.Reader) error {
	for n := 1; n <= 1<<10; n++ {
		peek, err := body.Peek(n)
		if errors.Is(err, io.EOF) {
			return localError(codeEmpty, nil)
		}
		if err != nil {
			return unreadable(err)
		}
		switch peek[n-1] {
		case ' ', '\t', '\r', '\n':
			continue
		case '<':
			return localError(codeHTML, nil)
		}
		return nil
	}
	return localError(codeMalformed, errors.New("blanks only"))
}

// unreadable types an error met while reading a body. The decoder's own words can quote the text, so only the position
// is kept.
func unreadable(err error) error {
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return localError(codeTruncated, nil)
	case errors.As(err, &syntax):
		return localError(codeMalformed, fmt.Errorf("at byte %d", syntax.ByteOffset))
	case errors.As(err, &semantic):
		return localError(codeMalformed, fmt.Errorf("at byte %d", semantic.ByteOffset))
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), isFlate(err), errors.Is(err, errShape):
		return localError(codeMalformed, nil)
	}
	return err
}

// errShape says that an answer is JSON, but not what the API documents.
var errShape = errors.New("the answer has another shape than documented")

// boundedText reads the beginning of a body for a failure.
func boundedText(body io.Reader, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, most))
	return bytes.TrimSpace(text), err
}
