package train

import (
	"image"
	"testing"

	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// newBench is a task on two pictures of 640 x 640 pixels, windows of 64 x 64 in patches of 8, tiny.
func newBench(b *testing.B) *task {
	c, err := vision.Preset("tiny", 64, 8)
	if err != nil {
		b.Fatal(err)
	}
	m, err := vision.New(c, picture.NewProcessor(64, 64, 3), 1)
	if err != nil {
		b.Fatal(err)
	}
	config := Default(true)
	one := ramp(640, 640)
	clear(one.marks.Pix)
	one.boxes, one.places = []metrics.TrueBox{{Box: box(100, 200, 30, 40)}}, []image.Point{{115, 220}, {300, 10}}
	return newTask(m, nil, 6, &config, []marked{*one, *one})
}

// BenchmarkBatch makes batches of 16 windows.
func BenchmarkBatch(b *testing.B) {
	t := newBench(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := t.Batch(i, 0); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStep is forward and backward over 16 windows.
func BenchmarkStep(b *testing.B) {
	t := newBench(b)
	x, err := t.Batch(0, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Step(x); err != nil {
			b.Fatal(err)
		}
	}
}

// TestNoGarbage: batches and steps reuse their memory.
func TestNoGarbage(t *testing.T) {
	if testing.Short() {
		t.Skip("a benchmark: some seconds of training steps")
	}
	r := testing.Benchmark(func(b *testing.B) {
		s := newBench(b)
		for i := range 4 {
			if _, err := s.Batch(i, 0); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := s.Batch(i, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	if got := r.AllocedBytesPerOp(); got > 20000 {
		t.Errorf("a batch of windows allocates %d bytes, want next to none", got)
	}
}
