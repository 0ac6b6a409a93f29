package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
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

// grace is how long a connection without a request stays open when a server drains: its client may be sending one.
const grace = 500 * time.Millisecond

// Serve answers what comes to l until ctx ends. Then new connections are refused, everything that has come on those accepted is answered, and the server is closed: Serve
// returns nil, or ErrDrain where Config.Drain wasn't enough.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	var connections atomic.Int64
	h := &http.Server{
		Handler: s.guarded(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 35*time.Second + s.config.Timeout,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: s.config.Log,
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				connections.Add(1)
			case http.StateClosed, http.StateHijacked:
				connections.Add(-1)
			}
		},
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(l) }()
	select {
	case err := <-failed:
		s.Close()
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	// Not Shutdown, which drops connections whose request it has not read to the end. Answers close their connections from here on.
	s.draining.Store(true)
	_ = l.Close()
	<-failed
	begin, tick := time.Now(), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for connections.Load() > 0 && time.Since(begin) < s.config.Drain {
		<-tick.C
		if time.Since(begin) > grace {
			h.SetKeepAlivesEnabled(false) // closes those without a request
		}
	}
	left := s.open.Load()
	_ = h.Close()
	s.Close()
	if left > 0 {
		return fmt.Errorf("%w: %d requests have no answer", ErrDrain, left)
	}
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
