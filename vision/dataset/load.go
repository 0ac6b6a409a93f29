package dataset

import (
	"context"
	"fmt"
	"image"
	"iter"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/vision/picture"
)

// LoadOptions say how pictures are decoded. The zero value decodes with one worker for every CPU and stops at the first bad picture.
type LoadOptions struct {
	Workers int            // pictures decoded at a time, 0 means GOMAXPROCS
	Limits  picture.Limits // of every picture
	Skip    *Skipped       // where it isn't nil, up to 1 % of bad pictures are left out and counted here
}

// Skipped counts the pictures that couldn't be read or decoded.
type Skipped struct {
	Count int
	First error // names the file of the first one, nil when there is none
}

// A Loaded is what Load made of an item.
type Loaded[T any] struct {
	Index int // of the item in the list
	Value T
}

// Load decodes the items' pictures with some workers, turns each by from into what the caller wants of it, and gives the results in the
// order of items, the same for any number of workers. Workers run ahead by twice their number of pictures, so memory is bounded.
//
// from gets the index of the item and a picture of its own; it runs in many goroutines at a time and must depend on nothing
// else, so that results don't either. The first error in the order of items ends the iteration: one of reading, of from, or of ctx.
// With Skip, pictures that can't be read or decoded are passed over until they are more than 1 % of items: then the error wraps
// data.ErrTooManyBad. No goroutine is left when the iteration ends, however it ends.
func Load[T any](ctx context.Context, items []Item, o LoadOptions, from func(i int, m *image.NRGBA) (T, error)) iter.Seq2[Loaded[T], error] {
	return func(yield func(Loaded[T], error) bool) {
		l := startLoader(ctx, items, o, from)
		defer l.stop()
		if o.Skip != nil {
			*o.Skip = Skipped{}
		}
		for i := range items {
			r, err := l.result(ctx, i)
			if err == nil {
				err = r.err
			}
			if err != nil && r.bad && o.Skip != nil {
				if err = o.Skip.add(err, len(items)); err == nil {
					continue
				}
			}
			if !yield(Loaded[T]{Index: i, Value: r.value}, err) || err != nil {
				return
			}
		}
	}
}

// add counts a bad picture out of n; more than 1 % are an error.
func (s *Skipped) add(err error, n int) error {
	if s.Count++; s.First == nil {
		s.First = err
	}
	if s.Count*100 > n {
		return fmt.Errorf("dataset: %w: got %d of %d pictures, want at most 1 %%; the first is %w", data.ErrTooManyBad, s.Count, n, s.First)
	}
	return nil
}

// A result is what a worker made of an item.
type result[T any] struct {
	value T
	err   error
	bad   bool // the picture is at fault, not from
}

// A loader is one iteration. Item i passes through slot i modulo their number; nothing is sent for the item that is next to use a slot
// before the slot's result has been taken, so no worker ever waits to hand over.
type loader[T any] struct {
	items  []Item
	limits picture.Limits
	from   func(int, *image.NRGBA) (T, error)
	jobs   chan int
	slots  []chan result[T]
	sent   int
	cancel context.CancelFunc
	wait   sync.WaitGroup
}

func startLoader[T any](ctx context.Context, items []Item, o LoadOptions, from func(int, *image.NRGBA) (T, error)) *loader[T] {
	workers := o.Workers
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = max(min(workers, len(items)), 1)
	l := &loader[T]{items: items, limits: o.Limits, from: from, jobs: make(chan int, 2*workers), slots: make([]chan result[T], 2*workers)}
	for i := range l.slots {
		l.slots[i] = make(chan result[T], 1)
	}
	ctx, l.cancel = context.WithCancel(ctx)
	for range workers {
		l.wait.Go(func() { l.work(ctx) })
	}
	return l
}

// stop ends the workers and waits for them.
func (l *loader[T]) stop() {
	l.cancel()
	close(l.jobs)
	l.wait.Wait()
}

// result waits for item i, which must be the next one.
func (l *loader[T]) result(ctx context.Context, i int) (result[T], error) {
	for ; l.sent < len(l.items) && l.sent < i+len(l.slots); l.sent++ {
		l.jobs <- l.sent // there is room for as many as there are slots
	}
	if ctx.Err() != nil { // also where a result is there
		return result[T]{}, context.Cause(ctx)
	}
	select {
	case r := <-l.slots[i%len(l.slots)]:
		return r, nil
	case <-ctx.Done():
		return result[T]{}, context.Cause(ctx)
	}
}

func (l *loader[T]) work(ctx context.Context) {
	var buf []byte
	for i := range l.jobs {
		if ctx.Err() != nil {
			return
		}
		l.slots[i%len(l.slots)] <- l.one(i, &buf)
	}
}

// one makes the result of item i. A panic in a worker would end the program, so it becomes an error.
func (l *loader[T]) one(i int, buf *[]byte) (r result[T]) {
	defer func() {
		if p := recover(); p != nil {
			r.err = fmt.Errorf("dataset: %s: panic: %v\n%s", l.items[i].ID, p, debug.Stack())
		}
	}()
	m, err := l.items[i].picture(buf, l.limits)
	if err != nil {
		return result[T]{err: err, bad: true}
	}
	r.value, r.err = l.from(i, m)
	if r.err != nil {
		r.err = fmt.Errorf("dataset: %s: %w", l.items[i].ID, r.err)
	}
	return r
}
