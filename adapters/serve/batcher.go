package serve

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/fmkit/fmkit/text"
)

// A batcher computes what requests want, one batch after the other: a batch has all cores. It waits for nobody: a batch is what has come while the last one was computed.
// Rows of several requests, and of several adapters on one base, are read together, as many as the budget of tokens allows; the engine promises
// that each gets what it gets alone. A request of many rows gets a share of the batches and doesn't hold the others up.
type batcher struct {
	limit  int // requests
	tokens int // of a batch
	stats  *metrics
	panics func(value any, stack []byte)

	decoding chan struct{} // a place for each picture that is being decoded

	mu      sync.Mutex
	waiting []*job
	closed  bool
	wake    chan struct{} // has one entry when there may be work
	ended   chan struct{} // closed when the last job is done
}

// A job is what one request wants computed: the rows of a reader, or work that runs by itself.
type job struct {
	ctx    context.Context
	reader text.Reader
	of     *text.Inference
	rows   []text.Row
	work   func() error

	next int // first row that has not been read
	err  error
	done chan struct{} // closed when it is computed, or given up
}

func newBatcher(c Config, stats *metrics, panics func(value any, stack []byte)) *batcher {
	b := &batcher{
		limit: c.Queue, tokens: c.Tokens, stats: stats, panics: panics,
		decoding: make(chan struct{}, maxDecoding), wake: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	go b.run()
	return b
}

// read has the rows of r read. When it returns an error, r must not be used any more.
func (b *batcher) read(ctx context.Context, r text.Reader) error {
	j := &job{ctx: ctx, reader: r, of: r.Inference(), rows: r.Rows()}
	for _, row := range j.rows {
		if err := j.of.Check(row); err != nil {
			return badf("%w", err)
		}
	}
	if len(j.rows) == 0 {
		return nil
	}
	return b.wait(j)
}

// do runs work by itself.
func (b *batcher) do(ctx context.Context, work func() error) error {
	return b.wait(&job{ctx: ctx, work: work})
}

// wait has j computed. A request whose client has gone, or whose time is over, isn't waited for; what of it has not begun is not computed.
func (b *batcher) wait(j *job) error {
	j.done = make(chan struct{})
	b.mu.Lock()
	switch {
	case b.closed:
		b.mu.Unlock()
		return errClosed
	case len(b.waiting) >= b.limit:
		b.mu.Unlock()
		return errBusy
	}
	b.waiting = append(b.waiting, j)
	b.mu.Unlock()
	b.signal()
	select {
	case <-j.done:
		return j.err
	case <-j.ctx.Done():
		b.mu.Lock()
		b.remove(j)
		b.mu.Unlock()
		return j.ctx.Err()
	}
}

func (b *batcher) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// depth is how many requests wait or are computed.
func (b *batcher) depth() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting)
}

// close refuses new jobs and returns when those that wait are done.
func (b *batcher) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.signal()
	<-b.ended
}

func (b *batcher) run() {
	defer close(b.ended)
	var t turn
	for {
		b.mu.Lock()
		b.choose(&t)
		closed := b.closed
		b.mu.Unlock()
		switch {
		case t.alone != nil:
			t.alone.err = b.guard(t.alone.work)
			b.finish(t.alone)
		case len(t.parts) > 0:
			b.compute(&t)
		case closed:
			return
		default:
			<-b.wake
		}
	}
}

// guard makes an error of a panic of f.
func (b *batcher) guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			b.panics(r, debug.Stack())
			err = fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	return f()
}

// finish ends a job.
func (b *batcher) finish(j *job) {
	b.mu.Lock()
	b.remove(j)
	b.mu.Unlock()
	close(j.done)
}

func (b *batcher) remove(j *job) {
	for i, o := range b.waiting {
		if o == j {
			b.waiting = append(b.waiting[:i], b.waiting[i+1:]...)
			return
		}
	}
}
