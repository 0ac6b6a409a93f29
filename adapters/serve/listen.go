package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Errors of Listen and Serve.
var (
	ErrNeedsKey = errors.New("serve: an address that others can reach needs a key")
	ErrDrain    = errors.New("serve: the time for draining is over")
)

// Listen opens an address, host:port. Without a key only those of the machine itself are allowed.
func (s *Server) Listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); s.config.Key == "" && !(ok && a.IP.IsLoopback()) {
		_ = l.Close()
		return nil, fmt.Errorf("%w: got %s", ErrNeedsKey, addr)
	}
	return l, nil
}

// Serve answers what comes to l until ctx ends. Then new connections are refused, everything accepted is answered, and the server is closed: Serve returns
// nil, or ErrDrain where Config.Drain wasn't enough.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler: s.guarded(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 35*time.Second + s.config.Timeout,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: s.config.Log,
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(l) }()
	select {
	case err := <-failed:
		s.Close()
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.draining.Store(true)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.Drain)
	defer cancel()
	if err := h.Shutdown(end); err != nil {
		_ = h.Close()
		s.Close()
		return fmt.Errorf("%w: %d requests have no answer", ErrDrain, s.open.Load())
	}
	s.Close()
	return nil
}

// guarded keeps web pages of others away: a browser may be told to send them here. Requests between sites are refused, and without a key those that call the machine by
// a name that isn't its own (DNS rebinding).
func (s *Server) guarded() http.Handler {
	inner := http.NewCrossOriginProtection().Handler(s)
	if s.config.Key != "" {
		return inner
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r.Host) {
			(&problem{http.StatusForbidden, "forbidden", fmt.Errorf("host: got %.100q, want localhost", r.Host)}).write(w)
			return
		}
		inner.ServeHTTP(w, r)
	})
}

// local says whether a Host header names the machine itself.
func local(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if len(host) > 1 && host[0] == '[' && host[len(host)-1] == ']' {
		host = host[1 : len(host)-1]
	}
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}
