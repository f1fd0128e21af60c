package org

import (
	"net/http"
	"net/url"
	"strings"
)

// Limits of /composite (REST API: 25 subrequests, at most 5 of them queries or Collections).
const (
	maxSubrequests = 25
	maxHeavy       = 5
)

// subrequest is one entry of a compositeRequest.
type subrequest struct {
	method, address, reference string
	header                     http.Header
	body                       *value // nil for none
}

// part is the answer to one subrequest; its body lies in the enclosing answer.
type part struct {
	status     int
	header     http.Header
	start, end int
	made       value // the body, parsed, once a later subrequest refers to it
	parsed     bool
}

// halted is what the other subrequests of an allOrNone composite are told.
var halted = badRequest("PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed.")

// composite answers POST vNN/composite.
func (o *Org) composite(c *call) {
	if c.method == http.MethodGet {
		c.out.buf = append(c.out.buf, '{')
		for _, name := range []string{"tree", "batch", "sobjects", "graph"} {
			c.out.buf = appendPair(c.out.buf, name, c.href("composite/"+name))
			c.out.buf = append(c.out.buf, ',')
		}
		c.out.buf[len(c.out.buf)-1] = '}'
		c.ok(http.StatusOK)
		return
	}
	if !c.allow(http.MethodPost) {
		return
	}
	body, refusal := c.object()
	if refusal != nil {
		c.fail(refusal)
		return
	}
	list, _ := body.get("compositeRequest")
	subs, refusal := o.subrequests(c, list.items)
	if refusal != nil {
		c.fail(refusal)
		return
	}
	c.out.buf = append(c.out.buf, `{"compositeResponse":`...)
	o.runComposite(c, subs, body.flag("allOrNone"), nil)
	c.out.buf = append(c.out.buf, '}')
	c.ok(http.StatusOK)
}

// subrequests checks the envelope. What is wrong there refuses the whole request.
func (o *Org) subrequests(c *call, items []value) ([]subrequest, *apiError) {
	if len(items) == 0 {
		return nil, badRequest("INVALID_INPUT", "compositeRequest is required and must not be empty")
	}
	if len(items) > maxSubrequests && !c.graph {
		return nil, badRequest("LIMIT_EXCEEDED", "The request cannot have more than 25 subrequests")
	}
	seen := map[string]bool{}
	heavy := 0
	subs := make([]subrequest, len(items))
	for i, item := range items {
		s := subrequest{method: item.word("method"), address: item.word("url"), reference: item.word("referenceId"), header: http.Header{}}
		if !lawfulReference(s.reference) {
			return nil, badRequest("INVALID_INPUT", "Provided referenceId ('"+s.reference+"') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').")
		}
		if seen[s.reference] {
			return nil, badRequest("INVALID_INPUT", "The referenceId '"+s.reference+"' is used more than once")
		}
		seen[s.reference] = true
		headers, _ := item.get("httpHeaders")
		for _, h := range headers.members {
			switch strings.ToLower(h.name) {
			case "accept", "authorization", "content-type":
				return nil, badRequest("INVALID_INPUT", "The header "+h.name+" is not allowed in a subrequest")
			}
			s.header.Set(h.name, h.value.text)
		}
		if b, ok := item.get("body"); ok && b.kind != 'n' {
			s.body = &b
		}
		if isHeavy(s.address) {
			heavy++
		}
		subs[i] = s
	}
	if heavy > maxHeavy {
		return nil, badRequest("LIMIT_EXCEEDED", "The request cannot have more than 5 subrequests that are queries or sObject Collections")
	}
	return subs, nil
}

func lawfulReference(id string) bool {
	if id == "" || id[0] == '_' {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_') {
			return false
		}
	}
	return true
}

// isHeavy reports whether a subrequest is a query or a Collections call.
func isHeavy(address string) bool {
	path, _, _ := strings.Cut(strings.ToLower(address), "?")
	return strings.Contains(path, "/query") || strings.Contains(path, "/composite/sobjects")
}

// runComposite runs subrequests in their order and appends the list of their answers. With all set they are one
// transaction. allow, where given, refuses addresses that the enclosing resource does not take.
func (o *Org) runComposite(c *call, subs []subrequest, all bool, allow func(*call) bool) (succeeded bool) {
	parts := make([]part, len(subs))
	start := len(c.out.buf)
	culprit := -1
	run := func() error {
		c.out.buf = append(c.out.buf[:start], '[')
		for i := range subs {
			if i > 0 {
				c.out.buf = append(c.out.buf, ',')
			}
			failed := o.runPart(c, subs, parts, i, allow)
			if failed && culprit < 0 {
				culprit = i
			}
			if failed && all {
				return errRefused
			}
			c.out.buf = appendTail(c.out.buf, parts[i], subs[i].reference)
		}
		c.out.buf = append(c.out.buf, ']')
		return nil
	}
	if !all {
		if err := run(); err != nil {
			c.fail(halted)
		}
		return culprit < 0
	}
	if err := o.update(c, run); err == nil {
		return true
	}
	// Rolled back: the culprit's own answer stands, all others are told so.
	own := append([]byte(nil), c.out.buf[parts[culprit].start:parts[culprit].end]...)
	b := append(c.out.buf[:start], '[')
	for i, s := range subs {
		if i > 0 {
			b = append(b, ',')
		}
		p := part{status: http.StatusBadRequest}
		b = append(b, `{"body":`...)
		if i == culprit {
			p = parts[i]
			b = append(b, own...)
		} else {
			b = appendErrors(b, halted.Errors, "errorCode")
		}
		b = appendTail(b, p, s.reference)
	}
	c.out.buf = append(b, ']')
	return false
}

// runPart runs one subrequest and appends its body.
func (o *Org) runPart(c *call, subs []subrequest, parts []part, i int, allow func(*call) bool) (failed bool) {
	c.out.buf = append(c.out.buf, `{"body":`...)
	sub := &call{
		session: c.session, rights: c.rights, inside: true, graph: c.graph, tx: c.tx, method: subs[i].method, header: subs[i].header,
		cells: c.cells,
		out:   answer{buf: c.out.buf, start: len(c.out.buf)},
	}
	if refusal := o.resolve(c, subs, parts, i, sub); refusal != nil {
		sub.fail(refusal)
	} else if allow != nil && !allow(sub) {
		sub.fail(badRequest("INVALID_INPUT", "The address is not supported here"))
	} else {
		o.dispatchInside(sub)
	}
	c.wrote += sub.wrote
	c.out.buf = sub.out.buf
	if len(c.out.buf) == sub.out.start {
		c.out.buf = append(c.out.buf, "null"...)
	}
	parts[i] = part{status: sub.out.status, header: sub.out.header, start: sub.out.start, end: len(c.out.buf)}
	return sub.failed() || sub.rowsFailed
}

// resolve fills in the references of a subrequest and takes its address apart.
func (o *Org) resolve(c *call, subs []subrequest, parts []part, i int, sub *call) *apiError {
	s := subs[i]
	look := &lookup{c: c, subs: subs[:i], parts: parts}
	address, refusal := look.text(s.address)
	if refusal != nil {
		return refusal
	}
	path, query, _ := strings.Cut(address, "?")
	if !strings.HasPrefix(path, "/services/data/v") {
		return badRequest("INVALID_INPUT", "The url of a subrequest must start with /services/data/v")
	}
	var err error
	if sub.version, sub.path, err = splitPath(path); err != nil {
		return badRequest("MALFORMED_URL", "the address is not well-formed")
	}
	if sub.major, refusal = knownVersion(sub.version); refusal != nil {
		return refusal
	}
	if sub.query, err = url.ParseQuery(query); err != nil {
		return badRequest("MALFORMED_URL", "the query string is not well-formed")
	}
	sub.body = c.body // places in messages are those of the whole request
	if s.body != nil {
		filled, refusal := look.value(*s.body)
		if refusal != nil {
			return refusal
		}
		sub.parsed = &filled
	} else {
		sub.body = nil
	}
	return nil
}

// dispatchInside runs what /composite takes: rows, describe, updated and deleted, queries, Collections.
func (o *Org) dispatchInside(sub *call) {
	switch {
	case sub.is("sobjects"), sub.is("query"), sub.is("queryAll"), sub.is("composite", "sobjects"):
		o.dispatch(sub)
	case sub.is("tooling"):
		sub.fail(badRequest("PROCESSING_HALTED", "Tooling resources are not supported in a composite request"))
	default:
		sub.fail(errNotFound)
	}
}

// appendTail ends an answer after its body.
func appendTail(b []byte, p part, reference string) []byte {
	b = append(b, `,"httpHeaders":{`...)
	first := true
	for _, name := range []string{"ETag", "Last-Modified", "Location"} {
		if text := p.header.Get(name); text != "" {
			if !first {
				b = append(b, ',')
			}
			first = false
			b = appendPair(b, name, text)
		}
	}
	b = append(b, `},"httpStatusCode":`...)
	b = appendInt(b, p.status)
	b = append(b, ',')
	b = appendPair(b, "referenceId", reference)
	return append(b, '}')
}
