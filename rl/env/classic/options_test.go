package classic_test

import (
	"errors"
	"math"
	"testing"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
)

func begin(t *testing.T, e env.Env, o env.Options) []float32 {
	t.Helper()
	x := make([]float32, e.ObservationSpace().Size())
	if _, err := e.Reset(x, 1, o); err != nil {
		t.Fatal(err)
	}
	return x
}

func step(t *testing.T, e env.Env, x []float32, action float32) env.Outcome {
	t.Helper()
	o, err := e.Step(x, []float32{action})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestCartPoleRewards holds both kinds of rewards, in the last step and beyond it, to Gymnasium's.
func TestCartPoleRewards(t *testing.T) {
	for _, c := range []struct {
		config             classic.CartPoleConfig
		each, last, beyond float64
	}{{classic.CartPoleConfig{}, 1, 1, 0}, {classic.CartPoleConfig{SuttonBartoReward: true}, 0, -1, -1}} {
		e := classic.NewCartPole(c.config)
		x := begin(t, e, nil)
		o := step(t, e, x, 1)
		for !o.Terminated {
			if o.Reward != c.each {
				t.Fatalf("%+v: got reward %v, want %v", c.config, o.Reward, c.each)
			}
			o = step(t, e, x, 1)
		}
		if o.Reward != c.last {
			t.Errorf("%+v: the last step: got reward %v, want %v", c.config, o.Reward, c.last)
		}
		if o = step(t, e, x, 1); o.Reward != c.beyond {
			t.Errorf("%+v: a step beyond: got reward %v, want %v", c.config, o.Reward, c.beyond)
		}
	}
}

// TestGoalVelocity holds that a car that is too slow passes the goal.
func TestGoalVelocity(t *testing.T) {
	at := env.Options{"low": 0.499, "high": 0.499}
	for velocity, want := range map[float64]bool{0: true, 0.05: false} {
		e := classic.NewMountainCar(classic.MountainCarConfig{GoalVelocity: velocity})
		x, reached := begin(t, e, at), false
		for range 20 {
			reached = reached || step(t, e, x, 2).Terminated
		}
		if reached != want {
			t.Errorf("goal velocity %v: reached: got %v, want %v", velocity, reached, want)
		}
		c := classic.NewMountainCarContinuous(classic.MountainCarContinuousConfig{GoalVelocity: velocity})
		x = begin(t, c, at)
		if o := step(t, c, x, 1); o.Terminated != want || o.Reward < 99 != !want {
			t.Errorf("goal velocity %v: got %+v", velocity, o)
		}
	}
}

// TestGravity holds that a pendulum on its side falls by 3g/2 times the step.
func TestGravity(t *testing.T) {
	for gravity, of := range map[float64]float64{0: 10, 9.81: 9.81} {
		e := classic.NewPendulum(classic.PendulumConfig{Gravity: gravity})
		x := begin(t, e, env.Options{"x_init": 1, "y_init": 0})
		sin := float64(x[1])
		step(t, e, x, 0)
		if got, want := float64(x[2]), 1.5*of*sin*0.05; math.Abs(got-want) > 1e-6 {
			t.Errorf("gravity %v: got velocity %v, want %v", gravity, got, want)
		}
	}
}

// TestOptionsRefused holds bad options of every environment to an error.
func TestOptionsRefused(t *testing.T) {
	for name := range vectors {
		e := makeEnv(t, name, false)
		bad := []env.Options{{"low": 1, "high": 0}, {"low": math.NaN()}, {"high": math.Inf(1)}, {"low": -math.MaxFloat64, "high": math.MaxFloat64}, {"hihg": 1}}
		if name == "Pendulum-v1" {
			bad = []env.Options{{"x_init": -1}, {"y_init": math.NaN()}, {"x_init": math.MaxFloat64}, {"low": 0}}
		}
		for _, o := range bad {
			if _, err := e.Reset(make([]float32, e.ObservationSpace().Size()), 1, o); !errors.Is(err, env.ErrOption) {
				t.Errorf("%s, %v: got %v, want %v", name, o, err, env.ErrOption)
			}
		}
	}
}

// TestFarStates holds that states far beyond everything neither hang nor panic.
func TestFarStates(t *testing.T) {
	for name := range vectors {
		e := makeEnv(t, name, false)
		o := env.Options{"low": 1e300, "high": 1e300}
		if name == "Pendulum-v1" {
			o = env.Options{"x_init": 1e300, "y_init": 1e300}
		}
		x := begin(t, e, o)
		for range 5 {
			step(t, e, x, 1)
		}
	}
}
