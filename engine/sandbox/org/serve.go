package org

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// maxBody bounds a JSON request: 25 subrequests of 200 wide rows stay far below.
const maxBody = 64 << 20

// maxURI is Salesforce's limit for a request's address (REST API: 414 beyond 16,384 bytes).
const maxURI = 16384

// serveData answers everything below /services/data.
func (o *Org) serveData(w http.ResponseWriter, r *http.Request) {
	if len(r.URL.RequestURI()) > maxURI {
		w.WriteHeader(http.StatusRequestURITooLong)
		return
	}
	c := &call{method: r.Method, header: r.Header}
	c.out.buf = o.buffers.take()
	defer func() { o.buffers.give(c.out.buf) }()

	version, path, err := splitPath(r.URL.EscapedPath())
	if err != nil {
		c.fail(badRequest("MALFORMED_URL", "the address is not well-formed"))
		o.send(w, r, c, false)
		return
	}
	if version == "" {
		o.versions(c)
		o.send(w, r, c, false)
		return
	}
	c.version, c.path = version, path
	o.settle()
	o.age()
	o.prepare(c, r)
	if c.out.status == 0 {
		o.dispatch(c)
	}
	if c.wrote > 0 {
		o.journal.Wrote(record.Salesforce, c.endpoint(), c.wrote)
	}
	o.send(w, r, c, c.out.status != http.StatusUnauthorized)
}

// buffers keeps a few bodies of past answers for the next ones. A pool would forget them at every garbage collection,
// and growing one anew to the ten megabytes of five pages costs more than filling it.
type buffers struct {
	mu   sync.Mutex
	free [][]byte
}

const (
	keptBuffers = 4
	keptSize    = 32 << 20 // a bigger one is left to the garbage collector
)

func (b *buffers) take() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.free); n > 0 {
		buf := b.free[n-1]
		b.free = b.free[:n-1]
		return buf[:0]
	}
	return nil
}

func (b *buffers) give(buf []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.free) < keptBuffers && cap(buf) <= keptSize {
		b.free = append(b.free, buf)
	}
}

// prepare authenticates the call, unpacks it and counts it. A refusal stands in c.out.
func (o *Org) prepare(c *call, r *http.Request) {
	var refusal *apiError
	if c.major, refusal = knownVersion(c.version); refusal != nil {
		c.fail(refusal)
		return
	}
	c.query = r.URL.Query()
	if c.method == http.MethodPost {
		if other := c.query.Get("_HttpMethod"); other != "" {
			c.method = other
			c.query.Del("_HttpMethod")
		}
	}
	if c.session, refusal = o.authenticate(r); refusal != nil {
		c.fail(refusal)
		o.record(c, false)
		return
	}
	c.rights = o.rightsOf(c.session.user)
	body, refusal := unpacked(r)
	if refusal == nil {
		refusal = c.readable(r)
	}
	if refusal != nil {
		c.fail(refusal)
		return
	}
	if c.is("jobs") || c.is("metadata") {
		c.stream = body
	} else {
		data, err := io.ReadAll(io.LimitReader(body, maxBody+1))
		if err != nil || len(data) > maxBody {
			c.fail(parserError("The HTTP entity body could not be read", nil, 0))
			return
		}
		c.body = data
	}
	if o.dice.Roll(fault.QuotaCutoff) {
		used, limit := o.quota.usage()
		o.quota.use(max(0, limit-used))
	}
	if !o.quota.spend(o.cost(c)) {
		c.fail(errQuota)
		o.record(c, false)
		return
	}
	o.record(c, true)
}

// is reports whether the path begins with these segments, in any case.
func (c *call) is(segments ...string) bool {
	if len(c.path) < len(segments) {
		return false
	}
	for i, s := range segments {
		if !strings.EqualFold(c.path[i], s) {
			return false
		}
	}
	return true
}

// splitPath takes "/services/data/v61.0/sobjects/Lead.json/" apart: "61.0" and the segments after it, unescaped.
// The version is "" for the list of versions.
func splitPath(escaped string) (version string, path []string, err error) {
	rest := strings.Trim(strings.TrimPrefix(escaped, "/services/data"), "/")
	if rest == "" {
		return "", nil, nil
	}
	for i, segment := range strings.Split(rest, "/") {
		text, err := url.PathUnescape(segment)
		if err != nil {
			return "", nil, err
		}
		switch {
		case i == 0:
			version = strings.TrimPrefix(strings.ToLower(text), "v")
		case text != "":
			path = append(path, text)
		}
	}
	if n := len(path); n > 0 && n != 4 { // an external id's value may end like a file name
		path[n-1] = strings.TrimSuffix(path[n-1], ".json")
	}
	return version, path, nil
}

// readable refuses bodies of another type than JSON, but for jobs and deployments, which look for themselves.
func (c *call) readable(r *http.Request) *apiError {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if kind = strings.TrimSpace(kind); kind == "" || strings.EqualFold(kind, "application/json") || r.ContentLength == 0 || c.is("jobs") || c.is("metadata") {
		return nil
	}
	return fault1(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The request entity is in a format that is not supported by the requested resource and method: "+kind)
}

// unpacked is the body without its Content-Encoding.
func unpacked(r *http.Request) (io.Reader, *apiError) {
	var body io.Reader = r.Body
	var err error
	switch strings.ToLower(r.Header.Get("Content-Encoding")) {
	case "", "identity":
		return body, nil
	case "gzip":
		body, err = gzip.NewReader(r.Body)
	case "deflate":
		body, err = zlib.NewReader(r.Body)
	default:
		err = errors.New("unknown encoding")
	}
	if err != nil {
		return nil, fault1(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The Content-Encoding is not supported or the body does not match it")
	}
	return body, nil
}

// send writes the finished answer: indented where asked, packed where the client takes it.
func (o *Org) send(w http.ResponseWriter, r *http.Request, c *call, usage bool) {
	h := w.Header()
	for name, values := range c.out.header {
		h[name] = values
	}
	if usage {
		h.Set("Sforce-Limit-Info", o.quota.info())
	}
	h.Set("Date", o.clock.Now().UTC().Format(http.TimeFormat))
	status, body := c.out.status, c.out.buf
	if status == 0 {
		status = http.StatusOK
	}
	if len(body) == 0 {
		w.WriteHeader(status)
		return
	}
	if c.out.kind == "" {
		c.out.kind = "application/json;charset=UTF-8"
		if r.Header.Get("X-PrettyPrint") == "1" {
			var indented bytes.Buffer
			if err := json.Indent(&indented, body, "", "  "); err == nil {
				body = indented.Bytes()
			}
		}
	}
	h.Set("Content-Type", c.out.kind)
	h.Add("Vary", "Accept-Encoding")
	if len(body) < 1024 || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		if _, err := w.Write(body); err != nil {
			return // the client went away; that its answer is lost is for the client to find out
		}
		return
	}
	h.Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	packer := packers.Get().(*gzip.Writer)
	defer packers.Put(packer)
	packer.Reset(w)
	if _, err := packer.Write(body); err != nil {
		return
	}
	if err := packer.Close(); err != nil {
		return
	}
}

var packers = sync.Pool{New: func() any {
	packer, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic("org: " + err.Error()) // the level is a constant
	}
	return packer
}}
