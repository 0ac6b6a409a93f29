package pretrain

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkStep is an optimizer step over 64 pictures of 28 x 28 pixels, tiny.
func BenchmarkStep(b *testing.B) {
	c, err := Default("tiny", 28, 4, 1)
	if err != nil {
		b.Fatal(err)
	}
	x, err := NewBench(c)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Step(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(c.Batch)*float64(b.N)/b.Elapsed().Seconds(), "images/s")
}

// BenchmarkBatch makes batches of 64 pictures of 28 x 28 pixels with random crops and flips.
func BenchmarkBatch(b *testing.B) {
	dir := b.TempDir()
	for i := range 64 {
		m := image.NewGray(image.Rect(0, 0, 28, 28))
		for at := range m.Pix {
			m.Pix[at] = uint8(at * (i + 1))
		}
		var buf bytes.Buffer
		if err := png.Encode(&buf, m); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.png", i)), buf.Bytes(), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	c, err := Default("tiny", 28, 4, 1)
	if err != nil {
		b.Fatal(err)
	}
	p, err := openPictures(context.Background(), c, dir, b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer p.cache.Close()
	t, err := newTask(&c, p)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for step := 0; b.Loop(); step++ {
		if _, err := t.Batch(step, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(c.Batch)*float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
