package train

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// TestPatchLossGolden compares loss and gradients with PyTorch's.
func TestPatchLossGolden(t *testing.T) {
	raw, err := os.ReadFile("testdata/patchloss.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Shape                                    [4]int
		Weight                                   float32
		X, W, Bias, Targets, Loss, DX, DW, DBias []float32
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	l := &patchLoss{head: inspector.NewDetectorHead(g.Shape[2], g.Shape[3]-1), weight: g.Weight, targets: g.Targets}
	copy(l.head.W.Value, g.W)
	copy(l.head.B.Value, g.Bias)
	b := &nn.Batch{B: g.Shape[0], T: 1 + g.Shape[1]}
	var y [1]float32
	if err := l.Forward(y[:], g.X, b); err != nil {
		t.Fatal(err)
	}
	dx := normals(len(g.X), 5) // what is there before doesn't matter
	if err := l.Backward(dx, []float32{1}, g.X, y[:], b); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ got, want []float32 }{
		"loss": {y[:], g.Loss}, "dx": {dx, g.DX}, "dw": {l.head.W.Grad, g.DW}, "dbias": {l.head.B.Grad, g.DBias},
	} {
		if len(c.got) != len(c.want) {
			t.Fatalf("%s: got %d values, want %d", name, len(c.got), len(c.want))
		}
		for i, v := range c.got {
			if math.Abs(float64(v-c.want[i])) > 2e-6 {
				t.Errorf("%s %d: got %g, want %g", name, i, v, c.want[i])
			}
		}
	}
}

// TestPatchLossGradients compares with central differences of the float32 forward pass, whose rounding stays below a hundredth of the gradients.
func TestPatchLossGradients(t *testing.T) {
	l := &patchLoss{head: inspector.NewDetectorHead(6, 3), weight: 2.5}
	copy(l.head.W.Value, normals(24, 1))
	copy(l.head.B.Value, normals(4, 2))
	b := &nn.Batch{B: 2, T: 4}
	l.targets = targets(6, 4, 3)
	x := normals(2*4*6, 4)
	forward := func() float64 {
		var y [1]float32
		if err := l.Forward(y[:], x, b); err != nil {
			t.Fatal(err)
		}
		return float64(y[0])
	}
	forward()
	const scale = 3 // of the loss's gradient
	dx := make([]float32, len(x))
	if err := l.Backward(dx, []float32{scale}, x, nil, b); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ value, grad []float32 }{
		"x": {x, dx}, "weight": {l.head.W.Value, l.head.W.Grad}, "bias": {l.head.B.Value, l.head.B.Grad},
	} {
		for i := range c.value {
			const h = 1.0 / 64
			was := c.value[i]
			c.value[i] = was + h
			up := forward()
			c.value[i] = was - h
			down := forward()
			c.value[i] = was
			if want := scale * (up - down) / (2 * h); math.Abs(want-float64(c.grad[i])) > 1e-3 {
				t.Errorf("%s %d: got %g, want %g", name, i, c.grad[i], want)
			}
		}
	}
}

func TestPatchLossIsFinite(t *testing.T) {
	l := &patchLoss{head: inspector.NewDetectorHead(1, 1), weight: 1, targets: []float32{1, 0, 0, 1}}
	l.head.W.Value[0], l.head.W.Value[1] = 1e4, -1e4
	var y [1]float32
	if err := l.Forward(y[:], []float32{0, -1, 1}, &nn.Batch{B: 1, T: 3}); err != nil || math.Abs(float64(y[0])-2e4) > 1 {
		t.Errorf("got %g, %v, want 20000", y[0], err)
	}
	if err := l.Forward(y[:], []float32{0, -1, 1}, &nn.Batch{B: 1, T: 2}); err == nil {
		t.Error("targets of another size: no error")
	}
}

func normals(n int, key uint64) []float32 {
	s, x := random.New(key), make([]float32, n)
	for i := range x {
		x[i] = float32(s.Normal())
	}
	return x
}

// targets are n rows of k shares.
func targets(n, k int, key uint64) []float32 {
	s, all := random.New(key), make([]float32, n*k)
	for i := range n {
		sum := float32(0)
		for j := range k {
			all[i*k+j] = float32(s.Float64())
			sum += all[i*k+j]
		}
		for j := range k {
			all[i*k+j] /= sum
		}
	}
	return all
}
