package marketo_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// crowded is an instance whose rate is used up by others until a moment.
type crowded struct{ until time.Time }

func (c crowded) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `{"requestId":"a#b","success":true,"result":[{"id":7}]}`
	switch {
	case strings.HasPrefix(r.URL.Path, "/identity"):
		body = `{"access_token":"t","expires_in":3600}`
	case time.Now().Before(c.until):
		body = `{"requestId":"a#b","success":false,"errors":[{"code":"606","message":"Max rate limit '100' exceeded with in '20' secs"}]}`
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// TestRateIsWaitedOut: a full window is no failure of a call, however little of it is our own doing.
func TestRateIsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := marketo.New(marketo.Config{
			BaseURL: "https://123-ABC-456.mktorest.com", ClientID: "id", ClientSecret: "secret", Transport: crowded{time.Now().Add(19 * time.Second)},
			Pacer: pace.New(pace.Limits{}, time.Now, func() float64 { return 0 }),
		})
		if err != nil {
			t.Fatal(err)
		}
		people, err := c.People(context.Background(), record.FirstRead, []record.ID{"7"}, nil, "")
		if err != nil || len(people) != 1 {
			t.Errorf("%d people, %v", len(people), err)
		}
	})
}
