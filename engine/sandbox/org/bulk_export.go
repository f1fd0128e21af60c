package org

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/sandbox/soql"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// exportPage is how many rows a result page holds unless maxRecords says otherwise; pagesListed how many pages
// resultPages names at a time.
const (
	exportPage  = 50_000
	pagesListed = 5
)

// export is what a query job reads. The rows are kept as they were when the job ran; parents are read when a page is.
type export struct {
	query   *soql.Query
	all     bool
	columns []exportColumn
	rows    []table.Row
}

type exportColumn struct {
	name, kind string
	get        func(table.Row) (string, bool)
}

// createExport answers POST jobs/query.
func (o *Org) createExport(c *call) {
	body, refusal := c.jobBody()
	if refusal != nil {
		c.fail(refusal)
		return
	}
	j := &job{
		user: c.session.user, version: c.version, major: c.major, operation: body.word("operation"), state: stateUploaded,
		export: &export{all: body.word("operation") == "queryAll"},
	}
	if j.operation != "query" && j.operation != "queryAll" {
		c.fail(badJob("Unsupported operation: " + j.operation))
		return
	}
	if refusal = j.dialect(body); refusal != nil {
		c.fail(refusal)
		return
	}
	q, err := soql.Parse(body.word("query"))
	if err == nil {
		j.export.query, err = q, unfitForBulk(q)
	}
	if err == nil {
		o.view(c, func() {
			var s *scope
			if s, err = o.scopeOf(c, q, o.clock.Now()); err != nil {
				return
			}
			if j.object = s.obj; err == nil {
				if _, err = s.exportColumns(); err == nil {
					_, err = s.plan(j.export.all)
				}
			}
		})
	}
	if err != nil {
		c.fail(queryRefusal(err))
		return
	}
	now := o.clock.Now()
	j.created, j.modified, j.closed = now, now, now
	o.bulk.mu.Lock()
	o.bulk.turn(now)
	full := o.bulk.queries >= dailyQueries
	if !full {
		o.bulk.queries++
	}
	o.bulk.mu.Unlock()
	if full {
		c.fail(badRequest("EXCEEDEDQUOTA", "ExceededQuota : DailyBulkV2QueryJobs limit exceeded"))
		return
	}
	o.bulk.add(j, now)
	o.bulk.mu.Lock()
	defer o.bulk.mu.Unlock()
	o.appendJob(c, j, false)
	c.ok(http.StatusOK)
}

// unfitForBulk refuses what a statement may not hold in Bulk API 2.0 (Bulk API 2.0 guide, SOQL considerations).
func unfitForBulk(q *soql.Query) error {
	refuse := func(what string) error {
		return soql.Plain("FUNCTIONALITY_NOT_ENABLED", what+" not supported in Bulk Query")
	}
	switch {
	case grouped(q) || isCount(q):
		return refuse("Aggregate Relationships")
	case q.Offset > 0:
		return refuse("OFFSET clause")
	}
	for _, item := range q.Select {
		switch item.(type) {
		case *soql.Column, *soql.Expansion:
		case *soql.Children:
			return refuse("Foreign Key Relationships")
		default:
			return refuse("TYPEOF clause")
		}
	}
	return nil
}

// exportColumns compiles the select list, in the order asked for.
func (s *scope) exportColumns() ([]exportColumn, error) {
	var columns []exportColumn
	for _, item := range s.q.Select {
		if all, ok := item.(*soql.Expansion); ok {
			for _, f := range s.obj.fields {
				custom := strings.HasSuffix(f.name, "__c")
				if s.c.rights.reads(f) && f.kind != "address" && (all.Which == "ALL" || (all.Which == "CUSTOM") == custom) {
					columns = append(columns, exportColumn{f.name, f.kind, s.getter(nil, f)})
				}
			}
			continue
		}
		column, ok := item.(*soql.Column)
		if !ok {
			continue // unfitForBulk has refused it
		}
		steps, f, err := s.resolve(column.Path)
		if err != nil {
			return nil, err
		}
		if f.kind == "address" {
			return nil, soql.Plain("FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")
		}
		x, err := s.operand(column.Operand)
		if err != nil {
			return nil, err
		}
		name := f.name
		for i := len(steps) - 1; i >= 0; i-- {
			name = steps[i].field.relationship + "." + name
		}
		columns = append(columns, exportColumn{nameOr(column.Alias, name), x.kind, x.get})
	}
	return columns, nil
}

// runExport finds the rows of a query job.
func (o *Org) runExport(c *call, j *job) (state, message string) {
	e := j.export
	var err error
	o.view(c, func() {
		var s *scope
		if s, err = o.scopeOf(c, e.query, o.clock.Now()); err != nil {
			return
		}
		var p *plan
		if p, err = s.plan(e.all); err != nil {
			return
		}
		if e.columns, err = s.exportColumns(); err != nil {
			return
		}
		for row := range p.rows() {
			e.rows = append(e.rows, row)
		}
	})
	switch {
	case o.bulk.stopped(j):
		return stateAborted, ""
	case err != nil:
		return stateFailed, queryRefusal(err).Error()
	}
	return stateComplete, ""
}

// readable checks that a job's results can be asked for: it is complete, and was made with the same API version.
func (o *Org) readable(c *call, j *job) *apiError {
	o.bulk.mu.Lock()
	defer o.bulk.mu.Unlock()
	switch {
	case j.state != stateComplete:
		return badState("The results of a job can be read when it is in the state JobComplete")
	case j.major != c.major:
		return fault1(http.StatusConflict, "API_ERROR", "The results must be read with the API version that created the job: "+j.version)
	}
	return nil
}

// place reads locator and maxRecords.
func (e *export) place(c *call) (from, size int, refusal *apiError) {
	size = exportPage
	if text := c.query.Get("maxRecords"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return 0, 0, badRequest("INVALIDPARAMETER", "maxRecords must be a whole number above 0")
		}
		size = n
	}
	if text := c.query.Get("locator"); text != "" {
		plain, err := base64.RawURLEncoding.DecodeString(text)
		if err == nil {
			from, err = strconv.Atoi(string(plain))
		}
		if err != nil || from < 1 || from >= len(e.rows) {
			return 0, 0, badRequest("INVALIDLOCATOR", "The locator is not one of this job")
		}
	}
	return from, size, nil
}

func locator(from int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(from)))
}

// exportResults answers one page of a query job's rows.
func (o *Org) exportResults(c *call, j *job) {
	if !c.allow(http.MethodGet) {
		return
	}
	refusal := o.readable(c, j)
	e, w := j.export, j.writer()
	var from, size int
	if refusal == nil {
		from, size, refusal = e.place(c)
	}
	if refusal != nil {
		c.fail(refusal)
		return
	}
	end := min(from+size, len(e.rows))
	b := c.out.buf
	for i, column := range e.columns {
		b = w.cell(b, i == 0, column.name)
	}
	b = append(b, w.end...)
	o.view(c, func() {
		for _, row := range e.rows[from:end] {
			for i, column := range e.columns {
				b = w.cell(b, i == 0, column.text(row))
			}
			b = append(b, w.end...)
		}
	})
	next := "null"
	if end < len(e.rows) {
		next = locator(end)
	}
	c.out.set("Sforce-Locator", next)
	c.out.set("Sforce-NumberOfRecords", strconv.Itoa(end-from))
	c.out.buf, c.out.kind = b, "text/csv"
	c.ok(http.StatusOK)
}

// text is a value as a result file has it: null is an empty cell.
func (x exportColumn) text(row table.Row) string {
	text, ok := x.get(row)
	if !ok {
		return ""
	}
	switch x.kind {
	case "datetime":
		return text[:len(stampLayout)-1] + ".000Z"
	case "double", "currency", "percent":
		if !strings.Contains(text, ".") {
			return text + ".0"
		}
	}
	return text
}

// exportPages answers where the pages of the results are, five at a time.
func (o *Org) exportPages(c *call, j *job) {
	if !c.allow(http.MethodGet) {
		return
	}
	refusal := o.readable(c, j)
	var from int
	if refusal == nil {
		from, _, refusal = j.export.place(c)
	}
	if refusal != nil {
		c.fail(refusal)
		return
	}
	base := c.href("jobs/query/" + j.id)
	b := append(c.out.buf, `{"resultPages":[`...)
	for n := 0; n < pagesListed && (from < len(j.export.rows) || from == 0); n++ {
		address := base + "/results"
		if from > 0 {
			address += "?locator=" + locator(from)
		}
		if n > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		b = appendPair(b, "resultUrl", address)
		b = append(b, '}')
		from += exportPage
	}
	done := from >= len(j.export.rows)
	next := "null"
	if !done {
		next = `"` + base + "/resultPages?locator=" + locator(from) + `"`
	}
	c.out.buf = append(b, `],"nextRecordsUrl":`+next+`,"done":`+strconv.FormatBool(done)+`}`...)
	c.ok(http.StatusOK)
}
