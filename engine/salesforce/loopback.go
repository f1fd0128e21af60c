package salesforce

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// loopback listens on one port of this computer, on 127.0.0.1 and on ::1: browsers take "localhost" for either.
type loopback struct {
	port      int
	listeners []net.Listener
	server    *http.Server
	serving   sync.WaitGroup
}

// listen takes the first port that is free on both addresses. A computer without IPv6 does with one.
func listen(ctx context.Context, ports []int) (*loopback, error) {
	var last error
	for _, port := range ports {
		l, err := listenOn(ctx, port)
		if err == nil {
			return l, nil
		}
		last = err
	}
	return nil, localError(codeNoPort, last)
}

func listenOn(ctx context.Context, port int) (*loopback, error) {
	var lc net.ListenConfig
	four, err := lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	address, ok := four.Addr().(*net.TCPAddr)
	if !ok {
		return nil, errors.Join(errors.New("not a TCP listener"), four.Close())
	}
	l := &loopback{port: address.Port, listeners: []net.Listener{four}}
	six, err := lc.Listen(ctx, "tcp6", net.JoinHostPort("::1", strconv.Itoa(l.port)))
	switch {
	case err == nil:
		l.listeners = append(l.listeners, six)
	case hasIPv6(ctx, lc):
		return nil, errors.Join(err, four.Close()) // somebody else has the port there
	}
	return l, nil
}

// hasIPv6 reports whether ::1 exists at all.
func hasIPv6(ctx context.Context, lc net.ListenConfig) bool {
	probe, err := lc.Listen(ctx, "tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	return probe.Close() == nil
}

func (l *loopback) serve(h http.Handler) {
	l.server = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	for _, listener := range l.listeners {
		l.serving.Go(func() {
			if err := l.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				return // the listener broke; the wait for the person ends by its own time-out
			}
		})
	}
}

// close lets the browser have its page, then frees the port.
func (l *loopback) close() {
	if l.server == nil {
		for _, listener := range l.listeners {
			if err := listener.Close(); err != nil {
				continue
			}
		}
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if l.server.Shutdown(ctx) != nil {
		if err := l.server.Close(); err != nil {
			return
		}
	}
	l.serving.Wait()
}
