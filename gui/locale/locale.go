// Package locale gives the process a language before Fyne looks for one. With none set, or with C, Fyne prints an error
// when it starts; a terminal without a language is no error to anybody.
//
// It imports the standard library alone, so that it is initialised before the packages that ask for the language: Go
// initialises packages whose imports are ready in the order of their paths.
package locale

import "os"

const fallback = "en_US.UTF-8"

func init() {
	for _, name := range []string{"LC_ALL", "LANG"} {
		switch os.Getenv(name) {
		case "C", "POSIX", "C.UTF-8", "C.utf8":
			set(name)
		case "":
			if name == "LANG" {
				set(name)
			}
		}
	}
}

// set gives a variable the fallback. A system that lets nobody set variables keeps what it has.
func set(name string) {
	if err := os.Setenv(name, fallback); err != nil {
		return
	}
}
