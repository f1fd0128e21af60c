package main

import (
	"os"
	"runtime/debug"
)

// mostHeap is how much memory Go may hold before it collects early. What is alive in a cycle is a few pages, about 20 MB
// however many people there are; SQLite's memory is its own and does not count.
const mostHeap = 44 << 20

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
