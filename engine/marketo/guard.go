package marketo

import (
	"net/http"
	"regexp"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// guard is the lowest layer of the client: unless the workspace is Live it lets pass only requests that cannot change
// data, and refuses the rest with *pace.ModeError (promise 5).
type guard struct {
	next http.RoundTripper
	mode func() record.Mode
}

// exportJob is the address of the steps of an export: defining, starting and ending one changes nobody's data.
var exportJob = regexp.MustCompile(`^/bulk/v1/(leads|activities|program/members|customobjects/\w+)/export(/[\w-]+)?/(create|enqueue|cancel)\.json$`)

// RoundTrip sends the request if the mode allows it.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if mode := g.mode(); mode != record.Live && !harmless(req) {
		if req.Body != nil {
			if err := req.Body.Close(); err != nil {
				return nil, err
			}
		}
		return nil, &pace.ModeError{Mode: mode, Endpoint: endpoint(req.Method, req.URL.Path)}
	}
	return g.next.RoundTrip(req)
}

func harmless(req *http.Request) bool {
	switch req.Method {
	case http.MethodGet, http.MethodHead:
		// A GET whose parameter replaces the verb is not what it looks like.
		method := req.URL.Query().Get("_method")
		return method == "" || method == http.MethodGet
	case http.MethodPost:
		methods := req.URL.Query()["_method"]
		return len(methods) == 1 && methods[0] == http.MethodGet || req.URL.Path == tokenPath || exportJob.MatchString(req.URL.Path)
	}
	return false
}

var idPart = regexp.MustCompile(`/(?:\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27})(/|\.json)`)

// endpoint is the form in which calls are named: method and path, without host, ids and values.
func endpoint(method, path string) string {
	return method + " " + idPart.ReplaceAllString(path, "/{id}$1")
}
