package instance

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// Marketo REST API, Limits: bodies of 1 MB, imports of 10 MB; addresses of 8 KB, 65 KB for assets. Answers are
// compressed from 1,024 bytes.
const (
	maxBody       = 1 << 20
	maxImport     = 10 << 20
	maxURI        = 8 << 10
	maxAssetURI   = 65 << 10
	gzipThreshold = 1024
)

// call is one request.
type call struct {
	i       *Instance
	r       *http.Request
	route   *route
	service *service
	q       url.Values // the query; with a form body also the form
	body    []byte
	vars    []string
	now     time.Time
	arrived uint64 // see flight
	wrote   int    // records really created, changed or deleted
	answer
}

// answers are buffers of past answers; pages of people are what is worth keeping.
var answers = sync.Pool{New: func() any { return new([]byte) }}

// ServeHTTP answers as the whole Marketo host: identity, REST and bulk.
func (i *Instance) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{i: i, r: r, now: i.clock.Now()}
	arrived, inFlight := i.flight.enter()
	defer i.flight.leave()
	c.arrived = arrived
	buffer := answers.Get().(*[]byte)
	c.buf = (*buffer)[:0]
	defer func() {
		*buffer = c.buf
		answers.Put(buffer)
	}()
	i.settleImports(c.now)

	p := r.URL.Path
	if strings.Contains(p, "/../") {
		p = path.Clean(p)
	}
	if p == "/identity/oauth/token" {
		i.journal.Call(record.Marketo, r.Method+" "+p, false, false)
		i.serveToken(w, r)
		return
	}
	limit := maxURI
	if strings.HasPrefix(p, "/rest/asset/") {
		c.asset, limit = true, maxAssetURI
	}
	if len(r.URL.RequestURI()) > limit {
		i.journal.Call(record.Marketo, r.Method+" (address too long)", false, false)
		http.Error(w, "URI Too Long", http.StatusRequestURITooLong)
		return
	}
	c.begin(i.requestID(c.now))
	err := c.serve(w, p, inFlight)
	c.settle(w, err)
}

// serve routes the call, lets it pass the guards and runs it.
func (c *call) serve(w http.ResponseWriter, p string, inFlight int) error {
	c.q = c.r.URL.Query()
	if err := c.readForm(w); err != nil {
		return err
	}
	method := c.r.Method
	if method == http.MethodPost && strings.EqualFold(c.q.Get("_method"), http.MethodGet) {
		method = http.MethodGet
	}
	n, vars := c.i.routes.find(p)
	if n != nil {
		c.vars, c.route = vars, n.methods[method]
	}
	if err := c.i.authenticate(c); err != nil {
		return err
	}
	if err := c.i.guard(c, inFlight); err != nil {
		return err
	}
	switch {
	case n == nil:
		return fail(610, "Requested resource not found")
	case c.route == nil:
		return fail(605, "Request method '"+c.r.Method+"' not supported")
	case !c.service.may(c.route.needs):
		return fail(603, "Access denied")
	}
	if err := c.readBody(w); err != nil {
		return err
	}
	return c.route.serve(c)
}

// contentType is the body's type without its parameters.
func (c *call) contentType() string {
	kind, _, _ := strings.Cut(c.r.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// read takes the body in.
func (c *call) read(w http.ResponseWriter, limit int64) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, c.r.Body, limit))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return errTooLarge
	}
	if err != nil {
		return errJSON
	}
	c.body = body
	return nil
}

// readForm adds a form to the query before the call is routed: clients put _method=GET into either.
func (c *call) readForm(w http.ResponseWriter) error {
	if c.r.Method != http.MethodPost || c.contentType() != "application/x-www-form-urlencoded" {
		return nil
	}
	if err := c.read(w, maxBody); err != nil {
		return err
	}
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return errJSON
	}
	for name, values := range form {
		c.q[name] = append(c.q[name], values...)
	}
	c.body = nil
	return nil
}

// readBody takes the body in that the route wants.
func (c *call) readBody(w http.ResponseWriter) error {
	limit := int64(maxBody)
	if c.route.upload {
		limit = maxImport
	}
	if kind := c.contentType(); kind != "application/x-www-form-urlencoded" || c.r.Method != http.MethodPost {
		if err := c.read(w, limit); err != nil {
			return err
		}
	}
	if c.route.json && c.contentType() != "application/json" {
		return fail(612, "Invalid Content Type")
	}
	return nil
}

// settle charges the call, writes it into journal and statistics, and sends the answer.
func (c *call) settle(w http.ResponseWriter, err error) {
	failure := (*failure)(nil)
	if err != nil && !errors.As(err, &failure) {
		panic("instance: a handler failed without a code: " + err.Error())
	}
	endpoint, writes := c.r.Method+" (unknown)", false
	if c.route != nil {
		endpoint, writes = c.route.endpoint, c.route.writes
	}
	charged := c.i.limits.charge(c, failure)
	c.i.journal.Call(record.Marketo, endpoint, charged, writes)
	if c.wrote > 0 {
		c.i.journal.Wrote(record.Marketo, endpoint, c.wrote)
	}
	switch {
	case failure != nil && failure.status != 0:
		http.Error(w, failure.message, failure.status)
		return
	case failure != nil:
		c.fail(failure)
	case c.file != nil && !c.late:
		c.sendFile(w)
		return
	default:
		c.end()
	}
	c.send(w)
}

var gzips = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return z
}}

// send writes the answer. HTTP says 200 for failures too (Marketo REST API, Error Codes).
func (c *call) send(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/json;charset=UTF-8")
	h.Set("Date", c.now.UTC().Format(http.TimeFormat))
	bulk := c.route != nil && c.route.bulk
	if len(c.buf) < gzipThreshold || bulk || !strings.Contains(c.r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Length", strconv.Itoa(len(c.buf)))
		// A reader that went away is no fault of ours.
		w.Write(c.buf)
		return
	}
	h.Set("Content-Encoding", "gzip")
	h.Set("Vary", "Accept-Encoding")
	z := gzips.Get().(*gzip.Writer)
	defer gzips.Put(z)
	z.Reset(w)
	// A reader that went away is no fault of ours.
	z.Write(c.buf)
	z.Close()
}

// guard applies what the subscription allows, and the faults that it has inside.
func (i *Instance) guard(c *call, inFlight int) error {
	if i.dice.Roll(fault.QuotaCutoff) {
		i.limits.exhaust(c.now)
	}
	if err := i.limits.admit(c.now, inFlight); err != nil {
		return err
	}
	if !i.dice.Roll(fault.LockRow) {
		return nil
	}
	switch i.dice.Pick(fault.LockRow, 6) {
	case 0:
		return errRate
	case 1:
		return errConcurrent
	case 2:
		return fail(608, "API Temporarily Unavailable")
	case 3:
		return fail(611, "System error")
	case 4:
		return fail(713, "Transient error")
	}
	c.late = true // 604 comes after the work was done
	return nil
}
