//go:build !race

// The race detector drops what pools keep, so it allocates where a program doesn't.

package vision_test

import (
	"image"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// TestNoGarbage: Encode and States allocate nothing once their buffers have grown.
func TestNoGarbage(t *testing.T) {
	t.Run("plain", func(t *testing.T) { noGarbage(t, folder, "testdata/golden.json") })
	t.Run("stem", func(t *testing.T) { noGarbage(t, "testdata/stem", "testdata/stem.json") })
}

func noGarbage(t *testing.T, folder, states string) {
	m, g := loadGolden(t, folder, states)
	s := m.Snapshot()
	y := make([]float32, 2*s.Tokens()*s.Width())
	hidden, layers := [][]float32{make([]float32, len(y)), y}, []int{1, 2}
	if got := testing.AllocsPerRun(20, func() {
		if s.Encode(y, g.Pixels, 2) != nil || s.States(hidden, layers, g.Pixels, 2) != nil {
			t.Error("failed")
		}
	}); got != 0 {
		t.Errorf("got %g allocations, want 0", got)
	}
}

// TestEmbedderNoGarbage: nor does Embed.
func TestEmbedderNoGarbage(t *testing.T) {
	m, _ := load(t)
	e, err := vision.NewEmbedder(m, vision.EmbedConfig{Normalize: true})
	if err != nil {
		t.Fatal(err)
	}
	p, v := image.NewNRGBA(image.Rect(0, 0, 30, 20)), make([]float32, e.Width())
	if got := testing.AllocsPerRun(20, func() {
		if e.Embed(v, p) != nil {
			t.Error("failed")
		}
	}); got != 0 {
		t.Errorf("got %g allocations, want 0", got)
	}
}

// BenchmarkLay makes a batch of 64 varied pictures for training.
func BenchmarkLay(b *testing.B) {
	m, _ := load(b)
	rows, err := m.TuningRows(records(b, m, 64), &picture.Augment{Crop: &picture.RandomCrop{Filter: picture.Bilinear}, FlipH: 0.5})
	if err != nil {
		b.Fatal(err)
	}
	chosen, keys := make([]int32, 64), make([]uint64, 64)
	for i := range chosen {
		chosen[i], keys[i] = int32(i), uint64(i)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rows.Lay(&nn.Batch{B: 64, Train: true, Keys: keys}, chosen); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	m, g := load(b)
	s := m.Snapshot()
	y := make([]float32, 2*s.Tokens()*s.Width())
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Encode(y, g.Pixels, 2); err != nil {
			b.Fatal(err)
		}
	}
}
