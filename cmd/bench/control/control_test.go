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
	"github.com/fmkit/fmkit/rl/env"
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

func TestGrid(t *testing.T) {
	got, err := parseGrid("1e-3:100,0.01:7")
	if err != nil || gridText(got) != "0.001:100,0.01:7" {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"", "1", "1:0", "x:1", "2:1", "1e-3:100,"} {
		if _, err := parseGrid(bad); err == nil {
			t.Errorf("%q: got no error", bad)
		}
	}
}

// TestChoose holds that an arm takes the point of the grid that returned most, by the results that are there.
func TestChoose(t *testing.T) {
	b := &bench{out: t.TempDir(), shots: []int{1, 5}, grid: []point{{1e-3, 100}, {3e-4, 400}}}
	if err := os.Mkdir(filepath.Join(b.out, "grid"), 0o755); err != nil {
		t.Fatal(err)
	}
	for k, returns := range map[int][2]float64{1: {10, 14}, 5: {20, 18}} {
		for i, p := range b.grid {
			raw, err := json.Marshal(result{Returns: []float64{returns[i]}})
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("X-v0.%d.plain.%g.%d.json", k, p.lr, p.steps)
			if err := os.WriteFile(filepath.Join(b.out, "grid", name), raw, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, err := b.choose(t.Context(), nil, "X-v0", fromPlain); err != nil || got != b.grid[1] {
		t.Errorf("got %v, %v, want %v", got, err, b.grid[1])
	}
}

// TestSorted: what the camera sees is what the script sorts, without a mistake.
func TestSorted(t *testing.T) {
	if err := sortedWell(t.Context(), 1, 3, func(e *trajectory.Episode) error {
		if e.Return() != 20 || len(e.Observations) != (e.Len()+1)*64*64*3 || len(e.Actions) != e.Len() {
			t.Errorf("got a return of %g in %d steps", e.Return(), e.Len())
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestPhysics: what is changed goes another way, and what isn't does not.
func TestPhysics(t *testing.T) {
	for _, id := range []string{"CartPole-v1", "Pendulum-v1", "SortingCell-v0"} {
		var last [2][]float32
		for i, changed := range []bool{false, true} {
			e, err := physics(id, changed)
			if err != nil {
				t.Fatal(err)
			}
			x, action := make([]float32, e.ObservationSpace().Size()), make([]float32, 1)
			if _, err := e.Reset(x, 1, nil); err != nil {
				t.Fatal(err)
			}
			for range 6 {
				if _, err := e.Step(x, action); err != nil {
					t.Fatal(err)
				}
			}
			last[i] = x
		}
		if fmt.Sprint(last[0]) == fmt.Sprint(last[1]) {
			t.Errorf("%s: got the same observation %v", id, last[0])
		}
	}
	if _, err := physics("Acrobot-v1", true); err == nil {
		t.Error("got no error")
	}
}

// TestMasks trains and scores models of ten steps on random episodes.
func TestMasks(t *testing.T) {
	dir := t.TempDir()
	e, err := rl.Make("CartPole-v1")
	if err != nil {
		t.Fatal(err)
	}
	about := trajectory.Meta{Environment: "CartPole-v1", Observation: e.ObservationSpace(), Action: e.ActionSpace()}
	if err := trajectory.Create(filepath.Join(dir, "data"), about, trajectory.StoreConfig{}, func(w *trajectory.Writer) error {
		_, err := trajectory.Record(t.Context(), func() (env.Env, error) { return rl.Make("CartPole-v1") },
			func() (trajectory.Player, error) { return trajectory.Random(e.ActionSpace(), 1), nil }, trajectory.RecordConfig{Episodes: 20}, w.Add)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	m := masks{out: filepath.Join(dir, "out"), data: filepath.Join(dir, "data"), seeds: 1, steps: 20, play: 1}
	if err := m.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := printMasks(&out, m.out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"CartPole-v1 | return | 1 |", "| forward error | 1 |", "| inverse | 1 |", "| anomaly AUROC | 1 |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
