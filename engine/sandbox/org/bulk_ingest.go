package org

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// ingest is what a job loads: the file, its rows once it is closed, and what became of them.
type ingest struct {
	uploaded bool
	file     string
	header   []string
	rows     []csvRow
	results  []outcome // of the rows from the first on; those without one were not processed
	failed   int
}

// createIngest answers POST jobs/ingest: a job alone, or with its file as multipart/form-data.
func (o *Org) createIngest(c *call) {
	var file *string
	kind, params, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	if err == nil && kind == "multipart/form-data" {
		text, refusal := c.jobParts(params["boundary"])
		if refusal != nil {
			c.fail(refusal)
			return
		}
		file = &text
	}
	var body value
	var refusal *apiError
	if file == nil {
		body, refusal = c.jobBody()
	} else {
		body, refusal = parseObject(c.body)
	}
	var j *job
	if refusal == nil {
		j, refusal = o.newIngest(c, body)
	}
	if refusal != nil {
		c.fail(refusal)
		return
	}
	now := o.clock.Now()
	j.state, j.created, j.modified = stateOpen, now, now
	o.bulk.add(j, now)
	o.bulk.mu.Lock()
	defer o.bulk.mu.Unlock()
	if file != nil {
		j.ingest.uploaded, j.ingest.file = true, *file
		if refusal := o.closeJob(j, now); refusal != nil {
			c.fail(refusal)
			return
		}
	}
	o.appendJob(c, j, false)
	c.ok(http.StatusOK)
}

// jobParts reads the parts "job", which becomes the call's body, and "content".
func (c *call) jobParts(boundary string) (file string, refusal *apiError) {
	parts := multipart.NewReader(io.LimitReader(c.stream, maxBody), boundary)
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return file, nil
		}
		var data []byte
		if err == nil {
			data, err = io.ReadAll(part)
		}
		if err != nil {
			return "", badRequest("INVALID_MULTIPART_REQUEST", "The multipart body could not be read")
		}
		switch part.FormName() {
		case "job":
			c.body = data
		case "content":
			file = string(data)
		}
	}
}

// newIngest reads what the job shall do.
func (o *Org) newIngest(c *call, body value) (*job, *apiError) {
	j := &job{
		user: c.session.user, version: c.version, major: c.major, operation: body.word("operation"), rule: body.word("assignmentRuleId"),
		ingest: &ingest{},
	}
	if j.object = o.object(body.word("object")); !c.rights.sees(j.object) {
		return nil, badJob("Unable to find object: " + body.word("object"))
	}
	if kind := body.word("contentType"); kind != "" && kind != "CSV" {
		return nil, badJob("Unsupported content type: " + kind)
	}
	if refusal := j.dialect(body); refusal != nil {
		return nil, refusal
	}
	name := body.word("externalIdFieldName")
	switch j.operation {
	case "insert", "update", "delete":
	case "hardDelete":
		if !c.rights.hardDelete {
			return nil, badRequest("FEATURENOTENABLED", "hardDelete operation requires special user profile permission, please contact your system administrator")
		}
	case "upsert":
		if name == "" {
			return nil, badJob("External ID was blank for " + j.object.name + ". An External ID must be specified for upsert.")
		}
		if j.key = j.object.field(name); j.key == nil || !j.key.idLookup || !c.rights.reads(j.key) {
			return nil, badJob("Field name provided, " + name + " does not match an External ID, Salesforce Id, or indexed field for " + j.object.name)
		}
	default:
		return nil, badJob("Unsupported operation: " + j.operation)
	}
	return j, nil
}

// dialect reads how the job's files are written.
func (j *job) dialect(body value) *apiError {
	name := body.word("columnDelimiter")
	if name == "" {
		name = "COMMA"
	}
	var known bool
	if j.delimiter, known = delimiterNamed(name); !known {
		return badJob("Unsupported column delimiter: " + name)
	}
	switch j.lineEnding = body.word("lineEnding"); j.lineEnding {
	case "":
		j.lineEnding = "LF"
	case "LF", "CRLF":
	default:
		return badJob("Unsupported line ending: " + j.lineEnding)
	}
	return nil
}

// upload answers PUT jobs/ingest/{id}/batches: the job's file, once.
func (o *Org) upload(c *call, j *job) {
	if !c.allow(http.MethodPut) {
		return
	}
	data, err := io.ReadAll(io.LimitReader(c.stream, maxUpload+1))
	o.bulk.mu.Lock()
	defer o.bulk.mu.Unlock()
	kind, _, _ := strings.Cut(c.header.Get("Content-Type"), ";")
	switch {
	case err != nil:
		c.fail(badRequest("CLIENTINPUTERROR", "ClientInputError : The content could not be read"))
	case !strings.EqualFold(strings.TrimSpace(kind), "text/csv"):
		c.fail(badRequest("CLIENTINPUTERROR", "ClientInputError : The Content-Type of the content must be text/csv"))
	case len(data) > maxUpload:
		c.fail(badRequest("CLIENTINPUTERROR", "ClientInputError : The content is larger than the 150 MB that a job may hold"))
	case j.state != stateOpen:
		c.fail(badState("Uploading data is not allowed in the state " + j.state))
	case j.ingest.uploaded:
		c.fail(badRequest("CLIENTINPUTERROR", "ClientInputError : Found multiple contents for job: <"+j.id+
			">, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job."))
	default:
		j.ingest.uploaded, j.ingest.file = true, string(data)
		c.ok(http.StatusCreated)
	}
}

// closeJob puts the job into the queue. A file that cannot be read fails it at once. The caller holds the lock.
func (o *Org) closeJob(j *job, now time.Time) *apiError {
	in := j.ingest
	problem := ""
	in.header, in.rows, problem = parseCSV(in.file, j.delimiter.char, j.lineEnding == "CRLF")
	o.bulk.turn(now)
	batches := max(1, (len(in.rows)+batchRows-1)/batchRows)
	if o.bulk.batches+batches > dailyBatches {
		return badRequest("EXCEEDEDQUOTA", "ExceededQuota : DailyBulkApiBatches limit exceeded")
	}
	o.bulk.batches += batches
	in.file = ""
	j.state, j.closed, j.modified = stateUploaded, now, now
	if problem != "" {
		j.end(stateFailed, problem, now)
	}
	return nil
}

// ingestChunk is how many rows go through the org's rules together.
const ingestChunk = 200

// runIngest writes the rows as the job's user, by the rules that REST writes meet. Each chunk is a transaction; what was
// written before an abort stays.
func (o *Org) runIngest(c *call, j *job) (state, message string) {
	if j.rule == "" {
		c.header.Set("Sforce-Auto-Assign", "FALSE") // jobs assign leads only by a rule that they name
	}
	in := j.ingest
	columns, problem := o.columns(c, j)
	if problem != "" {
		return stateFailed, problem
	}
	for from := 0; from < len(in.rows); from += ingestChunk {
		if o.bulk.stopped(j) {
			return stateAborted, ""
		}
		rows := in.rows[from:min(from+ingestChunk, len(in.rows))]
		items := make([]value, len(rows))
		for i, row := range rows {
			items[i] = row.record(columns)
		}
		results := make([]outcome, len(rows))
		before := c.wrote
		o.allOrNone(c, false, results, func(i int) outcome {
			if rows[i].problem != "" {
				return outcome{errs: []rowError{rowFault("CLIENT_INPUT_ERROR", rows[i].problem)}}
			}
			return o.ingestRow(c, j, items, i)
		})
		o.journal.Wrote(record.Salesforce, "PUT /jobs/ingest/{id}/batches", c.wrote-before)
		for _, r := range results {
			if r.errs != nil {
				in.failed++
			}
		}
		in.results = append(in.results, results...)
	}
	return stateComplete, ""
}

func (o *Org) ingestRow(c *call, j *job, items []value, i int) outcome {
	result := outcome{object: j.object}
	in := items[i].members
	switch {
	case j.operation == "insert":
		result.row, result.errs = o.insert(c, j.object, in)
		result.created = true
	case j.operation == "update":
		result.row, result.errs = o.changeByID(c, j.object, items, i)
	case j.operation == "upsert" && repeated(items, i, j.key):
		text, _ := items[i].get(j.key.name)
		result.errs = []rowError{rowFault("DUPLICATE_VALUE", "Duplicate external id specified: "+text.text, j.key.name)}
	case j.operation == "upsert":
		result.row, result.created, result.errs = o.upsert(c, j.object, j.key, in)
	default:
		id, _ := items[i].get("Id")
		of, n, err := o.parseID(id.text)
		if err != nil || of != j.object {
			result.errs = []rowError{malformed(id.text)}
			break
		}
		if result.row, result.errs = n, o.remove(c, j.object, n); result.errs == nil && j.operation == "hardDelete" {
			if err := o.erase(c, j.object, n); err != nil {
				result.errs = o.tableFault(j.object, err)
			}
		}
	}
	return result
}

// erase removes a row that has just gone to the bin for good, with what went there because of it.
func (o *Org) erase(c *call, obj *object, n uint64) error {
	row, ok := obj.table.Get(n)
	if !ok {
		return nil
	}
	for _, r := range obj.children {
		if !r.cascade {
			continue
		}
		var gone []table.Row
		for child := range r.child.table.Find(r.field.column, obj.longID(n)) {
			if r.child.isDeleted(child) && child.Stamp() == row.Stamp() {
				gone = append(gone, child)
			}
		}
		for _, child := range gone {
			if err := o.erase(c, r.child, child.ID()); err != nil {
				return err
			}
		}
	}
	return c.tx.Delete(obj.table, n)
}

// column is where a cell goes: a field, or a parent's key ("Account.Legacy_Number__c", "Lead:Who.Email").
type column struct{ name, parent, kind string }

// columns reads the header. A name that no field has fails the whole job.
func (o *Org) columns(c *call, j *job) ([]column, string) {
	columns := make([]column, len(j.ingest.header))
	for i, name := range j.ingest.header {
		unknown := "InvalidBatch : Field name not found : " + name
		parent, key, nested := strings.Cut(name, ".")
		if !nested {
			f := j.object.field(name)
			if f == nil || !c.rights.reads(f) {
				return nil, unknown
			}
			columns[i].name = f.name
			continue
		}
		kind, relationship, named := strings.Cut(parent, ":")
		if !named {
			kind, relationship = "", parent
		}
		via := j.object.byRelationship(relationship)
		if via == nil || !c.rights.reads(via) {
			return nil, unknown
		}
		columns[i] = column{key, via.relationship, kind}
	}
	return columns, ""
}

// record is the row as the rules of REST take it: an empty cell says nothing, #N/A empties its field.
func (r csvRow) record(columns []column) value {
	v := value{kind: '{'}
	for i, text := range r.cells {
		if i >= len(columns) || text == "" {
			continue
		}
		cell := rawValue(text)
		if text == "#N/A" {
			cell = nullValue()
		}
		at := columns[i]
		if at.parent == "" {
			v.members = append(v.members, input{at.name, cell})
			continue
		}
		if cell.kind == 'n' {
			continue
		}
		parent := value{kind: '{', members: []input{{at.name, cell}}}
		if at.kind != "" {
			attributes := value{kind: '{', members: []input{{"type", value{kind: '"', text: at.kind}}}}
			parent.members = append(parent.members, input{"attributes", attributes})
		}
		v.members = append(v.members, input{at.parent, parent})
	}
	return v
}
