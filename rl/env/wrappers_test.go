package env_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
)

// An episode of Gymnasium's, by testdata/golden.py. After the end of one there is an observation of the reset.
type episode struct {
	Spaces       [2]string
	Actions      [][]float32
	Observations [][]float32
	Rewards      []float64
	Flags        [][2]bool
	Episodes     [][2]float64
}

func cartPole(t testing.TB) env.Env {
	return limited(t, classic.NewCartPole(classic.CartPoleConfig{}), 500)
}

func pendulum(t testing.TB) env.Env {
	return limited(t, classic.NewPendulum(classic.PendulumConfig{}), 7)
}

func limited(t testing.TB, e env.Env, steps int) env.Env {
	t.Helper()
	l, err := env.NewTimeLimit(e, steps)
	if err != nil {
		t.Fatal(err)
	}
	return env.Check(l)
}

// wrapped are the wrappers of testdata/golden.py.
func wrapped(t testing.TB) map[string]env.Env {
	t.Helper()
	var failed error
	keep := func(e env.Env, err error) env.Env {
		failed = errors.Join(failed, err)
		return e
	}
	all := map[string]env.Env{"TimeLimit": pendulum(t), "RecordEpisodeStatistics": env.NewRecordEpisodeStatistics(cartPole(t), 10, nil)}
	observation, err := env.NewNormalizeObservation(cartPole(t), 0)
	all["NormalizeObservation"] = keep(observation, err)
	reward, err := env.NewNormalizeReward(pendulum(t), 0.99, 0)
	all["NormalizeReward"] = keep(reward, err)
	clip, err := env.NewClipAction(pendulum(t))
	all["ClipAction"] = keep(clip, err)
	rescale, err := env.NewRescaleAction(pendulum(t), -0.5, 1)
	all["RescaleAction"] = keep(rescale, err)
	stack, err := env.NewFrameStack(cartPole(t), 3)
	all["FrameStack"] = keep(stack, err)
	if failed != nil {
		t.Fatal(failed)
	}
	return all
}

// TestAgainstGymnasium replays an episode in every wrapper. Rewards are within 1e-12, observations within an ulp of float32 at most: the
// states below differ by that.
func TestAgainstGymnasium(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden map[string]episode
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	for name, e := range wrapped(t) {
		c, ok := golden[name]
		if !ok {
			t.Fatalf("no golden values of %s", name)
		}
		if got := e.ActionSpace().String(); got != c.Spaces[1] {
			t.Errorf("%s: action space: got %s, want %s", name, got, c.Spaces[1])
		}
		observation := make([]float32, e.ObservationSpace().Size())
		check := func() {
			t.Helper()
			for i, v := range observation {
				if want := c.Observations[0][i]; math.Abs(float64(v-want)) > 1.2e-7*max(1, math.Abs(float64(want))) {
					t.Errorf("%s: %d observations before the end: got %v, want %v", name, len(c.Observations), observation, c.Observations[0])
					break
				}
			}
			c.Observations = c.Observations[1:]
		}
		if _, err := e.Reset(observation, 5, nil); err != nil {
			t.Fatal(err)
		}
		check()
		for i, a := range c.Actions {
			o, err := e.Step(observation, a)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			check()
			if math.Abs(o.Reward-c.Rewards[i]) > 1e-12 {
				t.Errorf("%s: step %d: got reward %v, want %v", name, i, o.Reward, c.Rewards[i])
			}
			if got := [2]bool{o.Terminated, o.Truncated}; got != c.Flags[i] {
				t.Errorf("%s: step %d: got flags %v, want %v", name, i, got, c.Flags[i])
			}
			if ended, ok := o.Info["episode"].(env.Episode); ok {
				if got := [2]float64{ended.Return, float64(ended.Length)}; len(c.Episodes) == 0 || got != c.Episodes[0] {
					t.Fatalf("%s: step %d: got episode %v, want %v", name, i, got, c.Episodes)
				}
				c.Episodes = c.Episodes[1:]
			}
			if o.Done() {
				if _, err := e.Reset(observation, env.Continue, nil); err != nil {
					t.Fatal(err)
				}
				check()
			}
		}
		if len(c.Observations) != 0 || len(c.Episodes) != 0 {
			t.Errorf("%s: %d observations and %d episodes are left", name, len(c.Observations), len(c.Episodes))
		}
	}
}

// TestFrozen holds that a frozen wrapper gives the same for the same.
func TestFrozen(t *testing.T) {
	n, err := env.NewNormalizeObservation(cartPole(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	first, again, thawed := make([]float32, 4), make([]float32, 4), make([]float32, 4)
	reset := func(x []float32) {
		t.Helper()
		if _, err := n.Reset(x, 3, nil); err != nil {
			t.Fatal(err)
		}
	}
	reset(first)
	n.Frozen = true
	reset(again)
	n.Frozen = false
	reset(thawed)
	if !slices.Equal(first, again) || slices.Equal(first, thawed) {
		t.Errorf("got %v, frozen %v, thawed %v", first, again, thawed)
	}
}

// TestRefused holds that wrappers refuse what they can't be.
func TestRefused(t *testing.T) {
	nan := math.NaN()
	for what, c := range map[string]struct {
		make func() error
		want error
	}{
		"no steps":            {func() error { _, err := env.NewTimeLimit(cartPole(t), 0); return err }, env.ErrOption},
		"clip a Discrete":     {func() error { _, err := env.NewClipAction(cartPole(t)); return err }, env.ErrSpace},
		"rescale a Discrete":  {func() error { _, err := env.NewRescaleAction(cartPole(t), 0, 1); return err }, env.ErrSpace},
		"rescale to a point":  {func() error { _, err := env.NewRescaleAction(pendulum(t), 1, 1); return err }, env.ErrOption},
		"rescale to NaN":      {func() error { _, err := env.NewRescaleAction(pendulum(t), float32(nan), 1); return err }, env.ErrOption},
		"rescale to infinity": {func() error { _, err := env.NewRescaleAction(pendulum(t), 0, float32(math.Inf(1))); return err }, env.ErrOption},
		"rescale without bounds": {func() error {
			c, err := env.NewClipAction(pendulum(t))
			if err != nil {
				return err
			}
			_, err = env.NewRescaleAction(c, 0, 1)
			return err
		}, env.ErrSpace},
		"no frames":        {func() error { _, err := env.NewFrameStack(cartPole(t), 0); return err }, env.ErrOption},
		"negative epsilon": {func() error { _, err := env.NewNormalizeObservation(cartPole(t), -1); return err }, env.ErrOption},
		"gamma above 1":    {func() error { _, err := env.NewNormalizeReward(cartPole(t), 1.5, 0); return err }, env.ErrOption},
		"gamma NaN":        {func() error { _, err := env.NewNormalizeReward(cartPole(t), nan, 0); return err }, env.ErrOption},
	} {
		if err := c.make(); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", what, err, c.want)
		}
	}
}

// TestAs finds environments inside.
func TestAs(t *testing.T) {
	e := cartPole(t)
	if _, ok := env.As[*classic.CartPole](e); !ok {
		t.Error("no CartPole in CartPole")
	}
	if l, ok := env.As[*env.TimeLimit](e); !ok || l.Limit() != 500 {
		t.Error("no time limit of 500 in CartPole")
	}
	if _, ok := env.As[*classic.Acrobot](e); ok {
		t.Error("an Acrobot in CartPole")
	}
}

// TestStepMakesNoGarbage holds the promise of every wrapper's hot path.
func TestStepMakesNoGarbage(t *testing.T) {
	for name, e := range wrapped(t) {
		observation := make([]float32, e.ObservationSpace().Size())
		action := make([]float32, e.ActionSpace().Size())
		if n := testing.AllocsPerRun(50, func() {
			if _, err := e.Reset(observation, 1, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := e.Step(observation, action); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%s: a reset and a step allocate %v times", name, n)
		}
	}
}
