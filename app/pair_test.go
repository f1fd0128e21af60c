package app

import (
	"testing"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
)

// pairOf is a live workspace on a fresh pair, in the bubble of the test.
func pairOf(t *testing.T, home string, o sandbox.Options) (*App, *sandbox.Pair) {
	t.Helper()
	pair, err := sandbox.New(o)
	must(t, err)
	t.Cleanup(pair.Close)
	a, err := New(Options{Home: home, Secrets: SecretsMemory, Version: "test", Transport: pair.Transport(), Now: pair.Now})
	must(t, err, connectSample(t.Context(), a, pair.Credentials()), a.SetMode(t.Context(), sampleName, record.Live))
	return a, pair
}
