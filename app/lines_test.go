package app

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// The lines below carry calls to the imitated pair, but for what a test wants of them.

// refusing answers whatever is asked of a path by itself.
type refusing struct {
	http.RoundTripper
	path, answer string
}

func (r refusing) RoundTrip(q *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(q.URL.Path, r.path) {
		return r.RoundTripper.RoundTrip(q)
	}
	return &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(r.answer)), Request: q,
	}, nil
}

// meanwhile does something right before each call to a path.
type meanwhile struct {
	http.RoundTripper
	path string
	do   func()
}

func (m meanwhile) RoundTrip(q *http.Request) (*http.Response, error) {
	if strings.HasSuffix(q.URL.Path, m.path) {
		m.do()
	}
	return m.RoundTripper.RoundTrip(q)
}

// silent is a line on which Marketo's log has nothing to tell yet.
type silent struct{ http.RoundTripper }

func (s silent) RoundTrip(q *http.Request) (*http.Response, error) {
	const log = "/rest/v1/activities.json"
	return refusing{s.RoundTripper, log, fmt.Sprintf(`{"requestId":"1","success":true,"nextPageToken":%q,"moreResult":false}`, q.URL.Query().Get("nextPageToken"))}.RoundTrip(q)
}

// deaf is a line on which the answers to calls to a path are lost, so many times.
type deaf struct {
	http.RoundTripper
	path string
	left *int
}

func (d deaf) RoundTrip(q *http.Request) (*http.Response, error) {
	answer, err := d.RoundTripper.RoundTrip(q)
	if err != nil || *d.left == 0 || !strings.HasSuffix(q.URL.Path, d.path) {
		return answer, err
	}
	*d.left--
	return nil, errors.Join(io.ErrUnexpectedEOF, answer.Body.Close())
}
