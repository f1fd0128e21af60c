package app

import (
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// restingSpare is how much more memory Go may keep from one cycle to the next than when it last gave some back, in bytes: an idle cycle mostly
// stays below it.
const restingSpare = 8 << 20

// resting remembers what Go held when it last gave memory back. The zero resting held none.
type resting struct{ held atomic.Uint64 }

// giveBack gives the system what a cycle took and the rest after it does not need: a large cycle's pages, and what a passphrase was stretched
// in, once a process. Go by itself keeps it until garbage is collected again, which at rest is hours.
func (r *resting) giveBack() {
	if heldByGo() > r.held.Load()+restingSpare {
		debug.FreeOSMemory()
		r.held.Store(heldByGo())
	}
}

// heldByGo is the memory that Go has from the system, in bytes. SQLite's is its own and does not count.
func heldByGo() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}
