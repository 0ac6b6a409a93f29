package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/trajectory"
	textmini "github.com/fmkit/fmkit/text/mini"
)

// TestReading: matrices are those of the texts' encoder, norms and projections aren't.
func TestReading(t *testing.T) {
	words, err := textmini.Load()
	if err != nil {
		t.Fatal(err)
	}
	e, err := rl.Make("CartPole-v1")
	if err != nil {
		t.Fatal(err)
	}
	m, err := reading(words, trajectory.Meta{Environment: "CartPole-v1", Observation: e.ObservationSpace(), Action: e.ActionSpace()}, 1)
	if err != nil {
		t.Fatal(err)
	}
	from, to := words.Encoder.Blocks[0].FeedForward.Down, m.Encoder.Blocks[0].FeedForward.Down
	if from.W.Value[7] == 0 || from.W.Value[7] != to.W.Value[7] || from.B.Value[7] != to.B.Value[7] {
		t.Errorf("got %g and %g, want %g and %g", to.W.Value[7], to.B.Value[7], from.W.Value[7], from.B.Value[7])
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
