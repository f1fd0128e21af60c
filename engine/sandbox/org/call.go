package org

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// call is one request below /services/data/vNN.0/, or one subrequest of the composite family.
type call struct {
	session *session
	rights  *rights
	version string // as in the address: "61.0"
	major   int    // 61
	method  string
	path    []string // what follows the version, unescaped, without a trailing slash or ".json"
	query   url.Values
	header  http.Header
	body    []byte    // whole and unpacked; nil for jobs
	parsed  *value    // of body, once somebody asked
	stream  io.Reader // jobs only: the unpacked body
	inside  bool      // a subrequest
	tx      *table.Tx // nil outside a transaction
	wrote   int       // records really created, changed or deleted so far
	// rowsFailed says that a collection refused records, which an enclosing allOrNone must know.
	rowsFailed bool
	graph      bool // of /composite/graph
	out        answer
	cells      *rowCells // scratch of appendRow
}

// answer is what a handler says. Its body starts at start: what stands before belongs to an enclosing composite.
type answer struct {
	status int
	header http.Header // nil until set
	kind   string      // Content-Type; "" for JSON
	buf    []byte
	start  int
}

func (a *answer) set(name, value string) {
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set(name, value)
}

// discard takes back what the handler has written of its body.
func (a *answer) discard() { a.buf = a.buf[:a.start] }

// fail answers an error in place of whatever was written.
func (c *call) fail(err *apiError) {
	c.out.discard()
	c.out.status = err.Status
	c.out.buf = appendErrors(c.out.buf, err.Errors, "errorCode")
}

// refuse answers the refusals of one row as a single-row call does.
func (c *call) refuse(errs []rowError) { c.fail(&apiError{Status: rowStatus(errs), Errors: errs}) }

// ok answers status with the body that was appended, or with none.
func (c *call) ok(status int) { c.out.status = status }

// failed reports whether the answer is an error.
func (c *call) failed() bool {
	return c.out.status >= 400 || c.out.status == http.StatusMultipleChoices
}

// allow answers 405 unless the method is one of those given. Salesforce names them in this order: HEAD first.
func (c *call) allow(methods ...string) bool {
	for _, m := range methods {
		if c.method == m || (c.method == http.MethodHead && m == http.MethodGet) {
			return true
		}
	}
	names := strings.Join(methods, ",")
	if strings.HasPrefix(names, http.MethodGet) {
		names = "HEAD," + names
	}
	c.fail(&apiError{Status: http.StatusMethodNotAllowed, Errors: []rowError{{
		Code: "METHOD_NOT_ALLOWED", Message: "HTTP Method '" + c.method + "' not allowed. Allowed are " + names,
	}}})
	return false
}

// href is the address of a path below the call's API version.
func (c *call) href(path string) string { return "/services/data/v" + c.version + "/" + path }

// object is the body, which must be a JSON object; it is parsed once.
func (c *call) object() (value, *apiError) {
	if c.parsed != nil {
		return *c.parsed, nil
	}
	v, err := parseObject(c.body)
	if err == nil {
		c.parsed = &v
	}
	return v, err
}

// commaList takes "a, b,c" apart.
func commaList(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
