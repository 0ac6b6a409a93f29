package qa

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

// spanLoss64 is the loss by the formula, in float64.
func spanLoss64(x, w, bias []float64, b *nn.Batch, starts, ends []int32, d int) float64 {
	total := 0.0
	for i := range b.B {
		for side, target := range [2]int32{starts[i], ends[i]} {
			z := make([]float64, b.Length(i))
			sum := 0.0
			for t := range z {
				z[t] = bias[side]
				for k := range d {
					z[t] += x[(i*b.T+t)*d+k] * w[side*d+k]
				}
				sum += math.Exp(z[t])
			}
			total += math.Log(sum) - z[target]
		}
	}
	return total / float64(2*b.B)
}

func randomSpanLoss(r *rand.Rand, b *nn.Batch, d int) (*SpanLoss, []float32) {
	l := NewSpanLoss(d, 1)
	for _, p := range l.Params() {
		p.NeedGrad()
		for i := range p.Value {
			p.Value[i] = float32(r.NormFloat64()) / 3
		}
	}
	x := make([]float32, b.B*b.T*d)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for i := range b.B {
		s := r.IntN(b.Length(i))
		l.Starts = append(l.Starts, int32(s))
		l.Ends = append(l.Ends, int32(s+r.IntN(b.Length(i)-s)))
	}
	return l, x
}

func TestSpanLossGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct {
		b nn.Batch
		d int
	}{
		{nn.Batch{B: 1, T: 1}, 1},
		{nn.Batch{B: 2, T: 7}, 8},
		{nn.Batch{B: 3, T: 17, Lengths: []int32{17, 1, 9}}, 5},
		{nn.Batch{B: 2, T: 16, Lengths: []int32{3, 16}}, 33},
	} {
		l, x := randomSpanLoss(r, &c.b, c.d)
		var y [1]float32
		if err := l.Forward(y[:], x, &c.b); err != nil {
			t.Fatal(err)
		}
		dx := make([]float32, len(x))
		if err := l.Backward(dx, []float32{1}, x, y[:], &c.b); err != nil {
			t.Fatal(err)
		}
		x64, w64, b64 := kerneltest.Widen(x), kerneltest.Widen(l.Outputs.W.Value), kerneltest.Widen(l.Outputs.B.Value)
		f := func() float64 { return spanLoss64(x64, w64, b64, &c.b, l.Starts, l.Ends, c.d) }
		if want := f(); math.Abs(float64(y[0])-want) > lossTolerance {
			t.Fatalf("%+v: loss: got %g, want %g", c.b, y[0], want)
		}
		kerneltest.CheckGradient(t, "dx", dx, x64, f, gradStep, gradTolerance)
		kerneltest.CheckGradient(t, "dW", l.Outputs.W.Grad, w64, f, gradStep, gradTolerance)
		kerneltest.CheckGradient(t, "db", l.Outputs.B.Grad, b64, f, gradStep, gradTolerance)
	}
}

func TestSpanLossIgnoresPadding(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const d, valid, padded = 6, 11, 24
	short := nn.Batch{B: 1, T: valid}
	l, x := randomSpanLoss(r, &short, d)
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
		return slices.Concat(y, dx[:valid*d], l.Outputs.W.Grad, l.Outputs.B.Grad)
	}
	want := run(x, &short)
	long := append(slices.Clone(x), make([]float32, (padded-valid)*d)...)
	if got := run(long, &nn.Batch{B: 1, T: padded, Lengths: []int32{valid}}); !slices.Equal(got, want) {
		t.Error("padding changed the loss or a gradient")
	}
}

func TestSpanLossRefusesTargets(t *testing.T) {
	b := nn.Batch{B: 1, T: 8, Lengths: []int32{4}}
	for _, target := range []int32{-1, 4, 100} {
		l := NewSpanLoss(3, 1)
		l.Starts, l.Ends = []int32{0}, []int32{target}
		if err := l.Forward(make([]float32, 1), make([]float32, 24), &b); err == nil {
			t.Errorf("position %d of 4 is accepted", target)
		}
	}
}
