//go:build wrongclock

package main

import (
	"fmt"
	"os"
	"time"
)

// A build with this tag is for tests: DOPPIO_WRONG_CLOCK says by how much this computer's clock is wrong.
func init() {
	wrong, err := time.ParseDuration(os.Getenv("DOPPIO_WRONG_CLOCK"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	clock = func() time.Time { return time.Now().Add(wrong) }
}
