package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// The parts of a bench, each a process of its own.
const (
	BenchFloor   = "floor"   // the least that any first sync must do
	BenchClients = "clients" // a first sync with jsforce and node-marketo-rest
	BenchFirst   = "first"   // a first sync
	BenchPlain   = "plain"   // a first sync without bulk jobs
	BenchSync    = "sync"    // a first sync, cycles of many changes, idle cycles, the start of status
)

// benchEdits is how many records are changed on each side for a cycle, at most half of the people; manyEdits how many in a cycle of very many.
const benchEdits, manyEdits = 2000, 10_000

// idleCycles is how many idle cycles are measured together: one takes too little to be measured.
const idleCycles = 10

// BenchCalls are the calls that the imitated systems counted, the least that would have done, and how many there may be, by side.
type BenchCalls struct {
	Made  map[string]int     `json:"made"`
	Least map[string]int     `json:"least"`
	Most  map[string]float64 `json:"most,omitempty"` // nothing is promised of a side that is left out
}

// CycleMeasured is what a cycle took: processor and time in seconds.
type CycleMeasured struct {
	CPU   float64    `json:"cpu"`
	Wall  float64    `json:"wall"`
	Calls BenchCalls `json:"calls"`
	// Written is how many records each side says were written.
	Written map[string]int `json:"written,omitempty"`
	// People are the calls to Marketo that read and write people, Others those that write other objects.
	People BenchCalls `json:"people,omitzero"`
	Others BenchCalls `json:"others,omitzero"`

	result CycleResult
}

// SyncMeasured is what the engine's part measured. Memory is the most that the process held until the end of the first sync, in MB.
type SyncMeasured struct {
	First  CycleMeasured `json:"first"`
	Memory float64       `json:"memory"`
	// Rest is what it held when that was over and given back what it did not need, in MB; 0 where the system does not say.
	Rest    float64       `json:"rest"`
	Edited  int           `json:"edited"` // records on the side with more of them
	Changes CycleMeasured `json:"changes"`
	// Many is a cycle of many more changes, Echo the one that follows and reads its writes back. Without calls: there are too few people.
	Many  CycleMeasured `json:"many"`
	Echo  CycleMeasured `json:"echo"`
	Idle  CycleMeasured `json:"idle"`
	Start StartMeasured `json:"start"`
}

// measuring is a workspace whose cycles are measured.
type measuring struct {
	app  *App
	pair ServedSandbox
}

// measureSync measures the engine against a pair: everything, or with a part of its own the first sync alone.
func measureSync(ctx context.Context, pair ServedSandbox, part string) (done SyncMeasured, err error) {
	a, forget, err := benchWorkspace(ctx, pair)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, forget()) }()
	if _, err := a.ChangeSettings(ctx, sampleName, "bulk="+strconv.FormatBool(part != BenchPlain)); err != nil {
		return done, err
	}
	if err := a.SetMode(ctx, sampleName, record.Live); err != nil {
		return done, err
	}
	m := &measuring{app: a, pair: pair}
	if done.First, err = m.cycles(ctx, 1); err != nil {
		return done, err
	}
	done.Memory = float64(peakMemory()>>10) / 1024
	a.resting.giveBack() // as before every rest of a process that goes on
	done.Rest = float64(heldMemory()>>10) / 1024
	done.First.Calls.Least = leastOfFirst(done.First.result)
	if part != BenchSync {
		return done, nil
	}
	if err := m.later(ctx, &done); err != nil {
		return done, err
	}
	done.Start, err = measureStart(ctx, a.home)
	return done, err
}

// benchWorkspace is Doppio in a folder of its own, with a workspace on a pair and without the pauses that Marketo's limit wants; forget
// removes the folder.
func benchWorkspace(ctx context.Context, pair ServedSandbox) (a *App, forget func() error, err error) {
	home, err := os.MkdirTemp("", "doppio-bench-")
	if err != nil {
		return nil, nil, fmt.Errorf("a folder for the measurement cannot be made: %w", err)
	}
	forget = func() error { return os.RemoveAll(home) }
	a, err = New(Options{Home: home, Secrets: SecretsMemory, Version: "bench"})
	if err == nil {
		a.world.unpaced = true
		err = connectSample(ctx, a, pair)
	}
	if err != nil {
		return nil, nil, errors.Join(err, forget())
	}
	return a, forget, nil
}

// leastOfFirst is what a first sync takes that fills every call: Salesforce is read by 2,000 and written by 1,000, Marketo by 300.
func leastOfFirst(first CycleResult) map[string]int {
	return map[string]int{
		"salesforce": parts(first.Pulled.Salesforce, 2000) + parts(first.Writes.Salesforce, 1000),
		"marketo":    parts(first.Pulled.Marketo, 300) + parts(first.Writes.Marketo, 300),
	}
}

// later measures cycles of many changes, and idle ones.
func (m *measuring) later(ctx context.Context, done *SyncMeasured) (err error) {
	if err := m.settle(ctx); err != nil {
		return err
	}
	status, err := m.app.Status(ctx, sampleName)
	if err != nil {
		return err
	}
	if done.Changes, done.Edited, err = m.changes(ctx, min(benchEdits, status.People.Linked/2), 7); err != nil {
		return err
	}
	if err := m.settle(ctx); err != nil {
		return err
	}
	if status.People.Linked >= 3*manyEdits/2 {
		var n int
		if done.Many, n, err = m.changes(ctx, manyEdits, 8, "Title", "title"); err != nil {
			return err
		}
		if done.Echo, err = m.cycles(ctx, 1); err != nil {
			return err
		}
		done.Echo.Calls.Least = map[string]int{"salesforce": parts(2*n, 2000), "marketo": 2 + parts(n, 300)}
		done.Echo.Calls.Most = map[string]float64{"salesforce": 2 + float64(parts(2*n, 2000)), "marketo": 3 + float64(parts(n, 300))}
		if err := m.settle(ctx); err != nil {
			return err
		}
	}
	if done.Idle, err = m.cycles(ctx, idleCycles); err != nil {
		return err
	}
	for side, calls := range done.Idle.Calls.Made {
		done.Idle.Calls.Made[side] = parts(calls, idleCycles)
	}
	done.Idle.CPU /= idleCycles
	done.Idle.Wall /= idleCycles
	done.Idle.Calls.Least = map[string]int{"salesforce": 1, "marketo": 2}
	done.Idle.Calls.Most = map[string]float64{"salesforce": 2, "marketo": 3}
	return nil
}

// changes measures a cycle after n records were changed on each side, in some fields by their API names, or in any.
func (m *measuring) changes(ctx context.Context, n int, seed uint64, fields ...string) (c CycleMeasured, most int, err error) {
	var edited struct {
		Edited []struct {
			Side   string            `json:"side"`
			Fields map[string]string `json:"fields"`
		} `json:"edited"`
	}
	if err := m.control(ctx, http.MethodPost, "/edit", map[string]any{"side": "both", "people": n, "seed": seed, "fields": fields}, &edited); err != nil {
		return c, 0, err
	}
	records, activities := map[string]int{}, 0
	for _, e := range edited.Edited {
		records[e.Side]++
		if e.Side == "marketo" {
			activities += len(e.Fields)
		}
	}
	s, p := records["salesforce"], records["marketo"]
	if c, err = m.cycles(ctx, 1); err != nil {
		return c, 0, err
	}
	// Salesforce is read beside each write, so a call writes 400 (composite: 2 reads and 2 writes of 200). An activity tells of one field.
	c.Calls.Least = map[string]int{
		"salesforce": max(parts(s, 2000), 1) + parts(p, 400),
		"marketo":    1 + max(parts(activities, 300), 1) + parts(p, 300) + parts(s, 300),
	}
	if n == manyEdits {
		c.Calls.Most = map[string]float64{
			"salesforce": 1.1*float64(parts(s, 2000)+parts(p, 400)) + 2,
			"marketo":    1.1*float64(parts(activities, 300)+parts(p, 300)+parts(s, 300)) + 3,
		}
	}
	return c, max(s, p), nil
}

// parts is how many parts of a size hold n.
func parts(n, size int) int { return (n + size - 1) / size }

// settle runs cycles until the echo of our own writes was read, and lets both systems' clocks pass the overlap.
func (m *measuring) settle(ctx context.Context) error {
	for range 2 {
		if _, err := m.cycles(ctx, 2); err != nil {
			return err
		}
		if err := m.control(ctx, http.MethodPost, "/advance", map[string]any{"seconds": 300}, nil); err != nil {
			return err
		}
	}
	_, err := m.cycles(ctx, 1)
	return err
}

// cycles measures n cycles together; the result is the last one's.
func (m *measuring) cycles(ctx context.Context, n int) (c CycleMeasured, err error) {
	if err := m.control(ctx, http.MethodPost, "/journal/reset", nil, nil); err != nil {
		return c, err
	}
	began, cpu := time.Now(), processorTime()
	for range n {
		r, err := m.app.Sync(ctx, sampleName, SyncOptions{AllowBrake: true})
		if err != nil {
			return c, err
		}
		c.result = r.Cycle
	}
	c.CPU, c.Wall = (processorTime() - cpu).Seconds(), time.Since(began).Seconds()
	var journal map[string]benchJournal
	if err := m.control(ctx, http.MethodGet, "/journal", nil, &journal); err != nil {
		return c, err
	}
	c.Calls.Made, c.Written = map[string]int{}, map[string]int{}
	for side, counted := range journal {
		c.Calls.Made[side], c.Written[side] = counted.Calls, counted.Writes
	}
	c.People, c.Others = journal["marketo"].split(c.result.Pulled.Marketo)
	return c, nil
}

// benchJournal is what an imitated system counted.
type benchJournal struct {
	Calls            int            `json:"calls"`
	Writes           int            `json:"writes"`
	ByEndpoint       map[string]int `json:"by_endpoint"`
	WritesByEndpoint map[string]int `json:"writes_by_endpoint"`
}

// split tells of Marketo's calls those about people, of whom some were read, and those that wrote other objects. Each has at best 300 records,
// of one object. What is left asks for the fields, and where the log stands.
func (j benchJournal) split(read int) (aboutPeople, aboutOthers BenchCalls) {
	const side = "marketo"
	people, others := [2]int{0, parts(read, 300)}, [2]int{}
	for endpoint, n := range j.ByEndpoint {
		wrote := j.WritesByEndpoint[endpoint]
		switch {
		case strings.HasSuffix(endpoint, " /leads.json"):
			people[0] += n
			people[1] += parts(wrote, 300)
		case wrote > 0:
			others[0] += n
			others[1] += parts(wrote, 300)
		}
	}
	of := func(n [2]int) BenchCalls {
		return BenchCalls{Made: map[string]int{side: n[0]}, Least: map[string]int{side: n[1]}}
	}
	return of(people), of(others)
}

// control asks the sandbox itself.
func (m *measuring) control(ctx context.Context, method, path string, body, into any) (err error) {
	text := []byte{}
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, m.pair.ControlURL+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the sandbox answered %s to %s", resp.Status, path)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
