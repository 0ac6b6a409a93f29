package env_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
)

// TestContract holds every misuse to its error, and the environment to what it was.
func TestContract(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	x, one := make([]float32, 4), []float32{1}
	fresh := cartPole(t)
	if _, err := fresh.Step(x, one); !errors.Is(err, env.ErrResetNeeded) {
		t.Errorf("a step before the first reset: got %v, want %v", err, env.ErrResetNeeded)
	}
	raw := classic.NewCartPole(classic.CartPoleConfig{})
	if _, err := raw.Step(x, one); !errors.Is(err, env.ErrResetNeeded) {
		t.Errorf("a step before the first reset, without Check: got %v, want %v", err, env.ErrResetNeeded)
	}
	if _, err := fresh.Reset(x, 1, env.Options{"low": 2}); !errors.Is(err, env.ErrOption) {
		t.Errorf("low above high: got %v, want %v", err, env.ErrOption)
	}
	if _, err := fresh.Step(x, one); !errors.Is(err, env.ErrResetNeeded) {
		t.Errorf("a step after a reset that failed: got %v, want %v", err, env.ErrResetNeeded)
	}
	for what, c := range map[string]struct {
		x       []float32
		seed    int64
		options env.Options
		want    error
	}{
		"a short slice":     {x[:3], 1, nil, env.ErrObservation},
		"no slice":          {nil, 1, nil, env.ErrObservation},
		"a negative seed":   {x, -2, nil, env.ErrSeed},
		"an unknown option": {x, 1, env.Options{"lo": 0}, env.ErrOption},
		"infinite bounds":   {x, 1, env.Options{"high": math.Inf(1)}, env.ErrOption},
		"NaN":               {x, 1, env.Options{"high": math.NaN()}, env.ErrOption},
	} {
		if _, err := fresh.Reset(c.x, c.seed, c.options); !errors.Is(err, c.want) {
			t.Errorf("reset with %s: got %v, want %v", what, err, c.want)
		}
	}
	e, same := cartPole(t), cartPole(t)
	reset(t, e, x, 1)
	reset(t, same, make([]float32, 4), 1)
	for what, c := range map[string]struct {
		x, action []float32
		want      error
	}{
		"a short slice":    {x[:3], one, env.ErrObservation},
		"action 2 of 2":    {x, []float32{2}, env.ErrAction},
		"action -1":        {x, []float32{-1}, env.ErrAction},
		"half an action":   {x, []float32{0.5}, env.ErrAction},
		"NaN":              {x, []float32{nan}, env.ErrAction},
		"two actions":      {x, []float32{0, 0}, env.ErrAction},
		"no action":        {x, nil, env.ErrAction},
		"an infinite push": {x, []float32{inf}, env.ErrAction},
	} {
		for _, e := range []env.Env{e, raw} {
			if e == env.Env(raw) {
				reset(t, e, make([]float32, 4), 1)
			}
			if _, err := e.Step(c.x, c.action); !errors.Is(err, c.want) {
				t.Errorf("step with %s: got %v, want %v", what, err, c.want)
			}
		}
	}
	y := make([]float32, 4)
	step(t, e, x, one)
	step(t, same, y, one)
	if !slices.Equal(x, y) {
		t.Error("refused steps changed the environment")
	}
	for !step(t, e, x, one).Done() {
	}
	if _, err := e.Step(x, one); !errors.Is(err, env.ErrResetNeeded) {
		t.Errorf("a step after the end: got %v, want %v", err, env.ErrResetNeeded)
	}
}

// TestBoxActions holds that numbers beyond a Box's bounds are clipped, and numbers that are none refused.
func TestBoxActions(t *testing.T) {
	x, y := make([]float32, 3), make([]float32, 3)
	a, b := pendulum(t), pendulum(t)
	reset(t, a, x, 1)
	reset(t, b, y, 1)
	step(t, a, x, []float32{100})
	step(t, b, y, []float32{2})
	if !slices.Equal(x, y) {
		t.Errorf("torque 100 gives %v, torque 2 %v", x, y)
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, err := a.Step(x, []float32{float32(v)}); !errors.Is(err, env.ErrAction) {
			t.Errorf("torque %v: got %v, want %v", v, err, env.ErrAction)
		}
	}
}

// TestContinue holds that an environment without a seed begins as with seed 0 and goes on from there.
func TestContinue(t *testing.T) {
	a, b := cartPole(t), cartPole(t)
	x, y, first := make([]float32, 4), make([]float32, 4), make([]float32, 4)
	reset(t, a, first, env.Continue)
	reset(t, a, x, env.Continue)
	reset(t, b, y, 0)
	if !slices.Equal(first, y) {
		t.Errorf("without a seed: got %v, with seed 0 %v", first, y)
	}
	reset(t, b, y, env.Continue)
	if !slices.Equal(x, y) || slices.Equal(x, first) {
		t.Errorf("the second episode: got %v, want %v, and not the first again", x, y)
	}
}

func reset(t testing.TB, e env.Env, x []float32, seed int64) {
	t.Helper()
	if _, err := e.Reset(x, seed, nil); err != nil {
		t.Fatal(err)
	}
}

func step(t testing.TB, e env.Env, x, action []float32) env.Outcome {
	t.Helper()
	o, err := e.Step(x, action)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
