package tagger

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
	"github.com/fmkit/fmkit/shared/nn"
)

const (
	// The float32 chains here are short (D at most 33): rounding stays below this times the values, which are about 1.
	lossTolerance = 1e-5
	// Central differences of the float64 reference with step 1e-5 are right to about 1e-9; float32 rounding dominates.
	gradTolerance = 1e-5
	gradStep      = 1e-5
)

// tokenLoss64 is the loss by the formula, in float64.
func tokenLoss64(x, w, bias []float64, l *TokenLoss, t, d int) float64 {
	total, n := 0.0, 0
	for i, row := range l.At {
		for j, at := range row {
			sum, own := 0.0, 0.0
			for c := range bias {
				z := bias[c]
				for k := range d {
					z += x[(i*t+at)*d+k] * w[c*d+k]
				}
				sum += math.Exp(z)
				if c == int(l.Tags[i][j]) {
					own = z
				}
			}
			total += math.Log(sum) - own
			n++
		}
	}
	return total / float64(n)
}

// randomLoss makes a head of c tags with words in every row of b.
func randomLoss(r *rand.Rand, b *nn.Batch, d, c int) (*TokenLoss, []float32) {
	l := NewTokenLoss(d, c, 1)
	for _, p := range l.Params() {
		p.NeedGrad()
		for i := range p.Value {
			p.Value[i] = float32(r.NormFloat64())
		}
	}
	for i := range b.B {
		var at []int
		var tags []int32
		for t := range b.Length(i) {
			if t == 0 || r.IntN(3) > 0 {
				at, tags = append(at, t), append(tags, int32(r.IntN(c)))
			}
		}
		l.At, l.Tags = append(l.At, at), append(l.Tags, tags)
	}
	x := make([]float32, b.B*b.T*d)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return l, x
}

func TestTokenLossGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, s := range []struct {
		b    nn.Batch
		d, c int
	}{
		{nn.Batch{B: 1, T: 1}, 1, 2},
		{nn.Batch{B: 2, T: 7}, 8, 3},
		{nn.Batch{B: 3, T: 17, Lengths: []int32{17, 1, 9}}, 5, 17},
		{nn.Batch{B: 2, T: 16, Lengths: []int32{3, 16}}, 33, 5},
	} {
		l, x := randomLoss(r, &s.b, s.d, s.c)
		var y [1]float32
		if err := l.Forward(y[:], x, &s.b); err != nil {
			t.Fatal(err)
		}
		dx := make([]float32, len(x))
		for i := range dx {
			dx[i] = 9 // Backward sets
		}
		if err := l.Backward(dx, []float32{1}, x, y[:], &s.b); err != nil {
			t.Fatal(err)
		}
		x64, w64, b64 := kerneltest.Widen(x), kerneltest.Widen(l.Linear.W.Value), kerneltest.Widen(l.Linear.B.Value)
		f := func() float64 { return tokenLoss64(x64, w64, b64, l, s.b.T, s.d) }
		if want := f(); math.Abs(float64(y[0])-want) > lossTolerance {
			t.Fatalf("%+v: loss: got %g, want %g", s.b, y[0], want)
		}
		kerneltest.CheckGradient(t, "dx", dx, x64, f, gradStep, gradTolerance)
		kerneltest.CheckGradient(t, "dW", l.Linear.W.Grad, w64, f, gradStep, gradTolerance)
		kerneltest.CheckGradient(t, "db", l.Linear.B.Grad, b64, f, gradStep, gradTolerance)
	}
}

// TestTokenLossIgnoresPadding also holds that dropout falls on a word, not on its place in the batch.
func TestTokenLossIgnoresPadding(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const d, c, valid, padded = 6, 4, 11, 24
	for _, train := range []bool{false, true} {
		short := nn.Batch{B: 1, T: valid, Train: train, Keys: []uint64{42}}
		l, x := randomLoss(r, &short, d, c)
		run := func(x []float32, b *nn.Batch) []float32 {
			for _, p := range l.Params() {
				clear(p.Grad)
			}
			y, dx := make([]float32, 1), make([]float32, len(x))
			if err := l.Forward(y, x, b); err != nil {
				t.Fatal(err)
			}
			if err := l.Backward(dx, []float32{1}, x, y, b); err != nil {
				t.Fatal(err)
			}
			return slices.Concat(y, dx[:valid*d], l.Linear.W.Grad, l.Linear.B.Grad)
		}
		want := run(x, &short)
		long := append(slices.Clone(x), make([]float32, (padded-valid)*d)...)
		if got := run(long, &nn.Batch{B: 1, T: padded, Lengths: []int32{valid}, Train: train, Keys: short.Keys}); !slices.Equal(got, want) {
			t.Errorf("train %t: padding changed the loss or a gradient", train)
		}
		if train {
			other := nn.Batch{B: 1, T: valid, Train: true, Keys: []uint64{43}}
			if got := run(x, &other); slices.Equal(got, want) {
				t.Error("another key drops the same")
			}
		}
	}
}

func TestTokenLossRefuses(t *testing.T) {
	b := nn.Batch{B: 1, T: 8, Lengths: []int32{4}}
	for _, c := range []struct {
		at   [][]int
		tags [][]int32
	}{
		{[][]int{{4}}, [][]int32{{0}}},
		{[][]int{{-1}}, [][]int32{{0}}},
		{[][]int{{1}}, [][]int32{{3}}},
		{[][]int{{1}}, [][]int32{{-100}}},
		{[][]int{{1}}, [][]int32{{0, 1}}},
		{[][]int{{}}, [][]int32{{}}},
		{[][]int{}, [][]int32{}},
	} {
		l := NewTokenLoss(3, 3, 1)
		l.At, l.Tags = c.at, c.tags
		if err := l.Forward(make([]float32, 1), make([]float32, 24), &b); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}
