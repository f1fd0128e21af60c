package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// Server serves a pair to other processes.
type Server struct {
	Salesforce, Marketo, Control string // base URLs

	stop context.CancelFunc
	wait func() error
}

// Listen serves the pair over TCP until ctx ends or Close is called. addr is a host and a port: with port 0 each of the
// three handlers gets a free one, else Salesforce gets the port itself, Marketo the next and Control the one after.
// From then on the org and the instance name these addresses as their own.
func (p *Pair) Listen(ctx context.Context, addr string) (*Server, error) {
	listeners, err := listen(addr)
	if err != nil {
		return nil, err
	}
	base := func(i int) string { return "http://" + listeners[i].Addr().String() }
	s := &Server{Salesforce: base(0), Marketo: base(1), Control: base(2)}
	p.setBases(s.Salesforce, s.Marketo, s.Control)
	ctx, s.stop = context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	for i, h := range []http.Handler{p.Salesforce, p.Marketo, p.Control} {
		server := &http.Server{Handler: h, ReadHeaderTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
		group.Go(func() error {
			if err := server.Serve(listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("the sandbox cannot serve: %w", err)
			}
			return nil
		})
		group.Go(func() error {
			<-ctx.Done()
			return server.Close()
		})
	}
	s.wait = group.Wait
	return s, nil
}

// Wait blocks until the server has ended: nil after ctx's end or Close, else what broke it.
func (s *Server) Wait() error { return s.wait() }

// Close ends the server and every connection, and waits until it is down.
func (s *Server) Close() error {
	s.stop()
	return s.wait()
}

func listen(addr string) ([]net.Listener, error) {
	host, portText, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("%q is not an address to listen on: %w", addr, err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil || port < 0 || port > 65533 {
		return nil, fmt.Errorf("%q is not a port from 0 to 65533", portText)
	}
	var all []net.Listener
	for i := range 3 {
		at := port
		if port != 0 {
			at += i
		}
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(at)))
		if err != nil {
			for _, open := range all {
				err = errors.Join(err, open.Close())
			}
			return nil, fmt.Errorf("the sandbox cannot listen on %s: %w", addr, err)
		}
		all = append(all, l)
	}
	return all, nil
}
