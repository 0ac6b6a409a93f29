package pretrain

import "testing"

// BenchmarkStep is an optimizer step over 64 windows of 16 steps, tiny.
func BenchmarkStep(b *testing.B) {
	c, err := Default("tiny")
	if err != nil {
		b.Fatal(err)
	}
	x, err := NewBench(c, 4, 2)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Step(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(c.Batch)*float64(b.N)/b.Elapsed().Seconds(), "windows/s")
}

// BenchmarkBatch makes batches of 64 windows of 16 steps.
func BenchmarkBatch(b *testing.B) {
	c, err := Default("tiny")
	if err != nil {
		b.Fatal(err)
	}
	x, err := NewBench(c, 4, 2)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for step := 0; b.Loop(); step++ {
		if _, err := x.task.Batch(step, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(c.Batch)*float64(b.N)/b.Elapsed().Seconds(), "windows/s")
}
