package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const (
	// Pairs is how often ours and the peer's alternate.
	Pairs = 9
	// pieceSeconds is how long one timed piece of work is at least: shorter ones are repeated.
	pieceSeconds = 0.1
	// settle is the pause between two sides: OpenMP threads and our own workers spin some milliseconds before they sleep.
	settle = 25 * time.Millisecond
)

// Work is one piece of our own work.
type Work func() error

// A Duel times one piece of work on both sides.
type Duel struct {
	Name    string
	Threads int
	Unit    string  // of the rates, such as GFLOP/s
	Amount  float64 // of units in one piece of work
	Ours    Work
	Peer    *Peer  // nil: ours only
	Work    string // the peer's name of the work
	Way     string // how the peer is to do it, empty: the fastest way
	Pairs   int    // 0: Pairs

	Output []float32 // what Ours computes, to be compared with the peer's result; nil: it isn't
}

// Fight alternates the two sides and gives the medians.
func (d Duel) Fight(ctx context.Context) (Result, error) {
	r := Result{Name: d.Name, Threads: d.Threads, Unit: d.Unit}
	if err := d.prepare(&r); err != nil {
		return r, fmt.Errorf("bench: %s: %w", d.Name, err)
	}
	repeats, err := d.calibrate()
	if err != nil {
		return r, fmt.Errorf("bench: %s: %w", d.Name, err)
	}
	if err := d.compare(&r); err != nil {
		return r, fmt.Errorf("bench: %s: %w", d.Name, err)
	}
	peerRepeats := repeats
	if t := r.Tried[r.Way]; t > 0 {
		peerRepeats = 1 + int(pieceSeconds/t)
	}
	pairs := d.Pairs
	if pairs == 0 {
		pairs = Pairs
	}
	var ours, peers []float64
	for range pairs {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		s, err := timed(d.Ours, repeats)
		if err != nil {
			return r, fmt.Errorf("bench: %s: %w", d.Name, err)
		}
		ours = append(ours, s/float64(repeats))
		if d.Peer == nil {
			continue
		}
		if s, err = d.Peer.Run(d.Work, peerRepeats); err != nil {
			return r, fmt.Errorf("bench: %s: %w", d.Name, err)
		}
		time.Sleep(settle)
		peers = append(peers, s/float64(peerRepeats))
	}
	r.OursSeconds, r.Ours = median(ours), d.Amount/median(ours)
	if d.Peer != nil {
		r.PeerSeconds, r.Peer = median(peers), d.Amount/median(peers)
		r.Ratio = r.Ours / r.Peer
	}
	return r, nil
}

// prepare warms the peer up.
func (d Duel) prepare(r *Result) error {
	if d.Peer == nil {
		return nil
	}
	var way []string
	if d.Way != "" {
		way = append(way, d.Way)
	}
	p, err := d.Peer.Prepare(d.Work, way...)
	r.Way, r.Tried = p.Way, p.Tried
	return err
}

// compare holds that both sides, once warm, give the same result.
func (d Duel) compare(r *Result) error {
	if d.Peer == nil || d.Output == nil {
		return nil
	}
	x, err := d.Peer.Output(d.Work)
	if err != nil {
		return err
	}
	r.Difference, err = difference(d.Output, x)
	return err
}

// calibrate warms up and gives the repeats that make a piece long enough.
func (d Duel) calibrate() (int, error) {
	if err := d.Ours(); err != nil {
		return 0, err
	}
	best := time.Hour.Seconds()
	for range 3 {
		s, err := timed(d.Ours, 1)
		if err != nil {
			return 0, err
		}
		best = min(best, s)
	}
	return 1 + int(pieceSeconds/best), nil
}

// timed gives the seconds of repeats of w, then pauses.
func timed(w Work, repeats int) (float64, error) {
	begin := time.Now()
	for range repeats {
		if err := w(); err != nil {
			return 0, err
		}
	}
	s := time.Since(begin).Seconds()
	time.Sleep(settle)
	return s, nil
}

// median of a list that isn't empty.
func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n := len(x)
	return (x[(n-1)/2] + x[n/2]) / 2
}
