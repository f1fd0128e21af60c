package main

import (
	"os"
	"runtime/debug"
)

// mostHeap is how much memory Go may hold before it collects early. What is alive in a cycle is a few pages, about 20 MB
// however many people there are; SQLite's memory is its own and does not count.
const mostHeap = 70 << 20

// mostSandbox is the same for an imitated pair of up to a million people, of whom about 1.1 GB are alive: comparing both sides
// makes as much garbage again, which need not stay.
const mostSandbox = 2 << 30

// spareHeap keeps a sandbox's memory near what is alive.
func spareHeap(people int) {
	if os.Getenv("GOMEMLIMIT") == "" && people <= 1_000_000 {
		debug.SetMemoryLimit(mostSandbox)
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
