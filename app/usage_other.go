//go:build !unix

package app

import (
	"runtime"
	"time"
)

var started = time.Now()

// processorTime is the time that passed: this system does not tell what was used of the processors.
func processorTime() time.Duration { return time.Since(started) }

// peakMemory is the memory held from the system now, in bytes.
func peakMemory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
