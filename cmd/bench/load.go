package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A target is a server under load.
type target struct {
	url    string
	bodies [][]byte // requests, in turn
	pid    int      // of the server
	client *http.Client
}

func newTarget(url string, pid, clients int, bodies [][]byte) *target {
	return &target{url, bodies, pid, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}}
}

// A load is what clients saw who each send the next request when the last one is answered.
type load struct {
	rate     float64 // answers a second
	p50, p99 time.Duration
	cpu      float64 // the server's seconds on all cores for an answer, 0: not known
}

// run sends requests from so many clients for so long, and waits for the last answers. An answer other than 200 is an error.
func (t *target) run(ctx context.Context, clients int, length time.Duration) (load, error) {
	var next atomic.Int64
	var wait sync.WaitGroup
	took, failed := make([][]time.Duration, clients), make([]error, clients)
	t.client.CloseIdleConnections() // which the server may be about to close
	begin, computed := time.Now(), cpuSeconds(t.pid)
	for i := range clients {
		wait.Go(func() {
			for failed[i] == nil && time.Since(begin) < length {
				sent := time.Now()
				_, failed[i] = t.ask(ctx, int(next.Add(1)))
				took[i] = append(took[i], time.Since(sent))
			}
		})
	}
	wait.Wait()
	all := slices.Concat(took...)
	slices.Sort(all)
	l := load{rate: float64(len(all)) / time.Since(begin).Seconds(), p50: all[len(all)/2], p99: all[len(all)*99/100], cpu: (cpuSeconds(t.pid) - computed) / float64(len(all))}
	for _, err := range failed {
		if err != nil {
			return l, fmt.Errorf("bench: load: %w", err)
		}
	}
	return l, nil
}

// ask sends request i and gives its answer.
func (t *target) ask(ctx context.Context, i int) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(t.bodies[i%len(t.bodies)]))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	a, err := t.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer a.Body.Close()
	raw, err := io.ReadAll(a.Body)
	if err == nil && a.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.200s", a.Status, raw)
	}
	return raw, err
}
