package baseline

import (
	"image"
	"testing"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/random"
)

// TestBoxes: patches stand for the squares in their middles, and no box is in a good picture above its highest patch.
func TestBoxes(t *testing.T) {
	p := &PCA{options: Options{Patch: 8, Stride: 2, Components: 1}}
	patches := &inspector.Map{Width: 4, Height: 3, Values: []float32{0, 0, 0, 0, 0, 5, 7, 0, 0, 0, 0, 0}}
	got := p.Boxes(patches, 1)
	if want := (metrics.Box{XMin: 5, YMin: 5, XMax: 9, YMax: 7}); len(got) != 1 || got[0].Box != want || got[0].Score != 7 {
		t.Errorf("got %+v, want a box %v of score 7", got, want)
	}
	var good []*image.Gray
	for i := range 3 {
		m, s := image.NewGray(image.Rect(0, 0, 24, 20)), random.New(random.Key(uint64(i), "test"))
		for k := range m.Pix {
			m.Pix[k] = uint8(s.IntN(256))
		}
		good = append(good, m)
	}
	p, err := FitPCA(good, Options{Patch: 8, Stride: 4})
	if err != nil {
		t.Fatal(err)
	}
	level, err := p.Level(good, 1)
	if err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for _, m := range good {
		score, patches, err := p.Score(m)
		if err != nil {
			t.Fatal(err)
		}
		if b := p.Boxes(patches, level); len(b) > 0 {
			t.Errorf("got %v above the highest patch", b)
		}
		worst = max(worst, score)
	}
	if half, err := p.Level(good, 0.5); err != nil || float32(worst) != level || half >= level {
		t.Errorf("levels %g and %g, %v, want %g for all and less for a half", level, half, err, worst)
	}
	if _, err := p.Level(nil, 1); err == nil {
		t.Error("no pictures: got no error")
	}
}
