// Package garbage has nothing collected before the heap has 16 MB. What is made ready on the way to a command is no garbage: collecting it took
// a sixth of the start of status.
//
// It imports the standard library alone, so that it is initialised before most of what is dear (see package version).
package garbage

import (
	"os"
	"runtime/debug"
)

func init() {
	if os.Getenv("GOGC") == "" { // who sets it knows better
		debug.SetGCPercent(400)
	}
}
