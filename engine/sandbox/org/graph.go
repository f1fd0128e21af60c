package org

import "net/http"

// Limits of /composite/graph (REST API: 75 graphs, 500 nodes in all, stops after 14 failed graphs).
const (
	maxGraphs       = 75
	maxNodes        = 500
	maxFailedGraphs = 14
)

// graphs answers POST vNN/composite/graph: each graph is a composite of rows in a transaction of its own.
func (o *Org) graphs(c *call) {
	if !c.allow(http.MethodPost) {
		return
	}
	body, refusal := c.object()
	if refusal != nil {
		c.fail(refusal)
		return
	}
	list, _ := body.get("graphs")
	if n := len(list.items); n == 0 || n > maxGraphs {
		c.fail(badRequest("LIMIT_EXCEEDED", "The request must have from 1 to 75 graphs"))
		return
	}
	c.graph = true
	nodes, seen := 0, map[string]bool{}
	all := make([][]subrequest, len(list.items))
	for i, g := range list.items {
		id := g.word("graphId")
		if !lawfulReference(id) || len(id) >= 40 || seen[id] {
			c.fail(badRequest("INVALID_INPUT", "Every graph needs a graphId of its own: letters, numbers and underscores, shorter than 40"))
			return
		}
		seen[id] = true
		requests, _ := g.get("compositeRequest")
		nodes += len(requests.items)
		if all[i], refusal = o.subrequests(c, requests.items); refusal != nil {
			c.fail(refusal)
			return
		}
	}
	if nodes > maxNodes {
		c.fail(badRequest("LIMIT_EXCEEDED", "The request cannot have more than 500 nodes"))
		return
	}
	failed := 0
	c.out.buf = append(c.out.buf, `{"graphs":[`...)
	for i, g := range list.items {
		if i > 0 {
			c.out.buf = append(c.out.buf, ',')
		}
		c.out.buf = append(c.out.buf, '{')
		c.out.buf = appendPair(c.out.buf, "graphId", g.word("graphId"))
		c.out.buf = append(c.out.buf, `,"graphResponse":{"compositeResponse":`...)
		allow := rowsOnly
		if failed >= maxFailedGraphs {
			allow = func(*call) bool { return false }
		}
		ok := o.runComposite(c, all[i], true, allow)
		if !ok {
			failed++
		}
		c.out.buf = append(c.out.buf, `},"isSuccessful":`...)
		c.out.buf = append(c.out.buf, map[bool]string{true: "true", false: "false"}[ok]...)
		c.out.buf = append(c.out.buf, '}')
	}
	c.out.buf = append(c.out.buf, "]}"...)
	c.ok(http.StatusOK)
}

// rowsOnly lets a graph address rows: no query, no Collections.
func rowsOnly(sub *call) bool { return sub.is("sobjects") && len(sub.path) >= 2 && len(sub.path) <= 4 }
