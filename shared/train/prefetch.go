package train

import (
	"fmt"
	"sync"
)

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
				m := makeBatch(t, step, micro)
				select {
				case p.out <- m:
				case <-p.quit:
					return
				}
			}
		}
	})
	return p
}

// makeBatch turns a panic, which nobody could catch in this goroutine, into an error.
func makeBatch[B any](t Task[B], step, micro int) (m made[B]) {
	defer func() {
		if v := recover(); v != nil {
			m.err = fmt.Errorf("panic: %v", v)
		}
	}()
	m.batch, m.err = t.Batch(step, micro)
	return m
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
