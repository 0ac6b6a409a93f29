package train

import "sync"

// made is a micro-batch or the error of making it.
type made[B any] struct {
	batch B
	err   error
}

// A prefetcher makes the micro-batches of a run in order, one ahead of their use.
type prefetcher[B any] struct {
	out  chan made[B]
	quit chan struct{}
	done sync.WaitGroup
}

// prefetch starts making batches at the step first.
func prefetch[B any](t Task[B], first int, c Config) *prefetcher[B] {
	p := &prefetcher[B]{out: make(chan made[B]), quit: make(chan struct{})}
	p.done.Go(func() {
		for step := first; step < c.Steps; step++ {
			for micro := range c.Accumulate {
				b, err := t.Batch(step, micro)
				select {
				case p.out <- made[B]{b, err}:
				case <-p.quit:
					return
				}
			}
		}
	})
	return p
}

// next returns the next micro-batch.
func (p *prefetcher[B]) next() (B, error) {
	m := <-p.out
	return m.batch, m.err
}

// stop ends the goroutine and waits for it.
func (p *prefetcher[B]) stop() {
	close(p.quit)
	p.done.Wait()
}
