// Package version tells the version before the rest of the program is initialised. What Fyne, which draws the demo's picture, and the command
// line's own parser make ready costs several times what a start costs otherwise, and scripts ask for the version before anything else.
//
// It imports the standard library alone, so that it is initialised before the packages that are dear: Go initialises packages whose
// imports are ready in the order of their paths.
package version

import (
	"encoding/json"
	"os"
	"runtime/debug"
	"slices"
)

// Number is set by the linker.
var Number = "dev"

// init answers the bare question and ends the program. Every other way to ask, and every mistake, goes through the command line's parser; on
// the way there nothing is collected before the heap has 16 MB.
func init() {
	args := os.Args[1:]
	asJSON := len(args) == 2 && slices.Contains(args, "version") && slices.Contains(args, "--json")
	if !asJSON && (len(args) != 1 || args[0] != "version") {
		if os.Getenv("GOGC") == "" { // what is made ready now is no garbage: collecting it took a sixth of the start of status
			debug.SetGCPercent(400)
		}
		return
	}
	answer, err := Answer(asJSON)
	if err == nil {
		_, err = os.Stdout.Write(answer)
	}
	if err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// Answer is what the question for the version is answered with, to people or as one JSON document.
func Answer(asJSON bool) ([]byte, error) {
	if !asJSON {
		return []byte("doppioctl " + Number + "\n"), nil
	}
	answer, err := json.Marshal(map[string]string{"version": Number})
	return append(answer, '\n'), err
}
