package org

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of Bulk API 2.0 (Salesforce limits and allocations): what a day and a job may hold, how long jobs are kept.
const (
	dailyBatches = 15_000
	dailyQueries = 10_000
	batchRows    = 10_000
	maxUpload    = 150_000_000 / 4 * 3 // 150 MB once it is base64
	jobsKept     = 7 * 24 * time.Hour
	jobsListed   = 1000
)

// The states of a job.
const (
	stateOpen       = "Open"
	stateUploaded   = "UploadComplete"
	stateInProgress = "InProgress"
	stateComplete   = "JobComplete"
	stateFailed     = "Failed"
	stateAborted    = "Aborted"
)

// job is one bulk job. What stands below the lock is guarded by bulkState.mu; the rest does not change once others can
// see the job.
type job struct {
	id, user, version, operation string
	major                        int
	object                       *object
	key                          *field // of an upsert
	delimiter                    delimiter
	lineEnding, rule             string
	created                      time.Time
	export                       *export // of a query job
	ingest                       *ingest // of the other jobs

	state    string // Open, UploadComplete or one of the last states; InProgress is a matter of time
	modified time.Time
	closed   time.Time // when UploadComplete was reached
	running  bool      // somebody does the work
	aborted  bool      // whoever does it shall stop
	message  string
	took     time.Duration
}

// bulkState holds the jobs, the oldest first, and counts those of the day, which the limits show.
type bulkState struct {
	mu               sync.Mutex
	day              string
	batches, queries int
	made             uint64
	jobs             []*job
	working          sync.WaitGroup // the jobs that are worked on beside all requests
}

func (b *bulkState) turn(now time.Time) {
	if day := now.UTC().Format(time.DateOnly); day != b.day {
		b.day, b.batches, b.queries = day, 0, 0
	}
}

func (b *bulkState) batchesToday(now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(now)
	return b.batches
}

func (b *bulkState) queriesToday(now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(now)
	return b.queries
}

// add keeps a new job and drops those that ended a week ago.
func (b *bulkState) add(j *job, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.jobs = slices.DeleteFunc(b.jobs, func(old *job) bool { return old.ended() && now.Sub(old.modified) > jobsKept })
	b.made++
	j.id = (&object{prefix: "750"}).longID(b.made)
	b.jobs = append(b.jobs, j)
}

func (j *job) ended() bool {
	return j.state == stateComplete || j.state == stateFailed || j.state == stateAborted
}

// A job waits a second in the queue, and its work is through a second later and one more for each 100,000 rows, eight
// in all at most.
const jobQueues = time.Second

func (j *job) due() time.Time {
	work := time.Second
	if j.ingest != nil {
		work += min(time.Duration(len(j.ingest.rows)/100_000)*time.Second, 6*time.Second)
	}
	return j.closed.Add(jobQueues + work)
}

// shown is the state as the job's owner sees it.
func (j *job) shown(now time.Time) string {
	if j.state == stateUploaded && !now.Before(j.closed.Add(jobQueues)) {
		return stateInProgress
	}
	return j.state
}

// end closes the job's history.
func (j *job) end(state, message string, now time.Time) {
	j.state, j.message, j.modified, j.running = state, message, now, false
}

// besideFrom is from how many rows on a job is worked on beside all requests: none of them should wait so long for its answer.
const besideFrom = 50_000

// settle does the work of the jobs that are due. Every request begins with it. One request works, the others see the
// job in progress.
func (b *bulkState) settle(o *Org) {
	for {
		now := o.clock.Now()
		var due *job
		b.mu.Lock()
		for _, j := range b.jobs {
			if j.state == stateUploaded && !j.running && !now.Before(j.due()) {
				due, j.running = j, true
				break
			}
		}
		b.mu.Unlock()
		if due == nil {
			return
		}
		if due.ingest != nil && len(due.ingest.rows) >= besideFrom {
			b.working.Go(func() { b.finish(o, due, now) })
			continue
		}
		b.finish(o, due, now)
	}
}

// finish works a job off that became due.
func (b *bulkState) finish(o *Org, j *job, now time.Time) {
	state, message := o.work(j)
	b.mu.Lock()
	defer b.mu.Unlock()
	j.took = now.Sub(j.closed)
	j.end(state, message, now)
}

func (o *Org) work(j *job) (state, message string) {
	c := &call{
		session: &session{user: j.user}, rights: o.rightsOf(j.user), version: j.version, major: j.major, header: http.Header{},
	}
	if j.export != nil {
		return o.runExport(c, j)
	}
	return o.runIngest(c, j)
}

// stopped reports whether the job was aborted while it is worked on.
func (b *bulkState) stopped(j *job) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return j.aborted
}

// jobs answers vNN/jobs/ingest and vNN/jobs/query and what lies below them.
func (o *Org) jobs(c *call, tail []string) {
	if len(tail) == 0 || len(tail) > 3 {
		c.fail(errNotFound)
		return
	}
	kind := strings.ToLower(tail[0])
	switch {
	case kind != "ingest" && kind != "query":
		c.fail(errNotFound)
	case len(tail) == 1 && c.allow(http.MethodGet, http.MethodPost):
		switch {
		case c.method != http.MethodPost:
			o.listJobs(c, kind)
		case kind == "query":
			o.createExport(c)
		default:
			o.createIngest(c)
		}
	case len(tail) > 1:
		o.bulk.mu.Lock()
		at := slices.IndexFunc(o.bulk.jobs, func(j *job) bool {
			return (j.id == tail[1] || j.id[:15] == tail[1]) && (j.export != nil) == (kind == "query") && j.user == c.session.user
		})
		if at < 0 {
			o.bulk.mu.Unlock()
			c.fail(errNotFound)
			return
		}
		j := o.bulk.jobs[at]
		o.bulk.mu.Unlock()
		o.oneJob(c, j, tail[2:])
	}
}

// oneJob answers what lies below a job's id.
func (o *Org) oneJob(c *call, j *job, tail []string) {
	what := ""
	if len(tail) > 0 {
		what = strings.ToLower(tail[0])
	}
	switch {
	case what == "":
		if !c.allow(http.MethodGet, http.MethodPatch, http.MethodDelete) {
			return
		}
		switch c.method {
		case http.MethodPatch:
			o.moveJob(c, j)
		case http.MethodDelete:
			o.deleteJob(c, j)
		default:
			o.bulk.mu.Lock()
			defer o.bulk.mu.Unlock()
			o.appendJob(c, j, true)
			c.ok(http.StatusOK)
		}
	case j.export != nil && what == "results":
		o.exportResults(c, j)
	case j.export != nil && what == "resultpages" && c.major >= 58:
		o.exportPages(c, j)
	case j.ingest != nil && what == "batches":
		o.upload(c, j)
	case j.ingest != nil && (what == "successfulresults" || what == "failedresults" || what == "unprocessedrecords"):
		o.ingestResults(c, j, what)
	default:
		c.fail(errNotFound)
	}
}

// jobBody reads the JSON of a job's creation or change.
func (c *call) jobBody() (value, *apiError) {
	data, err := io.ReadAll(io.LimitReader(c.stream, maxBody))
	if err != nil {
		return value{}, parserError("The HTTP entity body could not be read", nil, 0)
	}
	c.body = data
	return parseObject(data)
}

func badJob(message string) *apiError { return badRequest("INVALIDJOB", "InvalidJob : "+message) }

func badState(message string) *apiError { return badRequest("INVALIDJOBSTATE", message) }

// moveJob answers PATCH {"state":..}: a job is closed or aborted.
func (o *Org) moveJob(c *call, j *job) {
	body, refusal := c.jobBody()
	if refusal != nil {
		c.fail(refusal)
		return
	}
	now := o.clock.Now()
	o.bulk.mu.Lock()
	defer o.bulk.mu.Unlock()
	words := map[string]string{stateComplete: "Completed"}
	at := j.state
	if word := words[at]; word != "" {
		at = word
	}
	switch body.word("state") {
	case stateAborted:
		switch {
		case j.ended():
			refusal = badState("Aborting already " + at + " Job not allowed")
		case j.running:
			j.aborted = true
		default:
			j.end(stateAborted, "", now)
		}
	case stateUploaded:
		switch {
		case j.export != nil:
			refusal = badState("A query job can only be aborted")
		case j.state != stateOpen:
			refusal = badState("Closing already " + at + " Job not allowed")
		default:
			refusal = o.closeJob(j, now)
		}
	default:
		refusal = badState("The state of a job can be set to UploadComplete or Aborted only")
	}
	if refusal != nil {
		c.fail(refusal)
		return
	}
	o.appendJob(c, j, false)
	c.ok(http.StatusOK)
}

// deleteJob answers DELETE. A job that is closed and has not begun never will.
func (o *Org) deleteJob(c *call, j *job) {
	o.bulk.mu.Lock()
	defer o.bulk.mu.Unlock()
	waits := j.ingest != nil && j.shown(o.clock.Now()) == stateUploaded && !j.running
	if !waits && !j.ended() {
		c.fail(badRequest("API_ERROR", "Error encountered when deleting the job because the job is not terminated"))
		return
	}
	o.bulk.jobs = slices.DeleteFunc(o.bulk.jobs, func(other *job) bool { return other == j })
	c.ok(http.StatusNoContent)
}
