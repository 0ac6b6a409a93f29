package serve

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// toyReader wants rows read, and does what then says with them.
type toyReader struct {
	of   *text.Inference
	rows []text.Row
	then func(i int) error
}

func (r *toyReader) Inference() *text.Inference                 { return r.of }
func (r *toyReader) Rows() []text.Row                           { return r.rows }
func (r *toyReader) Take(i int, _ []float32, _ *nn.Batch) error { return r.then(i) }

func toyBatcher(t *testing.T, c Config) (*batcher, *text.Model, *atomic.Int64) {
	t.Helper()
	m, err := texttest.Model(1, "cat", "dog")
	if err != nil {
		t.Fatal(err)
	}
	m.Freeze()
	var panics atomic.Int64
	b := newBatcher(c.withDefaults(), newMetrics(), func(any, []byte) { panics.Add(1) })
	t.Cleanup(b.close)
	return b, m, &panics
}

// hold keeps the batcher busy until release is called.
func hold(t *testing.T, b *batcher) (release func()) {
	t.Helper()
	gate, begun := make(chan struct{}), make(chan struct{})
	go func() {
		_ = b.do(context.Background(), func() error {
			close(begun)
			<-gate
			return nil
		})
	}()
	<-begun
	return func() { close(gate) }
}

// TestPanics holds that a panic in one request's work is that request's error alone, in company too, and that the batcher goes on.
func TestPanics(t *testing.T) {
	b, m, panics := toyBatcher(t, Config{})
	rows := []text.Row{m.Row("cat", 64), m.Row("dog cat", 64)}
	release := hold(t, b)
	results := make(chan error, 30)
	for i := range 30 {
		go func() {
			results <- b.read(t.Context(), &toyReader{m.Snapshot(), rows, func(row int) error {
				if i%3 == 0 && row == 1 {
					panic("toy")
				}
				return nil
			}})
		}()
	}
	for b.depth() < 31 {
		time.Sleep(time.Millisecond)
	}
	release()
	failed := 0
	for range 30 {
		if err := <-results; err != nil {
			failed++
			if problemOf(err).status != 500 {
				t.Errorf("got %v", err)
			}
		}
	}
	if failed != 10 || panics.Load() != 10 {
		t.Errorf("%d failed with %d panics, want 10 and 10", failed, panics.Load())
	}
	if err := b.do(t.Context(), func() error { panic("toy") }); problemOf(err).status != 500 || strings.Contains(problemOf(err).Error(), "goroutine") {
		t.Errorf("got %v", err)
	}
	if err := b.read(t.Context(), &toyReader{m.Snapshot(), rows, func(int) error { return nil }}); err != nil {
		t.Error(err)
	}
}

// TestPoisoned holds that a row that can't be read is refused alone, at once, whatever is beside it; and one that gets past that takes nobody along.
func TestPoisoned(t *testing.T) {
	b, m, _ := toyBatcher(t, Config{})
	good := []text.Row{m.Row("cat", 64)}
	nothing := func(int) error { return nil }
	for _, row := range []text.Row{{}, {IDs: make([]int32, 65)}} {
		if err := b.read(t.Context(), &toyReader{m.Snapshot(), []text.Row{row}, nothing}); problemOf(err).status != 400 {
			t.Errorf("got %v", err)
		}
	}
	release := hold(t, b)
	results := make(chan error, 2)
	poison := []text.Row{{IDs: []int32{1, 1 << 30}}}
	go func() { results <- b.read(t.Context(), &toyReader{m.Snapshot(), good, nothing}) }()
	bad := make(chan error, 1)
	go func() { bad <- b.read(t.Context(), &toyReader{m.Snapshot(), poison, nothing}) }()
	for b.depth() < 3 {
		time.Sleep(time.Millisecond)
	}
	release()
	if err := <-results; err != nil {
		t.Errorf("the neighbour: %v", err)
	}
	if err := <-bad; problemOf(err).status != 500 {
		t.Errorf("got %v", err)
	}
}

// TestGone holds that what nobody waits for any more leaves the queue at once and is not computed.
func TestGone(t *testing.T) {
	b, m, _ := toyBatcher(t, Config{Queue: 4})
	release := hold(t, b)
	var taken atomic.Int64
	for range 1000 {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- b.read(ctx, &toyReader{m.Snapshot(), []text.Row{m.Row("cat", 64)}, func(int) error { taken.Add(1); return nil }})
		}()
		for b.depth() < 2 {
			time.Sleep(10 * time.Microsecond)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	release()
	if err := b.do(t.Context(), func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if taken.Load() != 0 {
		t.Errorf("%d were computed", taken.Load())
	}
}

// TestBound holds that the queue has no more than its bound.
func TestBound(t *testing.T) {
	b, m, _ := toyBatcher(t, Config{Queue: 3})
	release := hold(t, b)
	results := make(chan error, 2)
	read := func() error {
		return b.read(t.Context(), &toyReader{m.Snapshot(), []text.Row{m.Row("cat", 64)}, func(int) error { return nil }})
	}
	for range 2 {
		go func() { results <- read() }()
	}
	for b.depth() < 3 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := b.do(ctx, func() error { return nil }); !errors.Is(err, errBusy) {
		t.Errorf("got %v, want %v", err, errBusy)
	}
	release()
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}

// TestShares holds that a request of many rows doesn't hold up one of a few that comes behind it.
func TestShares(t *testing.T) {
	b, m, _ := toyBatcher(t, Config{Tokens: 64})
	release := hold(t, b)
	var rows []text.Row
	for range 100 {
		rows = append(rows, m.Row("cat dog cat dog cat dog", 64))
	}
	var read atomic.Int64
	large, small := make(chan error, 1), make(chan int64, 1)
	go func() {
		large <- b.read(t.Context(), &toyReader{m.Snapshot(), rows, func(int) error { read.Add(1); return nil }})
	}()
	for b.depth() < 2 {
		time.Sleep(time.Millisecond)
	}
	go func() {
		if err := b.read(t.Context(), &toyReader{m.Snapshot(), rows[:1], func(int) error { small <- read.Load(); return nil }}); err != nil {
			t.Error(err)
		}
	}()
	for b.depth() < 3 {
		time.Sleep(time.Millisecond)
	}
	release()
	if n := <-small; n > 20 {
		t.Errorf("it was read after %d rows of the large one", n)
	}
	if err := <-large; err != nil || read.Load() != 100 {
		t.Errorf("%d of 100 rows, %v", read.Load(), err)
	}
}

// TestHandlerPanic holds that a panic of a handler is an answer and is counted.
func TestHandlerPanic(t *testing.T) {
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.change(func(c *catalog) {
		c.models["a"] = &model{Model: Model{Name: "a"}, tasks: map[string]ask{"qa": func(context.Context, *batcher, []byte) (any, error) { panic("toy") }}}
	})
	r := httptest.NewRequest("POST", "/api/v1/qa", strings.NewReader(`{"adapter":"a"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 500 || strings.Contains(w.Body.String(), "toy") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	w = httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{"fmkit_panics_total 1\n", `fmkit_requests_total{task="qa",adapter="a",code="500"} 1`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s is missing", want)
		}
	}
}
