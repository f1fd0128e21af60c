package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// The parts of a bench, each a process of its own.
const (
	BenchFloor = "floor" // the least that any first sync must do
	BenchFirst = "first" // a first sync
	BenchSync  = "sync"  // a first sync, a cycle of many changes, idle cycles
)

// benchEdits is how many records are changed on each side for a cycle.
const benchEdits = 2000

// idleCycles is how many idle cycles are measured together: one takes too little to be measured.
const idleCycles = 10

// BenchCalls are the calls that the imitated systems counted, and the least that would have done, by side.
type BenchCalls struct {
	Made  map[string]int `json:"made"`
	Least map[string]int `json:"least"`
}

// CycleMeasured is what a cycle took: processor and time in seconds.
type CycleMeasured struct {
	CPU   float64    `json:"cpu"`
	Wall  float64    `json:"wall"`
	Calls BenchCalls `json:"calls"`

	result CycleResult
}

// SyncMeasured is what the engine's part measured. Memory is the most that the process held until the end of the first sync, in MB.
type SyncMeasured struct {
	First   CycleMeasured `json:"first"`
	Memory  float64       `json:"memory"`
	Edited  int           `json:"edited"` // records on the side with more of them
	Changes CycleMeasured `json:"changes"`
	Idle    CycleMeasured `json:"idle"`
}

// measuring is a workspace whose cycles are measured.
type measuring struct {
	app  *App
	pair ServedSandbox
}

func measureSync(ctx context.Context, pair ServedSandbox, firstOnly bool) (done SyncMeasured, err error) {
	home, err := os.MkdirTemp("", "doppio-bench-")
	if err != nil {
		return done, fmt.Errorf("a folder for the measurement cannot be made: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	a, err := New(Options{Home: home, Secrets: SecretsMemory, Version: "bench"})
	if err != nil {
		return done, err
	}
	a.world.unpaced = true
	if err := connectSample(ctx, a, pair); err != nil {
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
	first := done.First.result
	done.First.Calls.Least = map[string]int{
		"salesforce": parts(first.Pulled.Salesforce, 2000) + parts(first.Writes.Salesforce, 1000),
		"marketo":    parts(first.Pulled.Marketo, 300) + parts(first.Writes.Marketo, 300),
	}
	if firstOnly {
		return done, nil
	}
	return done, m.later(ctx, &done)
}

// later measures a cycle of many changes, and idle ones.
func (m *measuring) later(ctx context.Context, done *SyncMeasured) error {
	if err := m.settle(ctx); err != nil {
		return err
	}
	var edited struct {
		Edited []struct {
			Side   string            `json:"side"`
			Fields map[string]string `json:"fields"`
		} `json:"edited"`
	}
	if err := m.control(ctx, http.MethodPost, "/edit", map[string]any{"side": "both", "people": benchEdits, "seed": 7}, &edited); err != nil {
		return err
	}
	records, activities := map[string]int{}, 0
	for _, e := range edited.Edited {
		records[e.Side]++
		if e.Side == "marketo" {
			activities += len(e.Fields)
		}
	}
	n, p := records["salesforce"], records["marketo"]
	done.Edited = max(n, p)
	var err error
	if done.Changes, err = m.cycles(ctx, 1); err != nil {
		return err
	}
	// Salesforce is read beside each write, so a call writes 400 (composite: 2 reads and 2 writes of 200).
	done.Changes.Calls.Least = map[string]int{
		"salesforce": max(parts(n, 2000), 1) + parts(p, 400),
		"marketo":    1 + max(parts(activities, 300), 1) + parts(p, 300) + parts(n, 300),
	}
	if err := m.settle(ctx); err != nil {
		return err
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
	return nil
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
	var journal map[string]struct {
		Calls int `json:"calls"`
	}
	if err := m.control(ctx, http.MethodGet, "/journal", nil, &journal); err != nil {
		return c, err
	}
	c.Calls.Made = map[string]int{}
	for side, counted := range journal {
		c.Calls.Made[side] = counted.Calls
	}
	return c, nil
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
