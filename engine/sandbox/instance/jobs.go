package instance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/fault"
)

// Marketo REST API, Bulk Extract: 2 jobs run, 10 wait or run, 500 MB a day, 31 days in a filter, files kept for 7 days,
// states for 30. A job here waits half a second and runs for a second and a half.
const (
	runningJobs = 2
	queuedJobs  = 10
	exportQuota = 500 << 20
	exportRange = 31 * 24 * time.Hour
	fileKept    = 7 * 24 * time.Hour
	jobKept     = 30 * 24 * time.Hour
	queueTime   = 500 * time.Millisecond
	runTime     = 1500 * time.Millisecond
	fileAppears = 500 * time.Millisecond
)

// exportJob is one bulk extract. Its state is worked out from the clock when somebody asks.
type exportJob struct {
	id       string
	kind     string // leads, activities, members, or a custom object's name
	owner    *service
	format   string
	created  time.Time
	queued   time.Time // zero: not in the queue yet
	started  time.Time // both are known as soon as it is queued
	finished time.Time
	canceled bool
	writer   func(w *rowWriter)
	file     *spool
	records  int64
}

// state is the job's state at a time.
func (j *exportJob) state(now time.Time) string {
	switch {
	case j.canceled:
		return "Cancelled"
	case j.queued.IsZero():
		return "Created"
	case now.Before(j.started):
		return "Queued"
	case now.Before(j.finished):
		return "Processing"
	}
	return "Completed"
}

// jobs are all extracts of the subscription.
type jobs struct {
	mu   sync.Mutex
	seed uint64
	all  []*exportJob
	made uint64
}

func newJobs(seed uint64) *jobs { return &jobs{seed: seed} }

func (js *jobs) uuid() string {
	js.made++
	x := (js.made*0x9e3779b97f4a7c15 ^ js.seed) * 0xbf58476d1ce4e5b9
	y := (x ^ x>>31) * 0x94d049bb133111eb
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", uint32(x>>32), uint16(x), y>>52, y>>20&0xfff, y&0xffffffffffff^js.made)
}

// find gives a job that the service has made; nobody else sees it.
func (js *jobs) find(c *call, kind string) (*exportJob, error) {
	id := c.vars[len(c.vars)-1]
	for _, j := range js.all {
		if j.id == id && j.kind == kind && j.owner == c.service {
			return j, nil
		}
	}
	return nil, fail(1013, "Export job '"+id+"' not found")
}

// settle makes the files of jobs that have ended, and forgets old jobs. It is called with the lock held.
func (js *jobs) settle(now time.Time) {
	js.all = slices.DeleteFunc(js.all, func(j *exportJob) bool { return now.Sub(j.created) > jobKept })
	for _, j := range js.all {
		if j.state(now) != "Completed" {
			continue
		}
		if j.file == nil {
			j.file = newSpool()
			w := &rowWriter{out: j.file, comma: separators[j.format]}
			j.writer(w)
			j.file.close()
			j.records = w.records
		}
		if now.Sub(j.finished) > fileKept {
			j.file.drop()
		}
	}
}

// spent is how much of today's quota the finished files have used.
func (js *jobs) spent(now time.Time) (bytes int64) {
	for _, j := range js.all {
		if j.file != nil && dayOf(j.finished) == dayOf(now) {
			bytes += j.file.size
		}
	}
	return bytes
}

// enqueue lets a job wait for one of the two places in which jobs run.
func (js *jobs) enqueue(j *exportJob, now time.Time) {
	j.queued = now
	var ends []time.Time // when the places that are taken become free
	for _, other := range js.all {
		if other != j && !other.canceled && !other.queued.IsZero() && other.finished.After(now) {
			ends = append(ends, other.finished)
		}
	}
	slices.SortFunc(ends, time.Time.Compare)
	j.started = now.Add(queueTime)
	if len(ends) >= runningJobs {
		if free := ends[len(ends)-runningJobs]; free.After(j.started) {
			j.started = free
		}
	}
	j.finished = j.started.Add(runTime)
}

// waiting counts the jobs that wait or run.
func (js *jobs) waiting(now time.Time) (n int) {
	for _, j := range js.all {
		if s := j.state(now); s == "Queued" || s == "Processing" {
			n++
		}
	}
	return n
}

func (j *exportJob) append(b []byte, now time.Time) []byte {
	state := j.state(now)
	b = appendMember(append(b, '{'), "", "exportId", j.id)
	b = appendMember(b, ",", "format", j.format)
	b = appendMember(b, ",", "status", state)
	b = appendTime(append(b, `,"createdAt":`...), j.created)
	if !j.queued.IsZero() {
		b = appendTime(append(b, `,"queuedAt":`...), j.queued)
	}
	if state == "Processing" || state == "Completed" {
		b = appendTime(append(b, `,"startedAt":`...), j.started)
	}
	if state == "Completed" {
		b = appendTime(append(b, `,"finishedAt":`...), j.finished)
		b = strconv.AppendInt(append(b, `,"numberOfRecords":`...), j.records, 10)
		b = strconv.AppendInt(append(b, `,"fileSize":`...), j.file.size, 10)
		b = appendMember(b, ",", "fileChecksum", "sha256:"+j.file.sum)
	}
	return append(b, '}')
}

// onJobs runs fn while nobody else looks at the jobs.
func (c *call) onJobs(fn func(js *jobs) error) error {
	js := c.i.jobs
	js.mu.Lock()
	defer js.mu.Unlock()
	js.settle(c.now)
	return fn(js)
}

var errExportQuota = fail(1029, "Export daily quota 500MB exceeded.")

// createExport defines a job. plan checks what was asked for and gives what writes the file.
func createExport(kind string, plan func(c *call, o exportOrder) (func(w *rowWriter), error)) func(*call) error {
	return func(c *call) error {
		o, err := c.exportOrder()
		if err != nil {
			return err
		}
		name := exportKind(c, kind)
		writer, err := plan(c, o)
		if err != nil {
			return err
		}
		return c.onJobs(func(js *jobs) error {
			if js.spent(c.now) >= exportQuota {
				return errExportQuota
			}
			j := &exportJob{id: js.uuid(), kind: name, owner: c.service, format: o.Format, created: c.now, writer: writer}
			js.all = append(js.all, j)
			c.element()
			c.buf = j.append(c.buf, c.now)
			return nil
		})
	}
}

// exportKind names the jobs of custom objects after their object.
func exportKind(c *call, kind string) string {
	if kind == "custom" {
		return "custom " + c.vars[0]
	}
	return kind
}

func enqueueExport(kind string) func(*call) error {
	return func(c *call) error {
		return c.onJobs(func(js *jobs) error {
			j, err := js.find(c, exportKind(c, kind))
			switch {
			case err != nil:
				return err
			case !j.queued.IsZero() || j.canceled:
				return fail(1029, "Job already queued")
			case js.spent(c.now) >= exportQuota || c.i.dice.Roll(fault.QuotaCutoff):
				return errExportQuota
			case js.waiting(c.now) >= queuedJobs:
				return fail(1029, "Too many jobs in queue")
			}
			js.enqueue(j, c.now)
			c.element()
			c.buf = j.append(c.buf, c.now)
			return nil
		})
	}
}

func cancelExport(kind string) func(*call) error {
	return func(c *call) error {
		return c.onJobs(func(js *jobs) error {
			j, err := js.find(c, exportKind(c, kind))
			if err != nil {
				return err
			}
			if j.state(c.now) == "Completed" {
				return fail(1029, "Job already completed")
			}
			j.canceled = true
			c.element()
			c.buf = j.append(c.buf, c.now)
			return nil
		})
	}
}

func exportStatus(kind string) func(*call) error {
	return func(c *call) error {
		return c.onJobs(func(js *jobs) error {
			j, err := js.find(c, exportKind(c, kind))
			if err != nil {
				return err
			}
			c.element()
			c.buf = j.append(c.buf, c.now)
			return nil
		})
	}
}

// listExports lists the service's own jobs of the past seven days. Here Canceled is spelled with one l.
func listExports(kind string) func(*call) error {
	return func(c *call) error {
		size, err := c.batchSize()
		if err != nil {
			return err
		}
		after, err := c.idPage()
		if err != nil {
			return err
		}
		var states []string
		for s := range splitIDs(c.q["status"]) {
			states = append(states, strings.Replace(s, "Canceled", "Cancelled", 1))
		}
		return c.onJobs(func(js *jobs) error {
			name := exportKind(c, kind)
			for n, j := range js.all {
				if uint64(n) < after || j.owner != c.service || j.kind != name || c.now.Sub(j.created) > fileKept || (len(states) > 0 && !slices.Contains(states, j.state(c.now))) {
					continue
				}
				if c.elements == size {
					c.token = c.i.token(place{idToken, uint64(n)})
					return nil
				}
				c.element()
				c.buf = []byte(strings.Replace(string(j.append(c.buf, c.now)), `"Cancelled"`, `"Canceled"`, 1))
			}
			return nil
		})
	}
}

// exportFile gives the file, or a 404 in plain text while there is none. As a fault, the file of a completed job is not
// there for a moment; live instances were seen to do so.
func exportFile(kind string) func(*call) error {
	return func(c *call) error {
		notYet := &failure{status: http.StatusNotFound, message: "File not found"}
		return c.onJobs(func(js *jobs) error {
			j, err := js.find(c, exportKind(c, kind))
			if err != nil || j.file == nil || j.file.dropped() || c.i.dice.Roll(fault.EmptyPage) {
				return notYet
			}
			c.file = &download{spool: *j.file}
			return nil
		})
	}
}

func checksum(sum [sha256.Size]byte) string { return hex.EncodeToString(sum[:]) }
