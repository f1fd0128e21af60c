package sandbox

import (
	"net/http"
	"strings"
)

// mayWrite tells, from the outside, whether a request could change data; the faults that lose an answer to a write ask
// it. A composite counts as a write whatever it holds: losing the answer to one that only reads does no harm. The
// journal does not rely on it: the systems themselves know what they were asked. SOAP counts as a read, since only its
// body tells a sign-in from the rest, and signing in is never lost.
func mayWrite(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions {
		return false
	}
	q := r.URL.Query()
	if strings.EqualFold(q.Get("_method"), http.MethodGet) || strings.EqualFold(q.Get("_HttpMethod"), http.MethodGet) {
		return false
	}
	path := r.URL.Path
	for _, part := range []string{"/jobs/query", "/oauth", "/Soap/", "/bulk/v1/leads/export", "/bulk/v1/activities/export", "/export/"} {
		if strings.Contains(path, part) {
			return false
		}
	}
	return true
}
