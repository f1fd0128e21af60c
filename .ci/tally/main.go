// Command tally reads the output of go test -json, prints how many tests passed and failed, and writes what the failed
// ones printed to file descriptor 3.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type event struct {
	Action, Package, Test, Output string
}

func main() {
	passed, failed := 0, 0
	output := map[string]*strings.Builder{}
	failures := os.NewFile(3, "failures")
	failing := map[string]bool{}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output", "build-output":
			if output[key] == nil {
				output[key] = &strings.Builder{}
			}
			output[key].WriteString(e.Output)
		case "pass":
			if e.Test != "" {
				passed++
			}
			delete(output, key)
		case "fail":
			// A package fails with its tests; it counts by itself when none of them did: it did not build, or broke down.
			if e.Test != "" || !failing[e.Package] {
				failed++
				failing[e.Package] = true
				if text := output[key]; text != nil {
					fmt.Fprintf(failures, "--- %s\n%s\n", key, text)
				}
			}
		}
	}
	fmt.Println(passed, failed)
}
