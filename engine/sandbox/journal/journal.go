// Package journal counts what both imitated systems were asked from outside: calls, those that could write, and the
// records that were really written. The promises about quota and quiet cycles are checked against it.
//
// The imitated systems report, once a request: they alone know whether it counts against the allowance and what it
// changed. The imitated native sync's own work is never reported.
package journal

import (
	"maps"
	"sync"

	"github.com/doppio-sync/doppio/engine/record"
)

// Counts is one side's journal.
type Counts struct {
	// Calls are the requests that counted against the daily allowance.
	Calls int `json:"calls"`
	// WriteCalls are the requests whose content could change data, whether or not it did.
	WriteCalls int `json:"write_calls"`
	// Writes are the records really created, changed or deleted.
	Writes int `json:"writes"`
	// ByEndpoint counts every request by method and normalised path, also those that count against nothing.
	ByEndpoint map[string]int `json:"by_endpoint"`
	// WritesByEndpoint counts the records of Writes by the endpoint that wrote them.
	WritesByEndpoint map[string]int `json:"writes_by_endpoint"`
}

// Snapshot is the journal of both sides since the start or the last Reset.
type Snapshot struct {
	Salesforce Counts `json:"salesforce"`
	Marketo    Counts `json:"marketo"`
}

// Of is the side's part.
func (s Snapshot) Of(side record.Side) Counts {
	if side == record.Marketo {
		return s.Marketo
	}
	return s.Salesforce
}

// Journal is safe for concurrent use. A nil *Journal counts nothing.
type Journal struct {
	mu    sync.Mutex
	sides map[record.Side]*Counts
}

// New makes an empty journal.
func New() *Journal {
	j := &Journal{}
	j.Reset()
	return j
}

// Call counts one request. endpoint is its method and its path below the version, ids left out: "GET /query",
// "PATCH /composite/sobjects", "POST /leads.json". counted: it counts against the daily allowance. writeCall: its
// content could change data.
func (j *Journal) Call(side record.Side, endpoint string, counted, writeCall bool) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	c := j.sides[side]
	c.ByEndpoint[endpoint]++
	if counted {
		c.Calls++
	}
	if writeCall {
		c.WriteCalls++
	}
}

// Wrote counts n records that a request to an endpoint has really created, changed or deleted.
func (j *Journal) Wrote(side record.Side, endpoint string, n int) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sides[side].Writes += n
	j.sides[side].WritesByEndpoint[endpoint] += n
}

// Snapshot is a copy of the counts so far.
func (j *Journal) Snapshot() Snapshot {
	j.mu.Lock()
	defer j.mu.Unlock()
	clone := func(side record.Side) Counts {
		c := *j.sides[side]
		c.ByEndpoint, c.WritesByEndpoint = maps.Clone(c.ByEndpoint), maps.Clone(c.WritesByEndpoint)
		return c
	}
	return Snapshot{clone(record.Salesforce), clone(record.Marketo)}
}

// Reset begins anew.
func (j *Journal) Reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sides = map[record.Side]*Counts{
		record.Salesforce: {ByEndpoint: map[string]int{}, WritesByEndpoint: map[string]int{}},
		record.Marketo:    {ByEndpoint: map[string]int{}, WritesByEndpoint: map[string]int{}},
	}
}
