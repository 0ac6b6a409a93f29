package serve_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/kernels"
)

// TestListen holds that nobody else reaches a server without a key.
func TestListen(t *testing.T) {
	open, locked := newServer(t, serve.Config{}, nil), newServer(t, serve.Config{Key: "0123456789abcdef"}, nil)
	for addr, want := range map[string]bool{"127.0.0.1:0": true, "localhost:0": true, "0.0.0.0:0": false, ":0": false} {
		for _, s := range []*serve.Server{open, locked} {
			l, err := s.Listen(t.Context(), addr)
			if ok := err == nil; ok != (want || s == locked) || !ok && !errors.Is(err, serve.ErrNeedsKey) {
				t.Errorf("%s: got %v", addr, err)
			}
			if l != nil {
				l.Close()
			}
		}
	}
}

// TestDrain ends a server under load again and again: whoever's connection it took gets a whole and right answer, and afterwards nothing is left running.
func TestDrain(t *testing.T) {
	kernels.SetWorkers(1) // whose goroutines stay
	defer kernels.SetWorkers(0)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	base := toyText(t)
	dir := filepath.Join(t.TempDir(), "a")
	saveSummarizer(t, dir, base, adapter.Head, 1)
	body := jsonOf(t, map[string]string{"adapter": "a", "text": strings.Repeat("please send help. the cat sleeps. ", 40)})
	want := ""
	for round := range 20 {
		s, err := serve.New(serve.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.AddBase("toy", serve.Base{Text: base}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Load(t.Context(), "a", dir); err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = do(s, "POST", "/api/v1/summarize", body).Body.String()
		}
		l, err := s.Listen(t.Context(), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		taken := &counting{Listener: l}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(ctx, taken) }()
		var wait sync.WaitGroup
		var mu sync.Mutex
		answered := 0
		for k := range 8 {
			wait.Go(func() {
				for { // a connection for each request, so that taken counts requests; half of them wait for another one, which doesn't come
					c := http.Client{Transport: &http.Transport{DisableKeepAlives: k%2 == 0}}
					defer c.CloseIdleConnections()
					a, err := c.Post("http://"+l.Addr().String()+"/api/v1/summarize", "application/json", strings.NewReader(body))
					if err != nil {
						return // refused, or reset before it was taken
					}
					if got := drain(a.Body); a.StatusCode != 200 || got != want {
						t.Errorf("got %d %s", a.StatusCode, got)
					}
					mu.Lock()
					answered++
					mu.Unlock()
				}
			})
		}
		time.Sleep(time.Duration(20+7*round) * time.Millisecond)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		wait.Wait()
		if taken.n != answered || answered == 0 {
			t.Errorf("round %d: %d connections were taken, %d answered", round, taken.n, answered)
		}
		if w := do(s, "POST", "/api/v1/summarize", body); w.Code != 503 {
			t.Errorf("after the end: got %d, want 503", w.Code)
		}
		if w := do(s, "GET", "/readyz", ""); w.Code != 503 {
			t.Errorf("ready after the end: got %d, want 503", w.Code)
		}
	}
}

// counting counts the connections that were taken.
type counting struct {
	net.Listener
	n int
}

func (c *counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.n++
	}
	return conn, err
}

// TestOtherSites holds that browsers can't be used to get at a server on the machine.
func TestOtherSites(t *testing.T) {
	s := newServer(t, serve.Config{}, toyText(t))
	l, err := s.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	defer func() {
		cancel()
		<-ended
	}()
	for _, c := range []struct {
		host, origin string
		want         int
	}{
		{"", "", 200},
		{"localhost:80", "", 200},
		{"[::1]", "", 200},
		{"127.0.0.2:9", "", 200},
		{"evil.example", "", 403},
		{"10.0.0.1", "", 403},
		{"", "https://evil.example", 403},
	} {
		r, err := http.NewRequestWithContext(ctx, "POST", "http://"+l.Addr().String()+"/api/v1/embed", strings.NewReader(`{"adapter":"toy","text":"a"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if c.host != "" {
			r.Host = c.host
		}
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if drain(a.Body); a.StatusCode != c.want {
			t.Errorf("%+v: got %d", c, a.StatusCode)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}
