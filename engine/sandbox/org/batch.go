package org

import (
	"net/http"
	"net/url"
	"strings"
)

// batch answers POST vNN/composite/batch: up to 25 independent subrequests, each its own transaction and each counted.
func (o *Org) batch(c *call) {
	if !c.allow(http.MethodPost) {
		return
	}
	body, refusal := c.object()
	if refusal != nil {
		c.fail(refusal)
		return
	}
	list, _ := body.get("batchRequests")
	if n := len(list.items); n == 0 || n > maxSubrequests {
		c.fail(badRequest("LIMIT_EXCEEDED", "The batch must have from 1 to 25 subrequests"))
		return
	}
	halt, failed := body.flag("haltOnError"), false
	mark := len(c.out.buf)
	results := []byte(nil)
	for i, item := range list.items {
		if i > 0 {
			results = append(results, ',')
		}
		results = append(results, `{"result":`...)
		sub := &call{session: c.session, rights: c.rights, inside: true, method: item.word("method"), header: c.header, out: answer{buf: results, start: len(results)}}
		switch {
		case failed && halt:
			sub.fail(fault1(http.StatusPreconditionFailed, "BATCH_PROCESSING_HALTED", "Batch processing has been halted since one of the previous requests failed and 'haltOnError' was specified."))
		default:
			o.runBatched(c, sub, item)
		}
		c.wrote += sub.wrote
		results = sub.out.buf
		if len(results) == sub.out.start {
			results = append(results, "null"...)
		}
		results = append(results, `,"statusCode":`...)
		results = appendInt(results, sub.out.status)
		results = append(results, '}')
		failed = failed || sub.failed()
	}
	b := append(c.out.buf[:mark], `{"hasErrors":`...)
	b = append(b, map[bool]string{true: "true", false: "false"}[failed]...)
	b = append(b, `,"results":[`...)
	b = append(b, results...)
	c.out.buf = append(b, "]}"...)
	c.ok(http.StatusOK)
}

// runBatched runs one subrequest: "v61.0/sobjects/Lead/..." with its body under richInput.
func (o *Org) runBatched(c, sub *call, item value) {
	path, query, _ := strings.Cut(strings.TrimPrefix(item.word("url"), "/services/data/"), "?")
	var err error
	var refusal *apiError
	if sub.version, sub.path, err = splitPath("/services/data/" + strings.TrimPrefix(path, "/")); err == nil {
		sub.query, err = url.ParseQuery(query)
	}
	if err != nil {
		sub.fail(badRequest("MALFORMED_URL", "the address is not well-formed"))
		return
	}
	if sub.major, refusal = knownVersion(sub.version); refusal != nil {
		sub.fail(refusal)
		return
	}
	if sub.major > c.major {
		sub.fail(badRequest("INVALID_INPUT", "The version of a subrequest must not be newer than that of the batch"))
		return
	}
	if rich, ok := item.get("richInput"); ok && rich.kind == '{' {
		sub.body, sub.parsed = c.body, &rich
	}
	if sub.is("composite", "batch") || sub.is("jobs") || sub.is("composite", "graph") {
		sub.fail(errNotFound)
		return
	}
	o.dispatch(sub)
}
