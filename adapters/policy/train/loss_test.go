package train

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// golden is testdata/ppo.json, which testdata/ppo.py makes with PyTorch.
type golden struct {
	Torch  string `json:"torch"`
	Losses []struct {
		Discrete     bool      `json:"discrete"`
		Clip         float32   `json:"clip"`
		ClipValue    float32   `json:"clip_value"`
		Value        float32   `json:"value"`
		Entropy      float32   `json:"entropy"`
		X            []float32 `json:"x"`
		W            []float32 `json:"w"`
		B            []float32 `json:"b"`
		WV           []float32 `json:"wv"`
		BV           []float32 `json:"bv"`
		S            []float32 `json:"s"`
		Choices      []float32 `json:"choices"`
		LogProbs     []float32 `json:"log_probs"`
		Advantages   []float32 `json:"advantages"`
		Returns      []float32 `json:"returns"`
		Values       []float32 `json:"values"`
		Loss         float64   `json:"loss"`
		KL           float64   `json:"kl"`
		ClippedShare float64   `json:"clipped"`
		DX           []float64 `json:"dx"`
		DW           []float64 `json:"dw"`
		DB           []float64 `json:"db"`
		DWV          []float64 `json:"dwv"`
		DBV          []float64 `json:"dbv"`
		DS           []float64 `json:"ds"`
	} `json:"losses"`
	GAE struct {
		N          int       `json:"n"`
		Gamma      float64   `json:"gamma"`
		Lambda     float64   `json:"gae_lambda"`
		Rewards    []float64 `json:"rewards"`
		Values     []float32 `json:"values"`
		Next       []float32 `json:"next"`
		Ended      []bool    `json:"ended"`
		Advantages []float64 `json:"advantages"`
		Returns    []float64 `json:"returns"`
	} `json:"gae"`
}

func readGolden(t *testing.T) *golden {
	t.Helper()
	raw, err := os.ReadFile("testdata/ppo.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return &g
}

// about is an environment with three whole numbers, or vectors of three.
func about(discrete bool) *rl.Environment {
	e := &rl.Environment{ID: "test", Observation: []int{2}}
	if discrete {
		e.Actions = 3
	} else {
		e.Low, e.High = []float32{-1, -2, -3}, []float32{1, 2, 3}
	}
	return e
}

// near says whether float32s are as the float64s, within some roundings of numbers about 1.
func near(t *testing.T, name string, got []float32, want []float64) {
	t.Helper()
	const tolerance = 2e-5
	if len(got) != len(want) {
		t.Fatalf("%s: got %d numbers, want %d", name, len(got), len(want))
	}
	for i, v := range got {
		if math.Abs(float64(v)-want[i]) > tolerance*max(1, math.Abs(want[i])) {
			t.Errorf("%s: number %d: got %g, want %g", name, i, v, want[i])
		}
	}
}

func TestSurrogateGolden(t *testing.T) {
	for i, g := range readGolden(t).Losses {
		name := fmt.Sprintf("loss %d", i)
		a := policy.Actions{About: about(g.Discrete)}
		h := policy.NewHead(a, 8, 1)
		copy(h.Action.W.Value, g.W)
		copy(h.Action.B.Value, g.B)
		copy(h.Value.W.Value, g.WV)
		copy(h.Value.B.Value, g.BV)
		copy(h.LogDeviations(), g.S)
		l := &surrogate{
			head: h, actions: a, clip: g.Clip, value: g.Value, entropy: g.Entropy, clipValue: g.ClipValue,
			choices: g.Choices, logProbs: g.LogProbs, advantages: g.Advantages, returns: g.Returns, values: g.Values,
		}
		var y [1]float32
		b := &nn.Batch{B: 16, T: 1}
		dx := make([]float32, len(g.X))
		if err := l.Forward(y[:], g.X, b); err != nil {
			t.Fatal(err)
		}
		if err := l.Backward(dx, []float32{1}, g.X, y[:], b); err != nil {
			t.Fatal(err)
		}
		near(t, name, y[:], []float64{g.Loss})
		near(t, name+": kl, clipped", []float32{float32(l.kl), float32(l.clipped)}, []float64{g.KL, g.ClippedShare})
		near(t, name+": dx", dx, g.DX)
		near(t, name+": dw", h.Action.W.Grad, g.DW)
		near(t, name+": db", h.Action.B.Grad, g.DB)
		near(t, name+": dwv", h.Value.W.Grad, g.DWV)
		near(t, name+": dbv", h.Value.B.Grad, g.DBV)
		if !g.Discrete {
			near(t, name+": ds", h.LogDeviation.Grad, g.DS)
		}
	}
}

func TestEstimateGolden(t *testing.T) {
	g := readGolden(t).GAE
	n := len(g.Rewards)
	advantages, returns := make([]float32, n), make([]float32, n)
	estimate(advantages, returns, g.Values, g.Next, g.Rewards, g.Ended, g.N, g.Gamma, g.Lambda)
	near(t, "advantages", advantages, g.Advantages)
	near(t, "returns", returns, g.Returns)
}

// reference64 is the loss of PPO in float64, written from the paper.
func reference64(l *surrogate, x []float64, w [5][]float64) float64 {
	d, a, n := len(w[3]), len(w[1]), len(l.advantages)
	total := 0.0
	for i := range n {
		out := make([]float64, a)
		v := w[4][0]
		for j := range out {
			out[j] = w[1][j]
			for k := range d {
				out[j] += w[0][j*d+k] * x[i*d+k]
			}
		}
		for k := range d {
			v += w[3][k] * x[i*d+k]
		}
		lp, entropy := 0.0, 0.0
		if l.actions.Discrete() {
			sum := 0.0
			for _, o := range out {
				sum += math.Exp(o)
			}
			lp = out[int(l.choices[i])] - math.Log(sum)
			for _, o := range out {
				entropy -= math.Exp(o) / sum * (o - math.Log(sum))
			}
		} else {
			for j, o := range out {
				z := (float64(l.choices[i*a+j]) - o) / math.Exp(w[2][j])
				lp -= z*z/2 + w[2][j] + math.Log(2*math.Pi)/2
				entropy += w[2][j] + math.Log(2*math.Pi*math.E)/2
			}
		}
		r, adv := math.Exp(lp-float64(l.logProbs[i])), float64(l.advantages[i])
		clip := min(max(r, 1-float64(l.clip)), 1+float64(l.clip))
		total += max(-adv*r, -adv*clip) - float64(l.entropy)*entropy + float64(l.value)/2*math.Pow(v-float64(l.returns[i]), 2)
	}
	return total / float64(n)
}

// TestSurrogateGradient holds the gradients against central differences of the reference in float64.
func TestSurrogateGradient(t *testing.T) {
	const n, d = 7, 5
	for _, discrete := range []bool{true, false} {
		a := policy.Actions{About: about(discrete)}
		h := policy.NewHead(a, d, 3)
		s := random.New(11)
		draw := func(k int, scale float64) []float32 {
			x := make([]float32, k)
			for i := range x {
				x[i] = float32(scale * s.Normal())
			}
			return x
		}
		for _, p := range h.Params() {
			copy(p.Value, draw(len(p.Value), 0.4))
		}
		l := &surrogate{
			head: h, actions: a, clip: 0.2, value: 0.7, entropy: 0.05,
			choices: draw(n*a.Size(), 1), logProbs: make([]float32, n), advantages: draw(n, 1), returns: draw(n, 1), values: draw(n, 1),
		}
		x := draw(n*d, 1)
		outputs := make([]float32, n*a.Outputs())
		b := &nn.Batch{B: n, T: 1}
		if err := h.Action.Forward(outputs, x, n, b); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if discrete {
				l.choices[i] = float32(i % 3)
			}
			l.logProbs[i] = a.LogProb(l.choices[i*a.Size():(i+1)*a.Size()], outputs[i*3:(i+1)*3], h.LogDeviations()) + draw(1, 0.3)[0]
		}
		var y [1]float32
		dx := make([]float32, n*d)
		if err := l.Forward(y[:], x, b); err != nil {
			t.Fatal(err)
		}
		if err := l.Backward(dx, []float32{1}, x, y[:], b); err != nil {
			t.Fatal(err)
		}
		w := [5][]float64{wide(h.Action.W.Value), wide(h.Action.B.Value), wide(h.LogDeviations()), wide(h.Value.W.Value), wide(h.Value.B.Value)}
		x64 := wide(x)
		f := func() float64 { return reference64(l, x64, w) }
		near(t, "loss", y[:], []float64{f()})
		near(t, "x", dx, differences(x64, f))
		grads := [5][]float32{h.Action.W.Grad, h.Action.B.Grad, nil, h.Value.W.Grad, h.Value.B.Grad}
		if !discrete {
			grads[2] = h.LogDeviation.Grad
		}
		for i, g := range grads {
			near(t, fmt.Sprintf("discrete %v, parameter %d", discrete, i), g, differences(w[i], f))
		}
	}
}

// TestImitationGradient does the same for cloning, with tokens of other kinds and a window that ends early.
func TestImitationGradient(t *testing.T) {
	const windows, steps, each, d = 2, 3, 3, 4
	for _, discrete := range []bool{true, false} {
		a := policy.Actions{About: about(discrete)}
		h := policy.NewHead(a, d, 3)
		s := random.New(5)
		draw := func(x []float32, scale float64) {
			for i := range x {
				x[i] = float32(scale * s.Normal())
			}
		}
		for _, p := range h.Action.Params() {
			draw(p.Value, 0.5)
		}
		l := &imitation{head: h, actions: a, each: each, place: 1}
		counts := []bool{true, true, true, true, true, false}
		if discrete {
			l.labels = []int32{0, 2, 1, 1, 0, nn.IgnoreLabel}
		} else {
			l.counts, l.targets = counts, make([]float32, 6*3)
			draw(l.targets, 0.3)
		}
		x := make([]float32, windows*steps*each*d)
		draw(x, 1)
		b := &nn.Batch{B: windows, T: steps * each}
		var y [1]float32
		dx := make([]float32, len(x))
		if err := l.Forward(y[:], x, b); err != nil {
			t.Fatal(err)
		}
		if err := l.Backward(dx, []float32{1}, x, y[:], b); err != nil {
			t.Fatal(err)
		}
		x64, w, bias := wide(x), wide(h.Action.W.Value), wide(h.Action.B.Value)
		f := func() float64 {
			total := 0.0
			for m, counts := range counts {
				if !counts {
					continue
				}
				out, sum := make([]float64, 3), 0.0
				for j := range out {
					out[j] = bias[j]
					for k := range d {
						out[j] += w[j*d+k] * x64[(m*each+1)*d+k]
					}
					sum += math.Exp(out[j])
				}
				if discrete {
					total -= (out[l.labels[m]] - math.Log(sum)) / 5
					continue
				}
				for j, o := range out {
					total += math.Pow(math.Tanh(o)-float64(l.targets[m*3+j]), 2) / 15
				}
			}
			return total
		}
		near(t, "loss", y[:], []float64{f()})
		near(t, "x", dx, differences(x64, f))
		near(t, "w", h.Action.W.Grad, differences(w, f))
		near(t, "b", h.Action.B.Grad, differences(bias, f))
	}
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// differences are the central differences of f by x.
func differences(x []float64, f func() float64) []float64 {
	const h = 1e-5
	g := make([]float64, len(x))
	for i, v := range x {
		x[i] = v + h
		up := f()
		x[i] = v - h
		g[i] = (up - f()) / (2 * h)
		x[i] = v
	}
	return g
}
