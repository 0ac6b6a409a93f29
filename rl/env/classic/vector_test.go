package classic_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
	"github.com/fmkit/fmkit/rl/env/vector"
	"github.com/fmkit/fmkit/shared/random"
)

var vectors = map[string]func(n, limit int, mode vector.Autoreset) (vector.Env, error){
	"CartPole-v1":              classic.NewCartPoleVector,
	"MountainCar-v0":           classic.NewMountainCarVector,
	"MountainCarContinuous-v0": classic.NewMountainCarContinuousVector,
	"Acrobot-v1":               classic.NewAcrobotVector,
	"Pendulum-v1":              classic.NewPendulumVector,
}

func newVector(t testing.TB, name string, n, limit int, mode vector.Autoreset) vector.Env {
	t.Helper()
	v, err := vectors[name](n, limit, mode)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestVectorHasTheBitsOfOne holds the fast path to the environments alone, bit for bit, over many episodes in both modes.
func TestVectorHasTheBitsOfOne(t *testing.T) {
	const steps, limit = 300, 60
	for name := range vectors {
		n := 5
		if name == "Acrobot-v1" {
			n = 70 // more than take a step together
		}
		for _, mode := range []vector.Autoreset{vector.NextStep, vector.SameStep} {
			fast := newVector(t, name, n, limit, mode)
			slow, err := vector.New(func() (env.Env, error) { return env.NewTimeLimit(makeEnv(t, name, false), limit) }, n, mode)
			if err != nil {
				t.Fatal(err)
			}
			a, b := vector.NewBatch(fast), vector.NewBatch(slow)
			options := env.Options{"low": -0.2, "high": 0.1}
			if name == "Pendulum-v1" {
				options = env.Options{"x_init": 1}
			}
			for _, v := range []struct {
				vector.Env
				*vector.Batch
			}{{fast, a}, {slow, b}} {
				if err := v.Env.Reset(v.Batch, 3, options); err != nil {
					t.Fatal(err)
				}
			}
			r := random.New(random.Key(1, name))
			actions := make([]float32, n)
			for i := range steps {
				equal(t, a, b, fmt.Sprintf("%s, %v, after %d steps", name, mode, i))
				for k := range actions {
					actions[k] = float32(r.IntN(2))
				}
				if err := fast.Step(a, actions); err != nil {
					t.Fatal(err)
				}
				if err := slow.Step(b, actions); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func equal(t *testing.T, a, b *vector.Batch, when string) {
	t.Helper()
	same := func(x, y []float32) bool {
		return slices.EqualFunc(x, y, func(v, w float32) bool { return math.Float32bits(v) == math.Float32bits(w) })
	}
	if !same(a.Observations, b.Observations) || !same(a.Final, b.Final) || !slices.Equal(a.Rewards, b.Rewards) ||
		!slices.Equal(a.Terminated, b.Terminated) || !slices.Equal(a.Truncated, b.Truncated) {
		t.Fatalf("%s: got %v, alone %v", when, a, b)
	}
}

// TestVectorMakesNoGarbage holds that steps and episodes that begin by themselves allocate nothing.
func TestVectorMakesNoGarbage(t *testing.T) {
	for name := range vectors {
		v := newVector(t, name, 8, 3, vector.NextStep)
		b, actions := vector.NewBatch(v), make([]float32, 8)
		if err := v.Reset(b, 1, nil); err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() {
			if err := v.Step(b, actions); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%s: a step allocates %v times", name, n)
		}
	}
}

// TestVectorRefuses holds what can't be to its error.
func TestVectorRefuses(t *testing.T) {
	for name, make := range vectors {
		for _, c := range []struct {
			n, limit int
			mode     vector.Autoreset
		}{{0, 1, 0}, {1, 0, 0}, {1, 1 << 31, 0}, {1, 1, 2}} {
			if v, err := make(c.n, c.limit, c.mode); err == nil {
				t.Errorf("%s: %+v: got %T, want an error", name, c, v)
			}
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for name := range vectors {
		b.Run(name, func(b *testing.B) {
			e := makeEnv(b, name, false)
			x, action := make([]float32, e.ObservationSpace().Size()), []float32{1}
			b.ReportAllocs()
			done, steps := true, 0
			for b.Loop() {
				if steps++; done || steps%200 == 0 { // a pendulum has no end of its own
					if _, err := e.Reset(x, env.Continue, nil); err != nil {
						b.Fatal(err)
					}
				}
				o, err := e.Step(x, action)
				if err != nil {
					b.Fatal(err)
				}
				done = o.Done()
			}
		})
	}
}

// BenchmarkVectorStep is 1024 steps.
func BenchmarkVectorStep(b *testing.B) {
	for name := range vectors {
		b.Run(name, func(b *testing.B) {
			const n = 1024
			v := newVector(b, name, n, 500, vector.NextStep)
			batch, actions := vector.NewBatch(v), make([]float32, n)
			r := random.New(random.Key(1, name))
			for i := range actions {
				actions[i] = float32(r.IntN(2))
			}
			if err := v.Reset(batch, 1, nil); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := v.Step(batch, actions); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "steps/s")
		})
	}
}
