// Package callback parts the ports to which a browser comes back after a sign-in. They are fixed, three on a computer (salesforce.CallbackURLs),
// while tests of several processes sign in at once. In flows a test that is about to sign in; nothing flows out.
package callback

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gofrs/flock"
)

// Alone waits until nobody else on this computer who asks holds the ports, and holds them until done is called or the test ends.
func Alone(t testing.TB) (done func()) {
	t.Helper()
	lock := flock.New(filepath.Join(os.TempDir(), "doppio-callback-ports.lock"))
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	done = func() {
		if err := lock.Unlock(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(done)
	return done
}
