package pretrain

import (
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
)

// BenchmarkStep is forward and backward over 64 pictures of 28 x 28 pixels, tiny.
func BenchmarkStep(b *testing.B) {
	c, err := Default("tiny", 28, 4, 1)
	if err != nil {
		b.Fatal(err)
	}
	t, err := newTask(&c, nil)
	if err != nil {
		b.Fatal(err)
	}
	x := batch{nn: nn.Batch{B: c.Batch, T: 1 + c.kept(), Train: true}, patches: normals(c.Batch*28*28, 1)}
	for i := range c.Batch {
		kept := make([]int32, c.kept())
		keepPatches(kept, c.patches(), uint64(i))
		x.keep = append(x.keep, kept...)
	}
	if _, err := t.Step(&x); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Step(&x); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(c.Batch)*float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
