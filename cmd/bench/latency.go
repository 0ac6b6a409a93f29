package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Latency times items of work on both sides one by one, as they come to a program that waits for each. The items are cut into as many pieces as there
// are pairs; each side does a piece in turn. An item before each piece isn't timed: it finds threads asleep and caches cold, by what the other side did.
type Latency struct {
	Name    string
	Threads int
	Items   int
	Ours    func(item int) error
	Peer    *Peer  // nil: ours only
	Work    string // the peer's name of the work
	Pairs   int    // 0: Pairs

	Compare func(item int, peers []float32) (float64, error) // ours with what the peer gives of an item: how far apart, or why that isn't the same work
}

// Fight gives what half of the items and what 99 of 100 take at most, in milliseconds. A ratio is the peer's over ours. Every item is compared before any is timed.
func (l Latency) Fight(ctx context.Context) ([]Result, error) {
	r := Result{Threads: l.Threads, Unit: "ms"}
	if err := l.prepare(ctx, &r); err != nil {
		return nil, fmt.Errorf("bench: %s: %w", l.Name, err)
	}
	ours, peers, err := l.alternate(ctx)
	if err != nil {
		return nil, fmt.Errorf("bench: %s: %w", l.Name, err)
	}
	slices.Sort(ours)
	slices.Sort(peers)
	var all []Result
	for _, percent := range []int{50, 99} {
		x := r
		x.Name, x.OursSeconds = fmt.Sprintf("%s, p%d", l.Name, percent), ours[len(ours)*percent/100]
		x.Ours = 1e3 * x.OursSeconds
		if l.Peer != nil {
			x.PeerSeconds = peers[len(peers)*percent/100]
			x.Peer, x.Ratio = 1e3*x.PeerSeconds, x.PeerSeconds/x.OursSeconds
		}
		all = append(all, x)
	}
	return all, nil
}

// prepare warms both sides up and holds that they do the same work.
func (l Latency) prepare(ctx context.Context, r *Result) error {
	if l.Items < 1 {
		return errors.New("got no items, want at least 1")
	}
	if l.Peer == nil {
		return l.Ours(0)
	}
	p, err := l.Peer.Prepare(l.Work)
	if err != nil {
		return err
	}
	r.PeerName, r.Way, r.Tried = l.Peer.Name, p.Way, p.Tried
	for i := range l.Items {
		if err := ctx.Err(); err != nil {
			return err
		}
		x, err := l.Peer.Output(l.Work, i)
		if err != nil {
			return err
		}
		d, err := l.Compare(i, x)
		if err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
		r.Difference = max(r.Difference, d)
	}
	return nil
}

// alternate gives the seconds that every item took on both sides.
func (l Latency) alternate(ctx context.Context) (ours, peers []float64, err error) {
	pairs := l.Pairs
	if pairs == 0 {
		pairs = Pairs
	}
	pairs = min(pairs, l.Items)
	for pair := range pairs {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		from, to := pair*l.Items/pairs, (pair+1)*l.Items/pairs
		if err := l.Ours((from + l.Items - 1) % l.Items); err != nil {
			return nil, nil, err
		}
		for i := from; i < to; i++ {
			begin := time.Now()
			if err := l.Ours(i); err != nil {
				return nil, nil, err
			}
			ours = append(ours, time.Since(begin).Seconds())
		}
		time.Sleep(settle)
		if l.Peer == nil {
			continue
		}
		taken, err := l.Peer.Each(l.Work, from, to)
		if err != nil {
			return nil, nil, err
		}
		peers = append(peers, taken...)
		time.Sleep(settle)
	}
	return ours, peers, nil
}
