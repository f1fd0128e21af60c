package instance

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// importEndpoint is where imports are sent, as the journal names it.
const importEndpoint = "POST /bulk/leads.json"

// importJob is one bulk import. It is carried out as soon as the clock has passed its end, by whatever request comes
// first.
type importJob struct {
	id       int
	kind     string // leads, members, or a custom object's name
	owner    *service
	began    time.Time
	starts   time.Time
	ends     time.Time
	done     bool
	comma    rune
	rows     [][]string // the first are the names
	lookup   string
	list     string
	apply    func(j *importJob)
	handled  int
	failed   [][]string // rows with what is wrong with them
	warned   [][]string
	wrote    int
	listSize int
}

// imports are the subscription's imports, one after the other.
type imports struct {
	mu   sync.Mutex
	all  []*importJob
	next int
	due  atomic.Int64 // when the next one ends, in Unix nanoseconds; 0 for none
}

func newImports() *imports { return &imports{next: 1022} }

// settleImports carries out what has ended. Every request begins with it.
func (i *Instance) settleImports(now time.Time) {
	due := i.imports.due.Load()
	if due == 0 || now.UnixNano() < due {
		return
	}
	m := i.imports
	m.mu.Lock()
	defer m.mu.Unlock()
	next := int64(0)
	for _, j := range m.all {
		switch {
		case j.done:
		case !now.Before(j.ends):
			j.done = true
			j.apply(j)
			if j.wrote > 0 {
				i.journal.Wrote(record.Marketo, importEndpoint, j.wrote)
			}
		case next == 0 || j.ends.UnixNano() < next:
			next = j.ends.UnixNano()
		}
	}
	m.due.Store(next)
}

func (i *Instance) importRoutes(root *node, get adder) {
	upload := func(path string, needs permission, h func(*call) error) {
		root.add(http.MethodPost, path, &route{needs: needs, writes: true, upload: true, serve: h})
	}
	// Reading an import's status needs the right to write (Marketo REST API, Bulk Import).
	upload("/bulk/v1/leads", writeLead, importLeads)
	get("/bulk/v1/leads/batch/{id}", writeLead, importStatus("leads"))
	get("/bulk/v1/leads/batch/{id}/failures", writeLead, importRows("leads", false))
	get("/bulk/v1/leads/batch/{id}/warnings", writeLead, importRows("leads", true))
	upload("/bulk/v1/customobjects/{id}/import", writeCustomObject, importCustom)
	get("/bulk/v1/customobjects/{id}/import/{id}/status", writeCustomObject, importStatus("custom"))
	get("/bulk/v1/customobjects/{id}/import/{id}/failures", writeCustomObject, importRows("custom", false))
	get("/bulk/v1/customobjects/{id}/import/{id}/warnings", writeCustomObject, importRows("custom", true))
	upload("/bulk/v1/program/{id}/members/import", writeLead, importMembers)
	get("/bulk/v1/program/members/import/{id}/status", writeLead, importStatus("members"))
	get("/bulk/v1/program/members/import/{id}/failures", writeLead, importRows("members", false))
	get("/bulk/v1/program/members/import/{id}/warnings", writeLead, importRows("members", true))
}

var importCommas = map[string]rune{"csv": ',', "tsv": '\t', "ssv": ';'}

// upload reads the multipart body: the part "file", and parameters that may come as parts too.
func (c *call) upload() (*importJob, error) {
	boundary, err := boundaryOf(c.r.Header.Get("Content-Type"))
	if err != nil {
		return nil, fail(613, "Invalid multipart request")
	}
	parts := multipart.NewReader(bytes.NewReader(c.body), boundary)
	var file []byte
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fail(613, "Invalid multipart request")
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, fail(613, "Invalid multipart request")
		}
		if part.FormName() == "file" {
			file = content
		} else if name := part.FormName(); name != "" && name != "access_token" {
			c.q.Set(name, string(content))
		}
	}
	if file == nil {
		return nil, missing("file")
	}
	comma := importCommas[strings.ToLower(c.q.Get("format"))]
	if comma == 0 {
		return nil, missing("format")
	}
	r := csv.NewReader(bytes.NewReader(file))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fail(1003, "Empty file")
	}
	rows[0][0] = strings.TrimPrefix(rows[0][0], "\ufeff")
	return &importJob{comma: comma, rows: rows, owner: c.service}, nil
}

// begin queues an import: two at work, ten in all. It ends two seconds after those before it.
func (c *call) beginImport(j *importJob) error {
	m := c.i.imports
	m.mu.Lock()
	defer m.mu.Unlock()
	var ends []time.Time
	for _, other := range m.all {
		if !other.done {
			ends = append(ends, other.ends)
			if j.list != "" && other.list == j.list {
				return fail(1019, "Import in progress")
			}
		}
	}
	if len(ends) >= queuedJobs {
		return fail(1016, "Too many imports")
	}
	slices.SortFunc(ends, time.Time.Compare)
	j.id, j.began, j.starts = m.next, c.now, c.now.Add(queueTime)
	if len(ends) >= runningJobs {
		if free := ends[len(ends)-runningJobs]; free.After(j.starts) {
			j.starts = free
		}
	}
	j.ends = j.starts.Add(runTime)
	m.next++
	m.all = append(m.all, j)
	if due := m.due.Load(); due == 0 || j.ends.UnixNano() < due {
		m.due.Store(j.ends.UnixNano())
	}
	c.element()
	c.buf = strconv.AppendInt(append(c.buf, `{"batchId":`...), int64(j.id), 10)
	if j.kind == "leads" || j.kind == "members" {
		c.buf = appendMember(c.buf, ",", "importId", strconv.Itoa(j.id))
	} else {
		c.buf = appendMember(c.buf, ",", "objectApiName", j.kind)
		c.buf = appendMember(c.buf, ",", "operation", "import")
	}
	if j.kind == "leads" {
		c.buf = append(c.buf, `,"numOfLeadsProcessed":0`...)
	}
	c.buf = append(c.buf, `,"status":"Queued"}`...)
	return nil
}

// importOf finds an import by its id. Its kind is that of the path.
func (c *call) importOf(kind string) (*importJob, error) {
	m := c.i.imports
	id := c.vars[len(c.vars)-1]
	if kind == "custom" {
		kind = c.vars[0]
	}
	for _, j := range m.all {
		if strconv.Itoa(j.id) == id && j.kind == kind && j.owner == c.service && c.now.Sub(j.began) < fileKept {
			return j, nil
		}
	}
	return nil, fail(1013, "Import batch '"+id+"' not found")
}

func (j *importJob) state(now time.Time) string {
	switch {
	case j.done:
		return "Complete" // and not Completed, as extracts say
	case now.Before(j.starts):
		return "Queued"
	}
	return "Importing"
}

func importStatus(kind string) func(*call) error {
	return func(c *call) error {
		m := c.i.imports
		m.mu.Lock()
		defer m.mu.Unlock()
		j, err := c.importOf(kind)
		if err != nil {
			return err
		}
		state := j.state(c.now)
		c.element()
		b := strconv.AppendInt(append(c.buf, `{"batchId":`...), int64(j.id), 10)
		count := "numOfLeadsProcessed"
		if kind == "custom" {
			count = "numOfObjectsProcessed"
			b = appendMember(appendMember(b, ",", "operation", "import"), ",", "objectApiName", j.kind)
			b = appendMember(b, ",", "importTime", fmt.Sprintf("%d second(s)", runTime/time.Second))
		} else {
			b = appendMember(b, ",", "importId", strconv.Itoa(j.id))
		}
		b = appendMember(b, ",", "status", state)
		b = strconv.AppendInt(append(append(append(b, `,"`...), count...), `":`...), int64(j.handled), 10)
		b = strconv.AppendInt(append(b, `,"numOfRowsFailed":`...), int64(len(j.failed)), 10)
		b = strconv.AppendInt(append(b, `,"numOfRowsWithWarning":`...), int64(len(j.warned)), 10)
		if state == "Complete" {
			message := fmt.Sprintf("Import succeeded, %d records imported (%d members)", j.handled, j.listSize)
			if len(j.failed) > 0 {
				message = fmt.Sprintf("Import completed with errors, %d records imported (%d members), %d failed", j.handled, j.listSize, len(j.failed))
			}
			b = appendMember(b, ",", "message", message)
		}
		c.buf = append(b, '}')
		return nil
	}
}

// importRows gives the rows that failed, or those with warnings: in the file's format, with one column more; 404 when
// there are none.
func importRows(kind string, warnings bool) func(*call) error {
	return func(c *call) error {
		m := c.i.imports
		m.mu.Lock()
		defer m.mu.Unlock()
		j, err := c.importOf(kind)
		if err != nil {
			return &failure{status: http.StatusNotFound, message: "File not found"}
		}
		rows, title := j.failed, "Import Failure Reason"
		if warnings {
			rows, title = j.warned, "Import Warning Reason"
		}
		if len(rows) == 0 {
			return &failure{status: http.StatusNotFound, message: "File not found"}
		}
		s := newSpool()
		w := csv.NewWriter(s)
		w.Comma = j.comma
		lines := append([][]string{append(slices.Clone(j.rows[0]), title)}, rows...)
		if err := w.WriteAll(lines); err != nil {
			panic(fmt.Sprintf("instance: a spool refused a row: %v", err))
		}
		s.close()
		c.file = &download{spool: *s}
		return nil
	}
}

// record lays a row out as the records of a call.
func (j *importJob) record(row []string) inputRecord {
	var r inputRecord
	for n, name := range j.rows[0] {
		if n < len(row) && row[n] != "" { // an empty cell leaves its field alone here; Adobe does not say
			r = append(r, member{strings.TrimSpace(name), raw{'"', row[n]}})
		}
	}
	return r
}

func (j *importJob) fail(row []string, why string) {
	j.failed = append(j.failed, append(slices.Clone(row), why))
}

// importLeads takes a file of people: an upsert by a lookup field.
func importLeads(c *call) error {
	j, err := c.upload()
	if err != nil {
		return err
	}
	j.kind, j.lookup, j.list = "leads", c.q.Get("lookupField"), c.q.Get("listId")
	params := map[string]raw{"lookupField": {'"', j.lookup}, "partitionName": {'"', c.q.Get("partitionName")}}
	if j.lookup == "id" {
		params["action"] = raw{'"', "updateOnly"}
	}
	u, err := c.upsertOf(command{params: params})
	if err != nil {
		return err
	}
	c.i.db.View(func() {
		for _, name := range j.rows[0] {
			if c.i.schema.visible(strings.TrimSpace(name)) == nil {
				err = fail(1006, "Field '"+name+"' not found")
				return
			}
		}
		if j.list != "" && c.i.lists.get(j.list) == nil {
			err = fail(1013, "List '"+j.list+"' not found")
		}
	})
	if err != nil {
		return err
	}
	u.partial = false
	u.origin = origin{source: "List import", reason: "List import", list: "API import"}
	i, later := c.i, &call{i: c.i, service: c.service, arrived: ^uint64(0)}
	j.apply = func(j *importJob) { i.applyLeads(later, u, j) }
	return c.beginImport(j)
}

func (i *Instance) applyLeads(c *call, u upsert, j *importJob) {
	for rows := range slices.Chunk(j.rows[1:], maxRecords) {
		input := make([]inputRecord, len(rows))
		for n, row := range rows {
			input[n] = j.record(row)
			if len(row) != len(j.rows[0]) {
				input[n] = nil
			}
			for m := range input[n] {
				if v := &input[n][m]; v.name == "email" && !strings.Contains(v.value.text, "@") {
					j.warned = append(j.warned, append(slices.Clone(row), "Invalid email address"))
					v.value = raw{kind: 'n'}
				}
			}
		}
		before := c.wrote
		for n, o := range i.upsertLeads(c, u, input) {
			if o.status == "skipped" {
				j.fail(rows[n], i.importReason(o.reasons[0]))
				continue
			}
			j.handled++
			i.joinList(j, o.id)
		}
		j.wrote += c.wrote - before
	}
}

// importReason is a refusal in the words of failure files.
func (i *Instance) importReason(r reason) string {
	switch r.code {
	case 1002:
		return "missing.dedupe.fields"
	case 1003:
		if name, ok := strings.CutPrefix(r.message, "Invalid value for field '"); ok {
			name, _, _ = strings.Cut(name, "'")
			if f := i.schema.byName[name]; f != nil {
				return "Invalid data type in field " + f.label
			}
		}
	}
	return r.message
}

func (i *Instance) joinList(j *importJob, lead uint64) {
	if j.list == "" {
		return
	}
	i.update(func(tx *table.Tx) {
		one := i.lists.get(j.list)
		if one == nil {
			return
		}
		j.listSize++
		if _, already := one.members[lead]; !already {
			one.members[lead] = tx.Now()
			i.write(&activity{at: tx.Now().Unix(), kind: typeAddToList, lead: lead, primary: int64(one.id), text: one.logName(), attrs: []attr{common("Source", "List import")}})
		}
	})
}
