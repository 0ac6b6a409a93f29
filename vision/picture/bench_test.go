package picture_test

import (
	"testing"

	"github.com/fmkit/fmkit/vision/picture"
)

// TestProcessMakesNoGarbage holds the steady state: scratch comes from a pool.
func TestProcessMakesNoGarbage(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector drops what pools keep")
	}
	p := picture.NewProcessor(64, 64, 3)
	m := smooth(300, 200)
	dst := make([]float32, 3*64*64)
	if n := testing.AllocsPerRun(50, func() {
		if err := p.Process(dst, m); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}

func benchmarkDecode(b *testing.B, w, h int) {
	raw := encodeJPEG(b, smooth(w, h))
	p := picture.NewProcessor(224, 224, 3)
	p.Filter = picture.Bicubic
	dst := make([]float32, 3*224*224)
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		m, err := picture.Decode(raw, picture.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Process(dst, m); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
}

func BenchmarkDecodeProcess1024x768(b *testing.B) { benchmarkDecode(b, 1024, 768) }
func BenchmarkDecodeProcess640x640(b *testing.B)  { benchmarkDecode(b, 640, 640) }

func BenchmarkProcess(b *testing.B) {
	for _, c := range []struct {
		name   string
		filter picture.Filter
	}{{"bilinear", picture.Bilinear}, {"bicubic", picture.Bicubic}} {
		b.Run(c.name, func(b *testing.B) {
			p := picture.NewProcessor(224, 224, 3)
			p.Filter = c.filter
			m := smooth(1024, 768)
			dst := make([]float32, 3*224*224)
			b.ReportAllocs()
			for b.Loop() {
				if err := p.Process(dst, m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAugment(b *testing.B) {
	a := everything()
	a.Crop.Width, a.Crop.Height = 64, 64
	m := smooth(256, 256)
	key := uint64(0)
	for b.Loop() {
		key++
		a.Apply(m, key)
	}
}

func BenchmarkMixup(b *testing.B) {
	src := make([]float32, 32*3*64*64)
	dst, mixes := make([]float32, len(src)), make([]picture.Mix, 32)
	b.ReportAllocs()
	for b.Loop() {
		if err := picture.Mixup(dst, src, mixes, 0.4, 1); err != nil {
			b.Fatal(err)
		}
	}
}
