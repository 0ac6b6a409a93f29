package pretrain

import (
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// TestSettle: behind the norm, a token with a small vector looks the same at every position and like every other such token, one with a
// large vector doesn't.
func TestSettle(t *testing.T) {
	m, err := texttest.Model(1, "a", "b", "c", "d")
	if err != nil {
		t.Fatal(err)
	}
	c := CoOccurrence{Std: 0.2, Rare: 1e-3}
	d := m.Embedding.Word.Shape[1]
	scale := func(id int, std float64) {
		row := m.Embedding.Word.Value[id*d : (id+1)*d]
		kernels.Scale(row, float32(std*math.Sqrt(float64(d))/math.Sqrt(kernels.SumSquares(row))))
	}
	small, other, large := 5, 6, 7
	scale(small, 0.004)
	scale(other, 0.004)
	scale(large, 0.2)
	cosines := func() (same, others, rare float64) {
		x := embed(t, m, []int32{int32(small), int32(small), int32(other), int32(large)})
		return cosine(x, 0, 1, d), cosine(x, 0, 2, d), cosine(x, 0, 3, d)
	}
	before, _, _ := cosines()
	c.settle(m)
	same, others, rare := cosines()
	if before > 0.9 || same < 0.98 || others < 0.98 || rare > 0.8 {
		t.Errorf("cosines of a small vector at two positions: %.3f before, %.3f after; with another small one %.3f, with a large one %.3f", before, same, others, rare)
	}
}

func embed(t *testing.T, m *text.Model, ids []int32) []float32 {
	t.Helper()
	b := newBatch(1, len(ids))
	b.add(ids, 0, 0)
	x := make([]float32, len(ids)*m.Width())
	if err := m.Embedding.Infer(x, b.ids, nil, &b.nn); err != nil {
		t.Fatal(err)
	}
	return x
}

// cosine is that of two rows of x.
func cosine(x []float32, i, j, d int) float64 {
	var dot, a, b float64
	for k := range d {
		u, v := float64(x[i*d+k]), float64(x[j*d+k])
		dot, a, b = dot+u*v, a+u*u, b+v*v
	}
	return dot / math.Sqrt(a*b)
}
