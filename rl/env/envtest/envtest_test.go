package envtest_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
	"github.com/fmkit/fmkit/rl/env/envtest"
	"github.com/fmkit/fmkit/rl/env/spaces"
)

func cartPole() env.Env { return classic.NewCartPole(classic.CartPoleConfig{}) }

func TestRun(t *testing.T) {
	envtest.Run(t, func() (env.Env, error) { return cartPole(), nil })
}

// broken is an environment with a fault.
type broken struct {
	env.Env
	reset func(observation []float32, seed int64, o env.Options) (env.Info, error)
	step  func(observation, action []float32) (env.Outcome, error)
	space spaces.Space
}

func (b *broken) Reset(observation []float32, seed int64, o env.Options) (env.Info, error) {
	if b.reset != nil {
		return b.reset(observation, seed, o)
	}
	return b.Env.Reset(observation, seed, o)
}

func (b *broken) Step(observation, action []float32) (env.Outcome, error) {
	if b.step != nil {
		return b.step(observation, action)
	}
	return b.Env.Step(observation, action)
}

func (b *broken) ObservationSpace() spaces.Space {
	if b.space != nil {
		return b.space
	}
	return b.Env.ObservationSpace()
}

// TestCheckFinds holds that every check finds what it is for.
func TestCheckFinds(t *testing.T) {
	made := 0
	for fault, c := range map[string]struct {
		check  string
		spoilt func(*broken)
	}{
		"an observation outside": {"elements", func(b *broken) {
			b.step = func(x, a []float32) (env.Outcome, error) {
				o, err := b.Env.Step(x, a)
				if err == nil {
					x[0] = 5
				}
				return o, err
			}
		}},
		"a reward of NaN": {"elements", func(b *broken) {
			b.step = func(x, a []float32) (env.Outcome, error) {
				o, err := b.Env.Step(x, a)
				o.Reward = math.NaN()
				return o, err
			}
		}},
		"a seed that is ignored": {"determinism", func(b *broken) {
			b.reset = func(x []float32, seed int64, o env.Options) (env.Info, error) {
				if seed > 0 {
					made++
					seed = int64(made)
				}
				return b.Env.Reset(x, seed, o)
			}
		}},
		"state in the caller's slice": {"aliasing", func(b *broken) {
			var last []float32
			b.step = func(x, a []float32) (env.Outcome, error) {
				o, err := b.Env.Step(x, a)
				if last != nil {
					o.Reward += float64(last[0])
				}
				last = x
				return o, err
			}
		}},
		"an action that is changed": {"aliasing", func(b *broken) {
			b.step = func(x, a []float32) (env.Outcome, error) {
				o, err := b.Env.Step(x, a)
				if len(a) > 0 {
					a[0] = 1 - a[0]
				}
				return o, err
			}
		}},
		"a step before the reset": {"order", func(b *broken) {
			_, err := b.Env.Reset(make([]float32, 4), 1, nil)
			if err != nil {
				t.Fatal(err)
			}
		}},
		"options that are ignored": {"arguments", func(b *broken) {
			b.reset = func(x []float32, seed int64, _ env.Options) (env.Info, error) { return b.Env.Reset(x, seed, nil) }
		}},
		"a panic": {"panic", func(b *broken) {
			b.step = func(x, a []float32) (env.Outcome, error) { _ = a[3]; return env.Outcome{}, nil }
		}},
		"a refused step that counts": {"arguments", func(b *broken) {
			b.step = func(x, a []float32) (env.Outcome, error) {
				o, err := b.Env.Step(x, a)
				if errors.Is(err, env.ErrAction) {
					_, _ = b.Env.Step(make([]float32, 4), []float32{1})
				}
				return o, err
			}
		}},
	} {
		err := envtest.Check(func() (env.Env, error) {
			b := &broken{Env: cartPole()}
			c.spoilt(b)
			return b, nil
		})
		if err == nil || !strings.Contains(err.Error(), c.check) {
			t.Errorf("%s: got %v, want a complaint about %s", fault, err, c.check)
		}
	}
	failed := errors.New("no licence")
	if err := envtest.Check(func() (env.Env, error) { return nil, failed }); !errors.Is(err, failed) {
		t.Errorf("got %v, want %v", err, failed)
	}
	if err := envtest.Check(func() (env.Env, error) { return nil, nil }); err == nil {
		t.Error("no environment and no error pass")
	}
}
