package kernels

import "sync"

// freeList keeps values for reuse. Unlike a sync.Pool it survives garbage collections, so that a steady state
// allocates nothing.
type freeList[T any] struct {
	mu    sync.Mutex
	items []*T
}

func (l *freeList[T]) get() *T {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.items); n > 0 {
		x := l.items[n-1]
		l.items = l.items[:n-1]
		return x
	}
	return new(T)
}

// put gives x back, emptied so that it keeps no operand alive.
func (l *freeList[T]) put(x *T) {
	var zero T
	*x = zero
	l.mu.Lock()
	l.items = append(l.items, x)
	l.mu.Unlock()
}

// buffer is a borrowed slice of float32 with undefined contents.
type buffer struct{ data []float32 }

// bufferList keeps buffers for reuse, sorted by nothing: as many as workers need, and no more than maxBuffers after a burst
// of concurrent calls.
type bufferList struct {
	mu    sync.Mutex
	items []*buffer
}

var floats bufferList

const maxBuffers = 32 // kept between calls, or two for each worker where that is more

// get returns a buffer of n elements: the smallest that is large enough, else the largest one grown.
func (l *bufferList) get(n int) *buffer {
	l.mu.Lock()
	best := -1
	for i, b := range l.items {
		switch {
		case best < 0:
			best = i
		case cap(b.data) >= n:
			if have := cap(l.items[best].data); have < n || have > cap(b.data) {
				best = i
			}
		case cap(l.items[best].data) < n && cap(b.data) > cap(l.items[best].data):
			best = i
		}
	}
	var b *buffer
	if best >= 0 {
		last := len(l.items) - 1
		b = l.items[best]
		l.items[best] = l.items[last]
		l.items = l.items[:last]
	}
	l.mu.Unlock()
	if b == nil {
		b = new(buffer)
	}
	if cap(b.data) < n {
		b.data = Make[float32](n + n/8 + 64)
	}
	b.data = b.data[:n]
	return b
}

// put gives b back.
func (l *bufferList) put(b *buffer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.items) < max(maxBuffers, 2*Workers()) {
		l.items = append(l.items, b)
	}
}
