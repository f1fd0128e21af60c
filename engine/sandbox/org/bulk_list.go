package org

import (
	"net/http"
	"strconv"
	"strings"
)

// listJobs answers GET: the user's jobs of one kind, a thousand a page.
func (o *Org) listJobs(c *call, kind string) {
	from := 0
	if text := c.query.Get("queryLocator"); text != "" {
		var err error
		if from, err = strconv.Atoi(text); err != nil || from < 0 {
			c.fail(badRequest("INVALIDLOCATOR", "The queryLocator is not one of this list"))
			return
		}
	}
	o.bulk.mu.Lock()
	defer o.bulk.mu.Unlock()
	var mine []*job
	for _, j := range o.bulk.jobs {
		if (j.export != nil) == (kind == "query") && j.user == c.session.user {
			mine = append(mine, j)
		}
	}
	page := mine[min(from, len(mine)):min(from+jobsListed, len(mine))]
	more := from+len(page) < len(mine)
	c.out.buf = append(c.out.buf, `{"done":`+strconv.FormatBool(!more)+`,"records":[`...)
	for i, j := range page {
		if i > 0 {
			c.out.buf = append(c.out.buf, ',')
		}
		o.appendJob(c, j, true)
	}
	next := "null"
	if more {
		next = `"` + c.href("jobs/"+kind+"?queryLocator="+strconv.Itoa(from+jobsListed)) + `"`
	}
	c.out.buf = append(c.out.buf, `],"nextRecordsUrl":`+next+`}`...)
	c.ok(http.StatusOK)
}

// appendJob writes a job. full is how it is read; a creation or a change answers with less. The caller holds the lock.
func (o *Org) appendJob(c *call, j *job, full bool) {
	state := j.shown(o.clock.Now())
	b := c.out.buf
	pair := func(key, text string) {
		b = append(b, ',')
		b = appendPair(b, key, text)
	}
	number := func(key string, n int) {
		b = append(b, `,"`+key+`":`...)
		b = appendInt(b, n)
	}
	b = append(b, '{')
	b = appendPair(b, "id", j.id)
	pair("operation", j.operation)
	pair("object", j.object.name)
	pair("createdById", j.user)
	b = append(b, `,"createdDate":`...)
	b = appendMoment(b, j.created)
	b = append(b, `,"systemModstamp":`...)
	b = appendMoment(b, j.modified)
	pair("state", state)
	if j.key != nil {
		pair("externalIdFieldName", j.key.name)
	}
	if j.rule != "" {
		pair("assignmentRuleId", j.rule)
	}
	pair("concurrencyMode", "Parallel")
	pair("contentType", "CSV")
	b = append(b, `,"apiVersion":`+j.version...)
	if state == stateOpen {
		pair("contentUrl", strings.TrimPrefix(c.href("jobs/ingest/"+j.id+"/batches"), "/"))
	}
	if full || state == stateOpen || j.export != nil {
		pair("lineEnding", j.lineEnding)
		pair("columnDelimiter", j.delimiter.name)
	}
	if full {
		kind, done, bad := "V2Query", 0, 0
		if j.ingest != nil {
			kind = "V2Ingest"
		}
		if j.ended() {
			done, bad = j.counts()
		}
		pair("jobType", kind)
		number("numberRecordsProcessed", done)
		number("retries", 0)
		number("totalProcessingTime", int(j.took.Milliseconds()))
		if j.ingest != nil {
			number("numberRecordsFailed", bad)
			number("apiActiveProcessingTime", int(j.took.Milliseconds()/2))
			number("apexProcessingTime", 0)
		} else {
			b = append(b, `,"isPkChunkingSupported":false`...)
		}
		if j.message != "" {
			pair("errorMessage", j.message)
		}
	}
	c.out.buf = append(b, '}')
}

// counts are the rows of an ended job that were worked on, and those of them that failed.
func (j *job) counts() (done, bad int) {
	if j.export != nil {
		return len(j.export.rows), 0
	}
	return len(j.ingest.results), j.ingest.failed
}
