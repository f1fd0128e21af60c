package org

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/record"
)

// dispatch runs the handler of the call's path.
func (o *Org) dispatch(c *call) {
	if len(c.path) == 0 {
		o.resources(c)
		return
	}
	tail := c.path[1:]
	switch strings.ToLower(c.path[0]) {
	case "limits":
		o.limits(c, tail)
	case "sobjects":
		o.sobjects(c, tail)
	case "query":
		o.query(c, false, tail)
	case "queryall":
		o.query(c, true, tail)
	case "composite":
		o.compositeFamily(c, tail)
	case "jobs":
		o.jobs(c, tail)
	case "metadata":
		o.metadata(c, tail)
	case "tooling":
		if len(tail) > 0 && strings.EqualFold(tail[0], "query") {
			o.toolingQuery(c)
			return
		}
		c.fail(errNotFound)
	case "recent":
		c.out.buf = append(c.out.buf, "[]"...)
		c.ok(http.StatusOK)
	default:
		c.fail(errNotFound)
	}
}

// sobjects answers vNN/sobjects and what lies below it.
func (o *Org) sobjects(c *call, tail []string) {
	if len(tail) == 0 {
		o.describeGlobal(c)
		return
	}
	obj := o.object(tail[0])
	if !c.rights.sees(obj) || obj.flags.tooling {
		c.fail(errNotFound)
		return
	}
	switch {
	case len(tail) == 1:
		o.objectRoot(c, obj)
	case strings.EqualFold(tail[1], "describe") && len(tail) == 2:
		o.describe(c, obj)
	case strings.EqualFold(tail[1], "updated") && len(tail) == 2:
		o.updated(c, obj)
	case strings.EqualFold(tail[1], "deleted") && len(tail) == 2:
		o.deleted(c, obj)
	default:
		o.rowByPath(c, obj, tail[1:])
	}
}

// compositeFamily answers vNN/composite and what lies below it.
func (o *Org) compositeFamily(c *call, tail []string) {
	if len(tail) == 0 {
		o.composite(c)
		return
	}
	switch strings.ToLower(tail[0]) {
	case "batch":
		o.batch(c)
	case "tree":
		o.tree(c, tail[1:])
	case "graph":
		o.graphs(c)
	case "sobjects":
		o.collections(c, tail[1:])
	default:
		c.fail(errNotFound)
	}
}

// cost is how many of the day's requests the call uses up: one, but a batch one more for each subrequest (REST API,
// Composite Batch: each subrequest counts against rate limits).
func (o *Org) cost(c *call) int {
	if !c.is("composite", "batch") {
		return 1
	}
	body, err := c.object()
	if err != nil {
		return 1
	}
	requests, _ := body.get("batchRequests")
	return 1 + len(requests.items)
}

// record puts the call into the journal. counted is false for what does not use up the day's requests.
func (o *Org) record(c *call, counted bool) {
	n := 1
	if counted {
		n = o.cost(c)
	}
	o.journal.Call(record.Salesforce, c.endpoint(), counted, c.couldWrite())
	for range n - 1 {
		o.journal.Call(record.Salesforce, "subrequest of POST /composite/batch", true, false)
	}
}

// spelled are the words of paths as the journal writes them, by their lower case; any other word is an object or an id.
var spelled = map[string]string{
	"sobjects": "sobjects", "query": "query", "queryall": "queryAll", "composite": "composite", "batch": "batch", "tree": "tree",
	"graph": "graph", "limits": "limits", "recordcount": "recordCount", "jobs": "jobs", "ingest": "ingest", "tooling": "tooling",
	"metadata": "metadata", "deployrequest": "deployRequest", "describe": "describe", "updated": "updated", "deleted": "deleted",
	"batches": "batches", "results": "results", "resultpages": "resultPages", "successfulresults": "successfulResults",
	"failedresults": "failedResults", "unprocessedrecords": "unprocessedRecords", "recent": "recent",
}

// endpoint is the journal's name of the call: the verb and the path with objects and ids taken out.
func (c *call) endpoint() string {
	if len(c.path) == 0 {
		return c.method + " /"
	}
	object := 1 // where an object's name stands
	if c.is("composite") {
		object = 2
	}
	var b strings.Builder
	b.WriteString(c.method + " ")
	for i, segment := range c.path {
		word, known := spelled[strings.ToLower(segment)]
		switch {
		case i == object && (c.is("sobjects") || c.is("composite")):
			word = "{object}"
		case !known:
			word = "{id}"
		}
		b.WriteString("/" + word)
	}
	return b.String()
}

// couldWrite reports whether the content of the request could change data.
func (c *call) couldWrite() bool {
	if c.method == http.MethodGet || c.method == http.MethodHead {
		return false
	}
	switch {
	case c.is("jobs", "query"):
		return false
	case c.is("composite", "sobjects") && len(c.path) == 3 && c.method == http.MethodPost:
		return false // a read of many ids
	case c.is("composite", "batch"):
		return c.anyWrites("batchRequests")
	case c.is("composite", "graph"):
		return true
	case c.is("composite") && len(c.path) == 1:
		return c.anyWrites("compositeRequest")
	}
	return true
}

// anyWrites reports whether any subrequest could change data. A body that cannot be read could not either.
func (c *call) anyWrites(list string) bool {
	v, err := c.object()
	if err != nil {
		return false
	}
	requests, _ := v.get(list)
	for _, r := range requests.items {
		sub := &call{method: r.word("method")}
		address, _, _ := strings.Cut(r.word("url"), "?")
		if !strings.HasPrefix(address, "/") {
			address = "/services/data/" + address
		}
		var e error
		if _, sub.path, e = splitPath(address); e != nil {
			continue
		}
		if sub.couldWrite() {
			return true
		}
	}
	return false
}

// knownVersion reads "61.0". Versions below 31.0 have ended; those above the newest were never there.
func knownVersion(text string) (int, *apiError) {
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || n != float64(int(n)) || int(n) > newestVersion:
		return 0, errNotFound
	case int(n) < oldestVersion:
		return 0, fault1(http.StatusGone, "UNSUPPORTED_API_VERSION", "The requested API version is no longer supported")
	}
	return int(n), nil
}
