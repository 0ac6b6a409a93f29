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
	total, rows := 0.0, 0
	for i, row := range l.Spans {
		if len(row) == 0 {
			continue
		}
		rows++
		var goals, sum float64
		z := make([]float64, len(row))
		for j, s := range row {
			v, square := make([]float64, d), 0.0
			for k := range d {
				for at := s.Start; at < s.End; at++ {
					v[k] += x[(i*t+int(at))*d+k] / float64(s.End-s.Start)
				}
				square += v[k] * v[k]
			}
			z[j] = bias[0]
			for k := range d {
				z[j] += v[k] * math.Sqrt(float64(d)/square) * w[k]
			}
			for k, f := range s.Place {
				z[j] += float64(f) * w[d+k]
			}
			goals += math.Exp(float64(l.Gains[i][j] / l.Temperature))
			sum += math.Exp(z[j])
		}
		for j := range row {
			total -= math.Exp(float64(l.Gains[i][j]/l.Temperature)) / goals * (z[j] - math.Log(sum))
		}
	}
	return total / float64(rows)
}

func TestSentenceLossGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	at := func(start, end int32) Span { return Span{start, end, placeOf(int(start), 12, int(end-start), 40)} }
	for _, c := range []struct {
		b     nn.Batch
		d     int
		spans [][]Span
	}{
		{nn.Batch{B: 1, T: 1}, 1, [][]Span{{at(0, 1)}}},
		{nn.Batch{B: 2, T: 12}, 8, [][]Span{{at(1, 4), at(5, 6)}, {at(1, 12)}}},
		{nn.Batch{B: 3, T: 20, Lengths: []int32{20, 5, 2}}, 33, [][]Span{{at(1, 9), at(10, 19)}, {at(1, 2), at(3, 5)}, {}}},
	} {
		l := NewSentenceLoss(c.d, 0.5, 1)
		for _, p := range l.Params() {
			p.NeedGrad()
			for i := range p.Value {
				p.Value[i] = float32(r.NormFloat64())
			}
		}
		l.Spans = c.spans
		for _, row := range c.spans {
			gains := make([]float32, len(row))
			for j := range gains {
				gains[j] = r.Float32()
			}
			l.Gains = append(l.Gains, gains)
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

func TestListwiseFarOut(t *testing.T) {
	grad := make([]float32, 2)
	for _, z := range []float32{-200, -20, 0, 20, 200} {
		loss := listwise(grad, []float32{z, 0}, []float32{1, 0}, 1e-3)
		want := math.Log1p(math.Exp(-math.Abs(float64(z)))) + max(-float64(z), 0) // all of the goal is on the first
		if math.Abs(float64(loss)-want) > lossTolerance*max(1, want) || math.Abs(float64(grad[0]+grad[1])) > lossTolerance || !(grad[0] >= -1 && grad[0] <= 0) {
			t.Errorf("z %v: loss %v, gradient %v, want %v", z, loss, grad, want)
		}
	}
}

func TestSentenceLossRefuses(t *testing.T) {
	b := nn.Batch{B: 1, T: 8}
	for name, l := range map[string]*SentenceLoss{
		"no rows":        {},
		"no sentences":   {Spans: [][]Span{{}}, Gains: [][]float32{{}}},
		"missing gain":   {Spans: [][]Span{{{Start: 1, End: 2}}}, Gains: [][]float32{{}}},
		"past the row":   {Spans: [][]Span{{{Start: 1, End: 9}}}, Gains: [][]float32{{1}}},
		"empty sentence": {Spans: [][]Span{{{Start: 3, End: 3}}}, Gains: [][]float32{{1}}},
	} {
		l.Outputs = newHead(2)
		if err := l.Forward(make([]float32, 1), make([]float32, 16), &b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
