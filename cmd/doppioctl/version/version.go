// Package version tells the version before the rest of the program is initialised. What Fyne, which draws the demo's picture, and the command
// line's own parser make ready costs several times what a start costs otherwise, and scripts ask for the version before anything else.
//
// It imports next to nothing, so that it is initialised before what is dear: of the packages whose imports are ready Go initialises the one
// that is first in the alphabet, and what imports more is ready later. With encoding/json twice as many came before it.
package version

import (
	"os"
	"strconv"
)

// Number is set by the linker. It holds nothing that Go quotes otherwise than JSON does.
var Number = "dev"

// init answers the bare question and ends the program. Every other way to ask, and every mistake, goes through the command line's parser.
func init() {
	args := os.Args[1:]
	asJSON := len(args) == 2 && (args[0] == "version" && args[1] == "--json" || args[0] == "--json" && args[1] == "version")
	if !asJSON && (len(args) != 1 || args[0] != "version") {
		return
	}
	if _, err := os.Stdout.WriteString(Answer(asJSON)); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// Answer is what the question for the version is answered with, to people or as one JSON document.
func Answer(asJSON bool) string {
	if asJSON {
		return `{"version":` + strconv.Quote(Number) + "}\n"
	}
	return "doppioctl " + Number + "\n"
}
