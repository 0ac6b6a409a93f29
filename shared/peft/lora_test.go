package peft

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

func draw(name string, n int) []float32 {
	x, s := make([]float32, n), random.New(random.Key(3, name))
	for i := range x {
		x[i] = float32(s.Normal())
	}
	return x
}

// layer is a linear layer with a change of random values, and a batch with padding for it.
func layer(dropout float64) (*nn.Linear, *LoRA, *nn.Batch) {
	l := nn.NewLinear("layer", 7, 5)
	copy(l.W.Value, draw("w", 35))
	c := LoRAConfig{Rank: 3, Alpha: 4, Dropout: dropout, Targets: []string{"layer"}}
	d := newLoRA("layer", l, &c)
	copy(d.A.Value, draw("a", 21))
	copy(d.B.Value, draw("b", 15))
	l.Delta = d
	l.W.Frozen, l.B.Frozen = true, true
	return l, d, &nn.Batch{B: 2, T: 4, Lengths: []int32{4, 2}, Keys: []uint64{11, 12}, Train: true}
}

// TestGradients compares with central differences. The loss, a weighted sum of outputs, is linear in each value, so that a wide step is exact up to rounding.
func TestGradients(t *testing.T) {
	const n, step = 6, 0.5
	for _, dropout := range []float64{0, 0.4} {
		l, d, b := layer(dropout)
		x, weight, y := draw("x", n*7), draw("g", n*5), make([]float32, n*5)
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
		dx := make([]float32, n*7)
		if err := l.Backward(dx, weight, x, n, false, b, new(nn.Scratch)); err != nil {
			t.Fatal(err)
		}
		for _, p := range []struct {
			name       string
			value, got []float32
		}{{"A", d.A.Value, d.A.Grad}, {"B", d.B.Value, d.B.Grad}, {"x", x, dx}} {
			for i, was := range p.value {
				p.value[i] = was + step
				high := loss()
				p.value[i] = was - step
				want := (high - loss()) / (2 * step)
				p.value[i] = was
				if math.Abs(float64(p.got[i])-want) > 1e-4*max(1, math.Abs(want)) {
					t.Errorf("dropout %g: gradient of %s[%d]: got %g, want %g", dropout, p.name, i, p.got[i], want)
				}
			}
		}
		if l.W.Grad != nil || l.B.Grad != nil {
			t.Error("a frozen layer got gradients")
		}
	}
}

// TestGradientOfB holds that the gradient computed on the transpose is that of the plain product, to the bit, also where there is one already.
func TestGradientOfB(t *testing.T) {
	const n = 6
	l, d, b := layer(0)
	x, dy, y := draw("x", n*7), draw("g", n*5), make([]float32, n*5)
	want := make([]float32, 15)
	for range 2 {
		if err := l.Forward(y, x, n, b); err != nil {
			t.Fatal(err)
		}
		kernels.MatMulTN(want, dy, d.inner, 5, 3, n, true)
		if err := l.Backward(nil, dy, x, n, false, b, new(nn.Scratch)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(d.B.Grad, want) {
			t.Fatalf("got %v, want %v", d.B.Grad, want)
		}
	}
}

// BenchmarkGradientOfB times both ways on the shapes of MiniLM's layers.
func BenchmarkGradientOfB(b *testing.B) {
	const n = 4096
	for _, out := range []int{384, 1536} {
		l := nn.NewLinear("layer", 384, out)
		d := newLoRA("layer", l, &LoRAConfig{Rank: 8, Alpha: 16})
		d.B.NeedGrad()
		dy := draw("g", n*out)
		kernels.Grow(&d.inner, n*8)
		b.Run(fmt.Sprint("plain/", out), func(b *testing.B) {
			for b.Loop() {
				kernels.MatMulTN(d.B.Grad, dy, d.inner, out, 8, n, true)
			}
		})
		b.Run(fmt.Sprint("turned/", out), func(b *testing.B) {
			for b.Loop() {
				d.backwardB(dy, n)
			}
		})
	}
}

func TestDropoutOnlyWhileTraining(t *testing.T) {
	const n = 6
	l, _, b := layer(0.4)
	x := draw("x", n*7)
	out := func(train bool) []float32 {
		b.Train = train
		y := make([]float32, n*5)
		if err := l.Forward(y, x, n, b); err != nil {
			t.Fatal(err)
		}
		return y
	}
	train, still := out(true), out(false)
	if slices.Equal(train, still) || !slices.Equal(train, out(true)) {
		t.Error("want dropout while training, the same for the same keys")
	}
	w, bias := l.Merged()
	merged := make([]float32, n*5)
	kernels.MatMulNTBias(merged, x, w, bias, n, 5, 7)
	for i, v := range merged {
		if math.Abs(float64(v-still[i])) > 1e-5 {
			t.Errorf("output %d: merged %g, beside the weights %g", i, v, still[i])
		}
	}
	b.Train, b.Keys = true, nil
	if err := l.Forward(still, x, n, b); err == nil {
		t.Error("dropout without keys: want an error")
	}
}

func TestNoGarbage(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	const n = 6
	l, _, b := layer(0.4)
	x, y, dx, dy, s := draw("x", n*7), make([]float32, n*5), make([]float32, n*7), draw("g", n*5), new(nn.Scratch)
	got := testing.AllocsPerRun(20, func() {
		if l.Forward(y, x, n, b) != nil || l.Backward(dx, dy, x, n, false, b, s) != nil {
			t.Fatal("a pass failed")
		}
	})
	if got > 0 {
		t.Errorf("got %g allocations a pass, want none", got)
	}
}

func BenchmarkLoRA(b *testing.B) {
	const n, d = 2048, 384
	l := nn.NewLinear("layer", d, d)
	copy(l.W.Value, draw("w", d*d))
	c := LoRAConfig{Rank: 8, Alpha: 16}
	l.Delta = newLoRA("layer", l, &c)
	l.W.Frozen, l.B.Frozen = true, true
	batch := &nn.Batch{B: 16, T: 128}
	x, y, dx, s := draw("x", n*d), make([]float32, n*d), make([]float32, n*d), new(nn.Scratch)
	for b.Loop() {
		if l.Forward(y, x, n, batch) != nil || l.Backward(dx, y, x, n, false, batch, s) != nil {
			b.Fatal("a pass failed")
		}
	}
}
