package sandbox

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
)

// The hosts by which an in-memory client reaches the pair.
const (
	SalesforceHost = "salesforce.sandbox.example"
	MarketoHost    = "marketo.sandbox.example"
	ControlHost    = "control.sandbox.example"
)

// memory is a RoundTripper that runs handlers in this process, chosen by the request's host: no sockets and no files,
// so it works in a testing/synctest bubble. Bodies stream both ways. A handler that panics with http.ErrAbortHandler
// looks like a connection that ends; a client that gives up ends the handler's context.
type memory struct {
	hosts map[string]http.Handler

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
	ends    map[*exchange]struct{}
}

func newMemory(hosts map[string]http.Handler) *memory {
	return &memory{hosts: hosts, ends: map[*exchange]struct{}{}}
}

// RoundTrip serves one request.
func (m *memory) RoundTrip(r *http.Request) (*http.Response, error) {
	host := r.URL.Hostname()
	h, known := m.hosts[host]
	if !known {
		closeBody(r)
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}}
	}
	ctx, cancel := context.WithCancel(r.Context())
	reader, writer := io.Pipe()
	x := &exchange{cancel: cancel, body: writer, header: http.Header{}, ready: make(chan struct{}), bare: r.Method == http.MethodHead}
	if !m.begin(x) {
		cancel()
		closeBody(r)
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	go func() {
		defer m.end(x)
		defer closeBody(r)
		x.serve(h, served(ctx, r))
	}()
	select {
	case <-x.ready:
	case <-r.Context().Done():
		cancel()
		reader.CloseWithError(r.Context().Err())
		return nil, r.Context().Err()
	}
	if x.err != nil {
		cancel()
		return nil, x.err
	}
	// A client that gives up while it reads must not take the rest for the end.
	stop := context.AfterFunc(r.Context(), func() { writer.CloseWithError(context.Cause(r.Context())) })
	return x.response(r, &answerBody{reader, cancel, stop}), nil
}

// served is the request as the handler sees it.
func served(ctx context.Context, r *http.Request) *http.Request {
	in := r.Clone(ctx)
	in.RequestURI, in.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:40000"
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if in.Header.Get("User-Agent") == "" {
		in.Header.Set("User-Agent", "Go-http-client/1.1")
	}
	if in.ContentLength > 0 {
		in.Header.Set("Content-Length", strconv.FormatInt(in.ContentLength, 10))
	}
	in.URL.Scheme, in.URL.Host = "", ""
	return in
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		// A body that cannot be closed has nobody left to tell.
		r.Body.Close()
	}
}

func (m *memory) begin(x *exchange) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.running.Add(1)
	m.ends[x] = struct{}{}
	return true
}

func (m *memory) end(x *exchange) {
	m.mu.Lock()
	delete(m.ends, x)
	m.mu.Unlock()
	m.running.Done()
}

// close ends every request in progress and waits until their handlers have returned.
func (m *memory) close() {
	m.mu.Lock()
	m.closed = true
	for x := range m.ends {
		x.cancel()
		x.body.CloseWithError(net.ErrClosed)
	}
	m.mu.Unlock()
	m.running.Wait()
}

// exchange is one request in progress, and the http.ResponseWriter of its handler.
type exchange struct {
	cancel context.CancelFunc
	body   *io.PipeWriter
	bare   bool // the answer has no body, whatever the handler writes
	header http.Header

	once   sync.Once
	ready  chan struct{} // closed when the status is known, or err is
	status int
	sent   http.Header
	err    error
}

func (x *exchange) serve(h http.Handler, r *http.Request) {
	defer func() {
		switch thrown := recover(); thrown {
		case nil:
			x.WriteHeader(http.StatusOK)
			// A handler that was cut off because its client gave up has not written its last word.
			if cause := context.Cause(r.Context()); cause != nil {
				x.body.CloseWithError(cause)
				return
			}
			x.body.Close()
		case http.ErrAbortHandler:
			// Before the status was sent a client of net/http sees EOF, after it an unexpected one.
			x.once.Do(func() { x.err = io.EOF; close(x.ready) })
			x.body.CloseWithError(io.ErrUnexpectedEOF)
		default:
			x.once.Do(func() { x.err = fmt.Errorf("the sandbox's handler panicked: %v", thrown); close(x.ready) })
			x.body.CloseWithError(io.ErrUnexpectedEOF)
			panic(thrown)
		}
	}()
	h.ServeHTTP(x, r)
}

func (x *exchange) Header() http.Header { return x.header }

func (x *exchange) WriteHeader(status int) {
	if status < 200 {
		return
	}
	x.once.Do(func() {
		x.status, x.sent = status, x.header.Clone()
		close(x.ready)
	})
}

func (x *exchange) Write(b []byte) (int, error) {
	if x.header.Get("Content-Type") == "" {
		x.header.Set("Content-Type", http.DetectContentType(b))
	}
	x.WriteHeader(http.StatusOK)
	switch {
	case x.bare:
		return len(b), nil
	case x.status == http.StatusNoContent || x.status == http.StatusNotModified:
		return 0, http.ErrBodyNotAllowed
	}
	return x.body.Write(b)
}

// Flush is there for handlers that ask; nothing is held back.
func (x *exchange) Flush() { x.WriteHeader(http.StatusOK) }

func (x *exchange) response(r *http.Request, body *answerBody) *http.Response {
	length := int64(-1)
	if n, err := strconv.ParseInt(x.sent.Get("Content-Length"), 10, 64); err == nil {
		length = n
	}
	return &http.Response{
		Status: strconv.Itoa(x.status) + " " + http.StatusText(x.status), StatusCode: x.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: x.sent, ContentLength: length, Request: r, Body: body,
	}
}

// answerBody ends the handler's context when the client has done with the answer.
type answerBody struct {
	*io.PipeReader
	cancel context.CancelFunc
	stop   func() bool // no longer watch the client's context
}

func (b *answerBody) Close() error {
	b.stop()
	b.cancel()
	return b.PipeReader.Close()
}
