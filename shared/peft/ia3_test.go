package peft

import (
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
)

// TestIA3Gradients compares with central differences, as TestGradients does: the loss is linear in each value by itself.
func TestIA3Gradients(t *testing.T) {
	const n, in, out, step = 6, 7, 5, 0.5
	for _, both := range []bool{false, true} {
		l, low, b := layer(0)
		s := &scaling{l: nn.NewParam("l", out, 1)}
		l.Delta = nil
		if both { // a scale above a low-rank change
			l.Delta = low
		}
		push(l, s)
		l.Input = nn.NewParam("input", 1, in)
		copy(s.l.Value, draw("scale", out))
		copy(l.Input.Value, draw("input", in))
		x, weight, y := draw("x", n*in), draw("g", n*out), make([]float32, n*out)
		loss := func() (sum float64) {
			if err := l.Forward(y, x, n, b); err != nil {
				t.Fatal(err)
			}
			for i, v := range y {
				sum += float64(v) * float64(weight[i])
			}
			return sum
		}
		loss()
		dx := make([]float32, n*in)
		if err := l.Backward(dx, weight, x, n, false, b, new(nn.Scratch)); err != nil {
			t.Fatal(err)
		}
		for _, p := range []struct {
			name       string
			value, got []float32
		}{{"output", s.l.Value, s.l.Grad}, {"input", l.Input.Value, l.Input.Grad}, {"x", x, dx}} {
			for i, was := range p.value {
				p.value[i] = was + step
				high := loss()
				p.value[i] = was - step
				want := (high - loss()) / (2 * step)
				p.value[i] = was
				if math.Abs(float64(p.got[i])-want) > 1e-4*max(1, math.Abs(want)) {
					t.Errorf("both %v: gradient of %s[%d]: got %g, want %g", both, p.name, i, p.got[i], want)
				}
			}
		}
		if l.W.Grad != nil || l.B.Grad != nil {
			t.Error("a frozen layer got gradients")
		}
	}
}

// TestScalesDontDecay: PEFT's files have the scales as matrices, and weight decay would draw them to zero.
func TestScalesDontDecay(t *testing.T) {
	change, err := Attach(newEncoder(t), configs()[MethodIA3], 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range change.Params() {
		if p.Decays() {
			t.Errorf("%s %v decays", p.Name, p.Shape)
		}
	}
}

func BenchmarkIA3(b *testing.B) {
	const n, d = 2048, 384
	l := nn.NewLinear("layer", d, d)
	s := &scaling{l: nn.NewParam("l", d, 1)}
	l.Delta, l.W.Frozen, l.B.Frozen = s, true, true
	batch := &nn.Batch{B: 16, T: 128}
	x, y, dx, scratch := draw("x", n*d), make([]float32, n*d), make([]float32, n*d), new(nn.Scratch)
	for b.Loop() {
		if l.Forward(y, x, n, batch) != nil || l.Backward(dx, y, x, n, false, batch, scratch) != nil {
			b.Fatal("a pass failed")
		}
	}
}
