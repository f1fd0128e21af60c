package main

import (
	"os"
	"runtime/debug"
)

// mostHeap is how much memory Go may hold before it collects early. What is alive in a cycle is a few pages, about 20 MB
// however many people there are; SQLite's memory is its own and does not count.
const mostHeap = 70 << 20

// spareHeap keeps a process with an imitated pair near twice what is alive, and one of very many people nearer, 1.3 GB of a million:
// comparing both sides makes half as much garbage. A limit would not do: a pair that is written to outgrows it, and then does little but collect.
func spareHeap(people int) {
	switch {
	case os.Getenv("GOGC") != "":
	case people > 300_000:
		debug.SetGCPercent(40)
	default:
		debug.SetGCPercent(100)
	}
}

// spendHeap lets a process that does nothing but cycles collect its garbage when the heap is full, instead of at each
// doubling of what little is alive: a tenth less of the processor, and the same peak at any number of people. Who sets GOGC
// or GOMEMLIMIT knows better.
func spendHeap() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(mostHeap)
}
