// Package org imitates one Salesforce org as an http.Handler: sign-in, SOQL, rows, the composite family, Bulk API 2.0,
// describe, limits, and the rules by which an org accepts or refuses what it is sent. Requests come in, answers go out
// byte-shaped like the real service's; people.* structs come in once, as seed. Nothing leaves but answers and counts.
//
// # How a request travels
//
// ServeHTTP unpacks and normalises it (gzip, _HttpMethod, ".json", trailing slash). Sign-in paths go to the routes of
// oauth.go and soap.go. Everything below /services/data/vNN.0/ becomes a call: authenticated, counted against the day's
// requests, dispatched by its path. A handler never sees the network: it appends its body to call.out.buf and sets
// call.out.status, so that no lock on the rows is held while a slow reader reads, and so that /composite can run the
// same handler for a subrequest, in the same buffer.
//
//	func (o *Org) query(c *call, all bool, tail []string)   // query.go: vNN/query, vNN/queryAll, vNN/query/{locator}
//	func (o *Org) toolingQuery(c *call)                     // query.go: vNN/tooling/query
//	func (o *Org) jobs(c *call, tail []string)              // bulk.go: vNN/jobs/...; reads c.stream, not c.body
//	func (o *Org) routeOAuth(mux *http.ServeMux)            // oauth.go: /services/oauth2/..., /id/..., /.well-known/...
//	func (o *Org) routeSOAP(mux *http.ServeMux)             // soap.go: /services/Soap/...: login, convertLead, merge, undelete
//
// # Rows
//
// All rows live in one table.DB. Reading happens in o.view(c, fn), writing in o.update(c, fn); both run fn at once when
// the call is inside a transaction already (allOrNone, graph), so handlers need not know. Within either:
//
//	o.object(name) *object                       // by API name in any case; nil when the org has none
//	obj.field(name) *field                       // likewise; nil also when the field is absent from this org
//	c.rights.sees(obj), c.rights.reads(f)        // what the call's user may see of the schema
//	o.visible(c, obj, row) bool                  // sharing; does not look at IsDeleted
//	o.value(f, row) (text string, ok bool)       // canonical text (see field), ok false for null
//	appendValue(b, f, text, ok) []byte           // as JSON
//	o.appendRow(b, c, obj, row, fields) []byte   // {"attributes":{...},"F":...} without building maps
//	o.parent(c, f, row) (*object, table.Row, bool)  // the row that a reference points to
//	obj.longID(n) string, o.parseID(text) (*object, uint64, error)
//
// Writing takes the fields as parsed, checks everything that an org checks, and answers refusals as values:
//
//	o.insert(c, obj, in []input) (row uint64, errs []rowError)
//	o.change(c, obj, row uint64, in []input) []rowError
//	o.remove(c, obj, row uint64) []rowError
//	o.upsert(c, obj, key *field, in []input) (row uint64, created bool, errs []rowError)
//
// Each counts the records that it really changed in c.wrote; the outermost request hands the sum to the journal when
// its transaction stands.
//
// # What the imitation does not do
//
// XML bodies, SOSL, Apex, Visualforce, Bulk API 1.0, the Tooling API beyond a few queries, layouts, approval processes,
// sharing rules beyond one coarse rule (see sharing.go), person accounts, several currencies, record types beyond the
// master one, Shield encryption, field-level history, streaming. Time-outs and concurrency limits never arise by
// themselves. Where Salesforce's behaviour is not documented the strictest of the likely ones was taken.
package org
