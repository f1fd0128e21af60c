package pace_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/doppio-sync/doppio/engine/pace"
)

// What stands in the way is told apart by what the real network says.
func TestNetworkCode(t *testing.T) {
	nothing := http.NotFoundHandler()
	plain, proven := httptest.NewServer(nothing), httptest.NewTLSServer(nothing)
	defer plain.Close()
	defer proven.Close()
	closed := httptest.NewServer(nothing)
	closed.Close()
	torn := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer torn.Close()
	for name, c := range map[string]struct {
		address, code string
		unsent        bool
	}{
		"a name that nobody has":   {"http://nobody.invalid", pace.CodeNoHost, true},
		"a port without a program": {closed.URL, pace.CodeUnreached, true},
		"an unknown certificate":   {proven.URL, pace.CodeCertificate, true},
		"http where https is due":  {strings.Replace(plain.URL, "http:", "https:", 1), pace.CodePlain, true},
		"a connection that breaks": {torn.URL, pace.CodeNetwork, false},
	} {
		client := &http.Client{Transport: &http.Transport{}}
		resp, err := client.Get(c.address)
		if err == nil {
			t.Errorf("%s: answered with %s, %v", name, resp.Status, resp.Body.Close())
			continue
		}
		if code, unsent := pace.NetworkCode(err); code != c.code || unsent != c.unsent {
			t.Errorf("%s is %s, unsent %v; want %s, %v (%v)", name, code, unsent, c.code, c.unsent, err)
		}
		client.CloseIdleConnections()
	}
}
