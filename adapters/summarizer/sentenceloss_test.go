package summarizer

import (
	"math"
	"math/rand/v2"
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

// sentenceLoss64 is the loss by the formula, in float64.
func sentenceLoss64(x, w, bias []float64, l *SentenceLoss, t, d int) float64 {
	total, n := 0.0, 0
	for i, row := range l.Spans {
		for j, s := range row {
			z := bias[0]
			for at := s.Start; at < s.End; at++ {
				for k := range d {
					z += x[(i*t+int(at))*d+k] * w[k] / float64(s.End-s.Start)
				}
			}
			p := 1 / (1 + math.Exp(-z))
			y := float64(l.Labels[i][j])
			total -= y*math.Log(p) + (1-y)*math.Log(1-p)
			n++
		}
	}
	return total / float64(n)
}

func TestSentenceLossGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, c := range []struct {
		b     nn.Batch
		d     int
		spans [][]Span
	}{
		{nn.Batch{B: 1, T: 1}, 1, [][]Span{{{0, 1}}}},
		{nn.Batch{B: 2, T: 12}, 8, [][]Span{{{1, 4}, {5, 6}}, {{1, 12}}}},
		{nn.Batch{B: 3, T: 20, Lengths: []int32{20, 5, 2}}, 33, [][]Span{{{1, 9}, {10, 19}}, {{1, 2}, {3, 5}}, {}}},
	} {
		l := NewSentenceLoss(c.d, 1)
		for _, p := range l.Params() {
			p.NeedGrad()
			for i := range p.Value {
				p.Value[i] = float32(r.NormFloat64())
			}
		}
		l.Spans = c.spans
		for _, row := range c.spans {
			labels := make([]float32, len(row))
			for j := range labels {
				labels[j] = float32(r.IntN(2))
			}
			l.Labels = append(l.Labels, labels)
		}
		x := make([]float32, c.b.B*c.b.T*c.d)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		var y [1]float32
		if err := l.Forward(y[:], x, &c.b); err != nil {
			t.Fatal(err)
		}
		dx := make([]float32, len(x))
		if err := l.Backward(dx, []float32{1}, x, y[:], &c.b); err != nil {
			t.Fatal(err)
		}
		x64, w64, b64 := kerneltest.Widen(x), kerneltest.Widen(l.Outputs.W.Value), kerneltest.Widen(l.Outputs.B.Value)
		f := func() float64 { return sentenceLoss64(x64, w64, b64, l, c.b.T, c.d) }
		if want := f(); math.Abs(float64(y[0])-want) > lossTolerance {
			t.Fatalf("%+v: loss: got %g, want %g", c.b, y[0], want)
		}
		kerneltest.CheckGradient(t, "dx", dx, x64, f, gradStep, gradTolerance)
		kerneltest.CheckGradient(t, "dW", l.Outputs.W.Grad, w64, f, gradStep, gradTolerance)
		kerneltest.CheckGradient(t, "db", l.Outputs.B.Grad, b64, f, gradStep, gradTolerance)
	}
}

func TestBinaryCrossEntropyFarOut(t *testing.T) {
	for _, z := range []float32{-200, -20, 0, 20, 200} {
		for _, label := range []float32{0, 1} {
			loss, grad := binaryCrossEntropy(z, label)
			want := math.Log1p(math.Exp(-math.Abs(float64(z)))) + max(float64(z), 0) - float64(z*label)
			if math.Abs(float64(loss)-want) > lossTolerance*max(1, want) || math.IsNaN(float64(grad)) || grad < -1 || grad > 1 {
				t.Errorf("z %v, label %v: loss %v, gradient %v, want %v", z, label, loss, grad, want)
			}
		}
	}
}

func TestSentenceLossRefuses(t *testing.T) {
	b := nn.Batch{B: 1, T: 8}
	for name, l := range map[string]*SentenceLoss{
		"no rows":        {},
		"no sentences":   {Spans: [][]Span{{}}, Labels: [][]float32{{}}},
		"missing label":  {Spans: [][]Span{{{1, 2}}}, Labels: [][]float32{{}}},
		"past the row":   {Spans: [][]Span{{{1, 9}}}, Labels: [][]float32{{1}}},
		"empty sentence": {Spans: [][]Span{{{3, 3}}}, Labels: [][]float32{{1}}},
	} {
		l.Outputs = nn.NewLinear("o", 2, 1)
		if err := l.Forward(make([]float32, 1), make([]float32, 16), &b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
