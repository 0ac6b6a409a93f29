package dataset

import (
	"fmt"
	"image"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/fmkit/fmkit/shared/data/datatest"
)

// jpegs lists n JPEG pictures of 250 x 250 pixels.
func jpegs(b *testing.B, n int) []Item {
	b.Helper()
	dir := b.TempDir()
	for i := range n {
		put(b, dir, fmt.Sprintf("c%d/%04d.jpg", i%3, i), jpegOf(b, 250, 250, uint64(i)))
	}
	return open(b, dir).Items
}

// BenchmarkLoad decodes a folder of JPEG pictures, rendered ones of 250 x 250 pixels and, where they are, real ones.
func BenchmarkLoad(b *testing.B) {
	b.Run("rendered", func(b *testing.B) { loadAll(b, jpegs(b, 200)) })
	b.Run("textile", func(b *testing.B) { loadAll(b, open(b, datatest.Path(b, "vis-textile")).Items) })
	b.Run("deeppcb", func(b *testing.B) { loadAll(b, open(b, datatest.Path(b, "vis-deeppcb")).Items) })
}

// loadAll decodes all items in an operation.
func loadAll(b *testing.B, items []Item) {
	for _, w := range []int{1, 2} {
		b.Run(fmt.Sprint("workers=", w), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range Load(b.Context(), items, LoadOptions{Workers: w}, func(_ int, m *image.NRGBA) (byte, error) { return m.Pix[0], nil }) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N*len(items))/b.Elapsed().Seconds(), "pictures/s")
		})
	}
}

// BenchmarkCacheRead reads records of 3 x 32 x 32 and 3 x 224 x 224.
func BenchmarkCacheRead(b *testing.B) {
	items := jpegs(b, 50)
	for _, side := range []int{32, 224} {
		rec := Recorder{Shape: CacheShape{3, side, side}, Record: func(dst []byte, m *image.NRGBA) error {
			for i := range dst {
				dst[i] = m.Pix[i%len(m.Pix)]
			}
			return nil
		}}
		c, err := OpenCache(b.Context(), filepath.Join(b.TempDir(), "pixels.cache"), items, rec, LoadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint("side=", side), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(c.Shape().Size()))
			dst := make([]byte, c.Shape().Size())
			i := 0
			for b.Loop() {
				if err := c.Read(dst, i%c.Len()); err != nil {
					b.Fatal(err)
				}
				i++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
		})
		b.Run(fmt.Sprint("side=", side, "/parallel"), func(b *testing.B) {
			b.SetBytes(int64(c.Shape().Size()))
			var next atomic.Int64
			b.RunParallel(func(p *testing.PB) {
				dst := make([]byte, c.Shape().Size())
				for p.Next() {
					if err := c.Read(dst, int(next.Add(1))%c.Len()); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
		})
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen lists a folder of 200 pictures.
func BenchmarkOpen(b *testing.B) {
	items := jpegs(b, 200)
	root := filepath.Dir(filepath.Dir(items[0].Path))
	for b.Loop() {
		if _, err := Open(root); err != nil {
			b.Fatal(err)
		}
	}
}
