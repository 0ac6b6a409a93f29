package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	textmini "github.com/fmkit/fmkit/text/mini"
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
	answer, err := learnPlain(signs(t, 200), 500, 1e-2, 1)
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float32, 4)
	if err := answer(y, []float32{0.7, 0, -0.7, 0}, 2); err != nil {
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
		if err := p.forward(outputs, x, 3); err != nil {
			t.Fatal(err)
		}
		kernels.CrossEntropy(d, losses, outputs, labels, 1./3, 3, 3)
		return (float64(losses[0]) + float64(losses[1]) + float64(losses[2])) / 3
	}
	for _, v := range p.params() {
		v.NeedGrad()
	}
	nn.ZeroGrad(p.params())
	d := make([]float32, 9)
	loss(d)
	if err := p.backward(d, 3); err != nil {
		t.Fatal(err)
	}
	for _, v := range p.params() {
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

// TestReading: matrices are those of the texts' encoder, norms and projections aren't.
func TestReading(t *testing.T) {
	words, err := textmini.Load()
	if err != nil {
		t.Fatal(err)
	}
	m, err := reading(words, signs(t, 3).About, 1)
	if err != nil {
		t.Fatal(err)
	}
	from, to := words.Encoder.Blocks[0].FeedForward.Down, m.Encoder.Blocks[0].FeedForward.Down
	if from.W.Value[7] == 0 || from.W.Value[7] != to.W.Value[7] || from.B.Value[7] != to.B.Value[7] {
		t.Errorf("got %g and %g, want %g and %g", to.W.Value[7], to.B.Value[7], from.W.Value[7], from.B.Value[7])
	}
}

// TestPlay: a policy that always pushes to the left.
func TestPlay(t *testing.T) {
	got, err := play(t.Context(), "CartPole-v1", firstSeed, 3, func(y, _ []float32, n int) error {
		for i := range n {
			y[2*i], y[2*i+1] = 1, 0
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := rl.Make("CartPole-v1")
	if err != nil {
		t.Fatal(err)
	}
	var want []float64
	if err := rl.Rollout(t.Context(), e, func(_, a []float32) { a[0] = 0 }, firstSeed, 3, func(e rl.Episode) error {
		want = append(want, e.Return)
		return nil
	}); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v and %v, want %v", got, err, want)
	}
}

func TestTable(t *testing.T) {
	dir := t.TempDir()
	for seed := range 3 {
		for i, a := range armNames() {
			if seed == 2 && i > 0 { // not whole
				continue
			}
			raw, err := json.Marshal(result{Target: "X-v0", Shots: 5, Seed: seed, Arm: a, Returns: []float64{float64(10 - i), float64(20 - i)}})
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d-%d.json", seed, i)), raw, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out bytes.Buffer
	if err := printTable(&out, dir); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| X-v0 | 5 | 2 | 15 [15, 15] | 14 [14, 14] |", "rl/mini minus plain:\n  X-v0, 5: +5.0 [+5.0, +5.0]\n  more in 1, less in 0 of 1"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
