package cycle

import (
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Counts is a number per side.
type Counts struct {
	Salesforce int `json:"salesforce"`
	Marketo    int `json:"marketo"`
}

// Add counts n on a side.
func (c *Counts) Add(s record.Side, n int) {
	if s == record.Salesforce {
		c.Salesforce += n
	} else {
		c.Marketo += n
	}
}

// On is the count of a side.
func (c Counts) On(s record.Side) int {
	if s == record.Salesforce {
		return c.Salesforce
	}
	return c.Marketo
}

// Report is what a cycle did.
type Report struct {
	N        int64
	Started  time.Time
	Took     time.Duration
	First    bool // this cycle was, or went on with, the first sync
	Mode     record.Mode
	Pulled   Counts // changed records seen
	Planned  Counts // outbox rows put, by target
	Calls    Counts
	Writes   Counts // records acknowledged as changed
	Failed   int
	Held     int
	Filtered int
	Backlog  Backlog
	// Flipping are the makers of fields that were held because they go back and forth.
	Flipping []Maker `json:"-"`
	// Waited is the most that waited at once: before the first write, or at the end.
	Waited Backlog
	// Asked: it was about people whom somebody asked for, and no feed was read.
	Asked bool `json:",omitempty"`
	// Made says who and what made the most of what was planned: who caused the most records, and by which field; a few of each.
	Made []Cause `json:",omitempty"`
	// Stopped says why the cycle ended early: "", "brake", "quota", "sign-in", "interrupted", "error".
	Stopped string
}
