package train

import (
	"math"
	"testing"

	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// signs is an episode whose action tells the sign of its first number.
func signs(t *testing.T, n int) *trajectory.Memory {
	t.Helper()
	seen, err := spaces.NewBoxOf(-10, 10, spaces.Float32, 2)
	if err != nil {
		t.Fatal(err)
	}
	acts, err := spaces.NewDiscrete(2)
	if err != nil {
		t.Fatal(err)
	}
	var e trajectory.Episode
	for i := range n + 1 {
		x := float32(math.Sin(float64(i)))
		e.Observations = append(e.Observations, x, float32(math.Cos(float64(3*i))))
		if i < n {
			e.Actions, e.Rewards = append(e.Actions, float32(max(0, int(math.Copysign(1, float64(x)))))), append(e.Rewards, 1)
		}
	}
	return &trajectory.Memory{About: trajectory.Meta{Environment: "Signs-v0", Observation: seen, Action: acts}, Episodes: []trajectory.Episode{e}}
}

func TestPlainLearns(t *testing.T) {
	p, err := LearnPlain(t.Context(), signs(t, 200), PlainConfig{Steps: 500, Batch: 32, LR: 1e-2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float32, 4)
	if err := p.Observe(y, []float32{0.7, 0, -0.7, 0}, 2); err != nil {
		t.Fatal(err)
	}
	if y[1] <= y[0] || y[2] <= y[3] {
		t.Errorf("got logits %v, want the second action, then the first", y)
	}
}

// TestPlainGradient compares with central differences of the loss; float32 allows about 1e-3 of them.
func TestPlainGradient(t *testing.T) {
	p := newPlain(2, 3, 5)
	p.standardise([]float32{1, 2, -1, 4, 0.5, 3})
	x, labels := []float32{0.3, 2, -0.8, 3, 0.1, 4}, []int32{2, 0, 1}
	loss := func(d []float32) float64 {
		outputs, losses := make([]float32, 9), make([]float32, 3)
		if err := p.Observe(outputs, x, 3); err != nil {
			t.Fatal(err)
		}
		kernels.CrossEntropy(d, losses, outputs, labels, 1./3, 3, 3)
		return (float64(losses[0]) + float64(losses[1]) + float64(losses[2])) / 3
	}
	for _, v := range p.Params() {
		v.NeedGrad()
	}
	nn.ZeroGrad(p.Params())
	d := make([]float32, 9)
	loss(d)
	if err := p.backward(d, 3); err != nil {
		t.Fatal(err)
	}
	for _, v := range p.Params() {
		const h = 1e-2
		i := len(v.Value) / 2
		was := v.Value[i]
		v.Value[i] = was + h
		more := loss(make([]float32, 9))
		v.Value[i] = was - h
		less := loss(make([]float32, 9))
		v.Value[i] = was
		if want := (more - less) / (2 * h); math.Abs(want-float64(v.Grad[i])) > 1e-3 {
			t.Errorf("%s: got %g, want %g", v.Name, v.Grad[i], want)
		}
	}
}

// TestPlainVectors: vectors are learnt too, between their limits.
func TestPlainVectors(t *testing.T) {
	m := signs(t, 200)
	acts, err := spaces.NewBoxOf(-2, 2, spaces.Float32, 1)
	if err != nil {
		t.Fatal(err)
	}
	m.About.Action = acts
	for i, a := range m.Episodes[0].Actions {
		m.Episodes[0].Actions[i] = 2*a - 1
	}
	p, err := LearnPlain(t.Context(), m, PlainConfig{Steps: 500, Batch: 32, LR: 1e-2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float32, 2)
	if err := p.Observe(y, []float32{0.7, 0, -0.7, 0}, 2); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float32{1, -1} { // tanh, stretched to twice that
		if got := 2 * kernels.Tanh(y[i]); math.Abs(float64(got-want)) > 0.3 {
			t.Errorf("got the action %g, want about %g", got, want)
		}
	}
	m.Episodes = nil
	if _, err := LearnPlain(t.Context(), m, PlainConfig{Steps: 1, Batch: 1}); err == nil {
		t.Error("no episodes: got no error")
	}
}
