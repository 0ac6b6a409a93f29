package pretrain_test

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/pretrain"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/random"
)

// physics are the constants of a cart with a pole: those of CartPole-v1 are {9.8, 10, 0.5}.
type physics struct{ gravity, force, length float64 }

// swing records an episode of at most 40 steps under some physics, of a policy that pushes to where the pole falls and a fifth of the time anywhere.
func swing(p physics, seed uint64) trajectory.Episode {
	r := random.New(random.Key(seed, "swing"))
	s := [4]float64{}
	for i := range s {
		s[i] = 0.1*r.Float64() - 0.05
	}
	var e trajectory.Episode
	observe := func() {
		for _, v := range s {
			e.Observations = append(e.Observations, float32(v))
		}
	}
	observe()
	for len(e.Rewards) < 40 && math.Abs(s[0]) < 2.4 && math.Abs(s[2]) < 0.2095 {
		action := s[2]+s[3] > 0
		if r.Float64() < 0.2 {
			action = r.IntN(2) == 0
		}
		force, a := -p.force, float32(0)
		if action {
			force, a = p.force, 1
		}
		sin, cos := math.Sincos(s[2])
		temp := (force + 0.1*p.length*s[3]*s[3]*sin) / 1.1
		turn := (p.gravity*sin - cos*temp) / (p.length * (4.0/3 - 0.1*cos*cos/1.1))
		push := temp - 0.1*p.length*turn*cos/1.1
		s = [4]float64{s[0] + 0.02*s[1], s[1] + 0.02*push, s[2] + 0.02*s[3], s[3] + 0.02*turn}
		e.Actions, e.Rewards = append(e.Actions, a), append(e.Rewards, 1)
		observe()
	}
	e.Terminated = true
	return e
}

// TestAnswers: one small model of CartPole answers by the choice of a mask. It acts as those did who were recorded, knows the next observation and the action between
// two, and finds episodes under other physics.
func TestAnswers(t *testing.T) {
	c, err := pretrain.Default("tiny")
	if err != nil {
		t.Fatal(err)
	}
	c.Model.Hidden, c.Model.Intermediate, c.Model.Heads, c.Model.Context = 32, 64, 2, 4
	c.Model = c.Model.Defaults()
	c.Batch, c.Train.LR, c.Train.EvalEvery, c.Train.SaveEvery = 32, 5e-3, 0, 0
	c.Train = c.Train.WithSteps(answerSteps)
	dir := filepath.Join(t.TempDir(), "run")
	r := mustRun(t, c, pretrain.Options{Sources: []trajectory.Source{play(t, "CartPole-v1", 120, 60, 1, nil)}, Out: dir})
	t.Logf("held back: %v in %.1f s", r.Eval, r.Seconds)
	m, err := rl.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := m.Snapshot()
	fresh := play(t, "CartPole-v1", 30, 60, 1000, nil)

	t.Run("inverse", func(t *testing.T) {
		right, all := 0, 0
		action := make([]float32, 1)
		for _, e := range fresh.Episodes {
			for i := range e.Len() {
				if err := s.Inverse(action, 0, e.Observations[4*i:][:8]); err != nil {
					t.Fatal(err)
				}
				if all++; action[0] == e.Actions[i] {
					right++
				}
			}
		}
		if share := float64(right) / float64(all); share < 0.9 {
			t.Errorf("got %.3f of %d actions right, want at least 0.9, where chance is 0.5", share, all)
		} else {
			t.Logf("%.3f of %d actions", share, all)
		}
	})
	t.Run("recover", func(t *testing.T) {
		seen := &trajectory.Memory{About: fresh.About}
		for i, e := range fresh.Episodes {
			if i > 0 {
				e.Actions = nil
			}
			seen.Episodes = append(seen.Episodes, e)
		}
		got, err := pretrain.RecoverActions(t.Context(), m, seen)
		if err != nil || got.Len() != fresh.Len() || !slices.Equal(got.Episodes[0].Actions, fresh.Episodes[0].Actions) {
			t.Fatalf("got %v, want all episodes, and the one with actions as it was", err)
		}
		right, all := 0, 0
		for i, e := range got.Episodes[1:] {
			for j, a := range e.Actions {
				if all++; a == fresh.Episodes[i+1].Actions[j] {
					right++
				}
			}
		}
		if share := float64(right) / float64(all); share < 0.9 {
			t.Errorf("got %.3f of %d actions right, want at least 0.9", share, all)
		}
		strange := &trajectory.Memory{About: trajectory.Meta{Environment: "Acrobot-v1"}}
		if _, err := pretrain.RecoverActions(t.Context(), m, strange); !errors.Is(err, rl.ErrUnknown) {
			t.Errorf("another environment: got %v, want %v", err, rl.ErrUnknown)
		}
	})
	t.Run("forward", func(t *testing.T) {
		about, next := &m.Config.Environments[0], make([]float32, 4)
		wrong, still := 0.0, 0.0
		for _, e := range fresh.Episodes {
			for i := range e.Len() {
				from := max(0, i-2)
				h := rl.History{Observations: e.Observations[4*from : 4*(i+1)], Actions: e.Actions[from : i+1]}
				if err := s.Forward(next, 0, h); err != nil {
					t.Fatal(err)
				}
				for j, std := range about.Std {
					truth, now := e.Observations[4*(i+1)+j], e.Observations[4*i+j]
					wrong += math.Pow(float64((next[j]-truth)/std), 2)
					still += math.Pow(float64((now-truth)/std), 2)
				}
			}
		}
		if share := wrong / still; share > 0.35 {
			t.Errorf("the squared error is %.3f of that of predicting no change, want at most 0.35", share)
		} else {
			t.Logf("%.3f of the error of no change", share)
		}
	})
	t.Run("act", func(t *testing.T) {
		right, all := 0, 0
		action, scripted := make([]float32, 1), make([]float32, 1)
		spec, err := rl.Find("CartPole-v1")
		if err != nil {
			t.Fatal(err)
		}
		for n, e := range fresh.Episodes {
			if n%2 == 1 {
				continue // of random actions
			}
			for i := 3; i < e.Len(); i++ {
				h := rl.History{Observations: e.Observations[4*(i-3) : 4*(i+1)], Actions: e.Actions[i-3 : i]}
				if err := s.Act(action, 0, h); err != nil {
					t.Fatal(err)
				}
				spec.Scripted(e.Observations[4*i:][:4], scripted)
				if all++; action[0] == scripted[0] {
					right++
				}
			}
		}
		if share := float64(right) / float64(all); share < 0.7 {
			t.Errorf("%.3f of %d actions are those of the scripted policy, want at least 0.7", share, all)
		} else {
			t.Logf("%.3f of %d actions are the scripted policy's", share, all)
		}
	})
	for name, other := range map[string]physics{"longer pole": {9.8, 10, 1}, "weaker motor": {9.8, 6, 0.5}, "reversed motor": {9.8, -10, 0.5}} {
		t.Run("anomaly, "+name, func(t *testing.T) {
			var truth []bool
			var score []float64
			for seed := range uint64(60) {
				p := physics{9.8, 10, 0.5}
				if seed%2 == 1 {
					p = other
				}
				e := swing(p, seed)
				scores := make([]float64, e.Len())
				if err := s.Anomaly(scores, 0, e.Observations, e.Actions); err != nil {
					t.Fatal(err)
				}
				sum := 0.0
				for _, v := range scores {
					sum += v
				}
				truth, score = append(truth, seed%2 == 1), append(score, sum/float64(len(scores)))
			}
			ranking, err := metrics.Rank(truth, score)
			if err != nil {
				t.Fatal(err)
			}
			if a := ranking.ROCAUC(); a < 0.8 {
				t.Errorf("got an area under the curve of %.3f, want at least 0.8", a)
			} else {
				t.Logf("area under the curve %.3f", a)
			}
		})
	}
}

// answerSteps are enough for the bars.
const answerSteps = 800
