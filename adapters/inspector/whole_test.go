package inspector

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// textures are pictures of 24x24 with noise in rows, and from the number bad on in columns: no pixel alone is out of place.
type textures struct{ n, bad int }

func (p textures) Len() int { return p.n }
func (p textures) Read(pixels []float32, i int) error {
	r := random.New(random.Key(uint64(i), "textures"))
	lines := make([]float32, 24)
	for k := range lines {
		lines[k] = float32(r.Normal())
	}
	for k := range pixels {
		line := lines[k/24]
		if i >= p.bad {
			line = lines[k%24]
		}
		pixels[k] = line + 0.5*float32(r.Normal())
	}
	return nil
}

// TestWhole: another weave everywhere is seen on the whole, a flaw by its patch, by one rule; saved and loaded alike, on any number of workers.
func TestWhole(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	s := viewed(24, 24, View{Layers: []int{1, 2}, Step: 8, Cell: 1})
	s.Neighbourhood, s.Whiten, s.Whole = 1, 0.01, true
	w := windows(t, s)
	fit := func() *Inspector {
		p, err := Fit(context.Background(), w, textures{60, 60}, s)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := fit()
	kernels.SetWorkers(3)
	if q := fit(); !reflect.DeepEqual(p.bank.vectors, q.bank.vectors) || p.standards != q.standards || p.thresholds != q.thresholds ||
		!slices.Equal(p.whitening.matrix, q.whitening.matrix) || !slices.Equal(p.whole.mean, q.whole.mean) || !slices.Equal(p.whole.scale, q.whole.scale) {
		t.Error("other bits with other workers")
	}
	dir := t.TempDir() + "/a"
	if _, err := p.Save(dir, about(), nil); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(dir, w, sum)
	if err != nil {
		t.Fatal(err)
	}
	pixels := make([]float32, 24*24)
	alarms := 0
	for i := range 40 {
		judge := func(what string, want bool) {
			a, err := p.Inspect(pixels)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := loaded.Inspect(pixels); err != nil || !reflect.DeepEqual(a, b) {
				t.Fatalf("%s %d: loaded: %v, %v, want %v", what, i, b, err, a)
			}
			if want && a.Label != Defect {
				t.Errorf("%s %d: got %s at %g of %g", what, i, a.Label, a.Score, *a.Threshold)
			} else if !want && a.Label == Defect {
				alarms++
			}
		}
		_ = textures{}.Read(pixels, -1000-i) // good ones: below bad
		judge("good", false)
		for k := range 36 {
			pixels[(10+k/6)*24+10+k%6] = 8
		}
		judge("flaw", true)
		_ = textures{}.Read(pixels, 1000+i)
		judge("weave", true)
	}
	if alarms > 8 {
		t.Errorf("%d false alarms of 40", alarms)
	}
}
