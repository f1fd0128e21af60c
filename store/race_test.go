//go:build race

package store_test

import "flag"

// Under the race detector a drawn story takes ten times as long, so that fewer are told.
func init() {
	if err := flag.Set("rapid.checks", "30"); err != nil {
		panic(err)
	}
}
