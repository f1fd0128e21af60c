package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestMemoryTransport runs in a bubble: a goroutine left behind fails it.
func TestMemoryTransport(t *testing.T) {
	long := strings.Repeat("0123456789", 20_000)
	serve := func(h http.HandlerFunc) (*http.Client, func()) {
		m := newMemory(map[string]http.Handler{SalesforceHost: h})
		return &http.Client{Transport: m, Timeout: time.Minute}, m.close
	}
	const address = "https://" + SalesforceHost + "/a%20b?q=1"

	cases := []struct {
		name string
		run  func(t *testing.T)
	}{
		{"bodies stream both ways", func(t *testing.T) {
			client, end := serve(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/a b" || r.Host != SalesforceHost || r.RequestURI != "/a%20b?q=1" {
					t.Errorf("the handler sees path %q, host %q, address %q", r.URL.Path, r.Host, r.RequestURI)
				}
				w.Header().Set("X-Test", "1")
				w.WriteHeader(http.StatusCreated)
				if _, err := io.Copy(w, r.Body); err != nil {
					t.Errorf("the handler cannot copy: %v", err)
				}
			})
			defer end()
			answer, err := client.Post(address, "text/plain", strings.NewReader(long))
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			text, err := io.ReadAll(answer.Body)
			if err != nil || string(text) != long || answer.StatusCode != 201 || answer.Header.Get("X-Test") != "1" {
				t.Errorf("status %d, %d bytes, %v", answer.StatusCode, len(text), err)
			}
		}},
		{"ended before the answer", func(t *testing.T) {
			client, end := serve(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
			defer end()
			if _, err := client.Get(address); !errors.Is(err, io.EOF) {
				t.Errorf("the client sees %v", err)
			}
		}},
		{"ended within the answer", func(t *testing.T) {
			client, end := serve(func(w http.ResponseWriter, _ *http.Request) {
				io.WriteString(w, "half")
				panic(http.ErrAbortHandler)
			})
			defer end()
			answer, err := client.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if text, err := io.ReadAll(answer.Body); !errors.Is(err, io.ErrUnexpectedEOF) || string(text) != "half" {
				t.Errorf("the client reads %q and %v", text, err)
			}
		}},
		{"the client gives up before the answer", func(t *testing.T) {
			ended := false
			client, end := serve(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); ended = true })
			if _, err := client.Get(address); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the client sees %v", err)
			}
			end()
			if !ended {
				t.Error("the handler's context did not end")
			}
		}},
		{"the client gives up within the answer", func(t *testing.T) {
			client, end := serve(func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, "half")
				<-r.Context().Done()
			})
			defer end()
			answer, err := client.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if text, err := io.ReadAll(answer.Body); err == nil {
				t.Errorf("%q was taken for the whole answer", text)
			}
		}},
		{"the client leaves the rest", func(t *testing.T) {
			var failed error
			client, end := serve(func(w http.ResponseWriter, r *http.Request) {
				for failed == nil {
					_, failed = io.WriteString(w, long)
				}
			})
			answer, err := client.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			if err := answer.Body.Close(); err != nil {
				t.Fatal(err)
			}
			end()
			if failed == nil {
				t.Error("the handler wrote to nobody")
			}
		}},
		{"closed while serving", func(t *testing.T) {
			client, end := serve(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
			done := make(chan struct{})
			go func() {
				defer close(done)
				if answer, err := client.Get(address); err == nil {
					answer.Body.Close()
				}
			}()
			synctest.Wait()
			end()
			<-done
			if _, err := client.Get(address); err == nil {
				t.Error("a closed pair still answers")
			}
		}},
		{"a host that does not exist", func(t *testing.T) {
			client, end := serve(func(http.ResponseWriter, *http.Request) {})
			defer end()
			if _, err := client.Get("https://elsewhere.example/"); err == nil {
				t.Error("an unknown host answers")
			}
		}},
		{"HEAD has no body", func(t *testing.T) {
			client, end := serve(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "body") })
			defer end()
			answer, err := client.Head(address)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if text, err := io.ReadAll(answer.Body); err != nil || len(text) > 0 {
				t.Errorf("the client reads %q, %v", text, err)
			}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { synctest.Test(t, c.run) })
	}
}
