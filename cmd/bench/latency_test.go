package bench

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestLatency: in as many pieces as there are pairs each item is timed once on both sides, after the one before it, and all are compared first.
func TestLatency(t *testing.T) {
	p, err := startFake(t, "good")
	if err != nil {
		t.Fatal(err)
	}
	var done, compared []int
	l := Latency{
		Name: "nap", Threads: 1, Items: 200, Peer: p, Work: "work", Pairs: 7,
		Ours: func(i int) error { done = append(done, i); return nil },
		Compare: func(i int, x []float32) (float64, error) {
			if compared = append(compared, i); len(x) != 1 || x[0] != float32(i) || len(done) > 0 {
				t.Errorf("item %d: got %v of the peer, after %d items of ours", i, x, len(done))
			}
			return float64(i % 9), nil
		},
	}
	all, err := l.Fight(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("got %d results, %v, want two", len(all), err)
	}
	if len(compared) != 200 || len(done) != 200+7 || !slices.Equal(done[:3], []int{199, 0, 1}) || !slices.Equal(done[28:33], []int{27, 27, 28, 29, 30}) {
		t.Errorf("compared %d items, did %d: %v", len(compared), len(done), done)
	}
	for i, want := range []struct {
		name string
		ms   float64
	}{{"nap, p50", 100}, {"nap, p99", 198}} {
		x := all[i]
		if x.Name != want.name || math.Abs(x.Peer-want.ms) > 1e-9 || x.Unit != "ms" || x.Way != "quick" || x.PeerName != "Fake 1.0" || x.Difference != 8 {
			t.Errorf("got %+v, want %s of %g ms", x, want.name, want.ms)
		}
		if !(x.Ours >= 0) || x.Ratio != x.PeerSeconds/x.OursSeconds {
			t.Errorf("got %+v, want the peer's over ours", x)
		}
	}
	l.Compare = func(i int, _ []float32) (float64, error) {
		if i == 5 {
			return 0, errors.New("another score")
		}
		return 0, nil
	}
	if _, err := l.Fight(t.Context()); err == nil || !strings.Contains(err.Error(), "item 5: another score") {
		t.Errorf("another score: got %v", err)
	}
	l.Items = 0
	if _, err := l.Fight(t.Context()); err == nil {
		t.Error("no items: got no error")
	}
	l.Items, l.Peer = 3, nil
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Fight(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancel: got %v", err)
	}
}
