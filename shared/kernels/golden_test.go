package kernels

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
)

// What two implementations in float32 may differ by, for results of size 1; cmd/bench/golden/rows.py makes the other.
const (
	goldenTolerance     = 1e-6
	goldenNormTolerance = 3e-6 // gradients are sums of several terms of size 10
)

type golden struct {
	N, C, D, Steps                                          int
	Eps, Scale, LR, Beta1, Beta2                            float64
	WeightDecay                                             float64 `json:"weight_decay"`
	X, Y, DX, DY, Gamma, Beta, DGamma, DBeta, Loss, P, M, V []float32
	Gradients, After                                        []float32
	Targets                                                 []int32
}

func readGolden(t *testing.T) map[string]golden {
	t.Helper()
	data, err := os.ReadFile("testdata/rows.json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	delete(raw, "torch")
	all := map[string]golden{}
	for name, message := range raw {
		var g golden
		if err := json.Unmarshal(message, &g); err != nil {
			t.Fatal(name, err)
		}
		all[name] = g
	}
	return all
}

func TestGoldenActivations(t *testing.T) {
	all := readGolden(t)
	for name, f := range map[string]struct {
		forward  func(y, x []float32)
		backward func(dx, dy, x []float32)
	}{
		"gelu": {GELU, GELUBackward}, "gelu_tanh": {GELUTanh, GELUTanhBackward}, "silu": {SiLU, SiLUBackward}, "tanh": {TanhForward, nil},
	} {
		g := all[name]
		y := make([]float32, len(g.X))
		f.forward(y, g.X)
		near(t, name, y, kerneltest.Widen(g.Y), goldenTolerance)
		for i := range y {
			y[i] = 1
		}
		if f.backward == nil {
			TanhBackward(y, y, g.Y)
		} else {
			f.backward(y, y, g.X)
		}
		near(t, name+" slope", y, kerneltest.Widen(g.DX), goldenTolerance)
	}
}

func TestGoldenRows(t *testing.T) {
	all := readGolden(t)
	g := all["layer_norm"]
	y, dx, mean, rstd := make([]float32, len(g.X)), make([]float32, len(g.X)), make([]float32, g.N), make([]float32, g.N)
	dgamma, dbeta := make([]float32, g.D), make([]float32, g.D)
	LayerNorm(y, mean, rstd, g.X, g.Gamma, g.Beta, g.N, g.D, float32(g.Eps))
	near(t, "layer norm", y, kerneltest.Widen(g.Y), goldenNormTolerance)
	LayerNormBackward(dx, dgamma, dbeta, g.DY, g.X, g.Gamma, mean, rstd, g.N, g.D, false)
	near(t, "layer norm dx", dx, kerneltest.Widen(g.DX), goldenNormTolerance)
	near(t, "layer norm dgamma", dgamma, kerneltest.Widen(g.DGamma), goldenNormTolerance)
	near(t, "layer norm dbeta", dbeta, kerneltest.Widen(g.DBeta), goldenNormTolerance)

	g = all["softmax"]
	y, dx = make([]float32, len(g.X)), make([]float32, len(g.X))
	Softmax(y, g.X, g.N, g.C)
	near(t, "softmax", y, kerneltest.Widen(g.Y), goldenTolerance)
	SoftmaxBackward(dx, g.DY, y, g.N, g.C, false)
	near(t, "softmax dx", dx, kerneltest.Widen(g.DX), goldenTolerance)

	g = all["cross_entropy"]
	loss, dx := make([]float32, g.N), make([]float32, len(g.X))
	CrossEntropy(dx, loss, g.X, g.Targets, float32(g.Scale), g.N, g.C)
	near(t, "cross-entropy", loss, kerneltest.Widen(g.Loss), goldenTolerance)
	near(t, "cross-entropy dx", dx, kerneltest.Widen(g.DX), goldenTolerance)
}

// TestGoldenAdamW follows PyTorch over 20 steps with gradients from 1e-4 to 1e2 in size.
func TestGoldenAdamW(t *testing.T) {
	g := readGolden(t)["adamw"]
	p, m, v := append([]float32(nil), g.P...), make([]float32, g.N), make([]float32, g.N)
	s := AdamWStep{
		LR: float32(g.LR), Beta1: float32(g.Beta1), Beta2: float32(g.Beta2), Eps: float32(g.Eps),
		WeightDecay: float32(g.WeightDecay), GradScale: 0.5,
	}
	for step := range g.Steps {
		s.Correction1 = float32(1 - math.Pow(float64(s.Beta1), float64(step+1)))
		s.Correction2 = float32(1 - math.Pow(float64(s.Beta2), float64(step+1)))
		d := append([]float32(nil), g.Gradients[step*g.N:(step+1)*g.N]...)
		Scale(d, 2) // undone by GradScale
		AdamW(p, m, v, d, s)
		near(t, "p", p, kerneltest.Widen(g.After[step*g.N:(step+1)*g.N]), goldenTolerance)
	}
	near(t, "m", m, kerneltest.Widen(g.M), goldenTolerance)
	// 1 - 0.999 is 0.001 to 1.3e-5 of itself when 0.999 is a float32.
	near(t, "v", v, kerneltest.Widen(g.V), 2e-5)
}
