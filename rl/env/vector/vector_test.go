package vector_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
	"github.com/fmkit/fmkit/rl/env/vector"
)

// limit is the time limit of the tests, in steps.
const limit = 25

func constructor() (env.Env, error) {
	l, err := env.NewTimeLimit(classic.NewCartPole(classic.CartPoleConfig{}), limit)
	if err != nil {
		return nil, err
	}
	return env.Check(l), nil
}

// both makes n CartPoles in every way.
func both(t testing.TB, n int, mode vector.Autoreset) map[string]vector.Env {
	t.Helper()
	s, err := vector.New(constructor, n, mode)
	if err != nil {
		t.Fatal(err)
	}
	c, err := classic.NewCartPoleVector(n, limit, mode)
	if err != nil {
		t.Fatal(err)
	}
	a, err := vector.NewAsync(constructor, n, mode)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]vector.Env{"Sync": s, "Async": a, "CartPoleVector": c}
}

// TestAgainstGymnasium replays three environments side by side: observations within an ulp, all else equal.
func TestAgainstGymnasium(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden map[string]struct {
		First []float32
		Steps []struct {
			Actions, Observations []float32
			Rewards               []float64
			Terminated, Truncated []bool
			Final                 [][]float32
		}
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []vector.Autoreset{vector.NextStep, vector.SameStep} {
		c := golden[mode.String()]
		for name, v := range both(t, 3, mode) {
			b := vector.NewBatch(v)
			if err := v.Reset(b, 7, nil); err != nil {
				t.Fatal(err)
			}
			near(t, b.Observations, c.First, "%s, %v: first observations", name, mode)
			ends := 0
			for i, want := range c.Steps {
				if err := v.Step(b, want.Actions); err != nil {
					t.Fatal(err)
				}
				near(t, b.Observations, want.Observations, "%s, %v, step %d: observations", name, mode, i)
				if !slices.Equal(b.Rewards, want.Rewards) || !slices.Equal(b.Terminated, want.Terminated) || !slices.Equal(b.Truncated, want.Truncated) {
					t.Errorf("%s, %v, step %d: got %v %v %v, want %v %v %v", name, mode, i, b.Rewards, b.Terminated, b.Truncated, want.Rewards, want.Terminated, want.Truncated)
				}
				for k, final := range want.Final {
					if final != nil {
						near(t, b.Final[4*k:][:4], final, "%s, %v, step %d: last observation of %d", name, mode, i, k)
						ends++
					}
				}
			}
			if mode == vector.SameStep && ends == 0 {
				t.Error("no episode ended")
			}
		}
	}
}

func near(t *testing.T, got, want []float32, format string, args ...any) {
	t.Helper()
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1e-7*max(1, math.Abs(float64(want[i]))) {
			t.Fatalf("%s: got %v, want %v", fmt.Sprintf(format, args...), got, want)
		}
	}
}

// TestMisuse holds what is wrong to its error, before any environment moves.
func TestMisuse(t *testing.T) {
	for name, v := range both(t, 2, vector.NextStep) {
		b := vector.NewBatch(v)
		if err := v.Step(b, []float32{0, 0}); !errors.Is(err, env.ErrResetNeeded) {
			t.Errorf("%s: a step before the first reset: got %v, want %v", name, err, env.ErrResetNeeded)
		}
		if err := v.Reset(b, -3, nil); !errors.Is(err, env.ErrSeed) {
			t.Errorf("%s: a negative seed: got %v, want %v", name, err, env.ErrSeed)
		}
		if err := v.Reset(b, 1, env.Options{"x": 1}); !errors.Is(err, env.ErrOption) {
			t.Errorf("%s: an unknown option: got %v, want %v", name, err, env.ErrOption)
		}
		if err := v.Reset(&vector.Batch{}, 1, nil); !errors.Is(err, vector.ErrBatch) {
			t.Errorf("%s: an empty batch: got %v, want %v", name, err, vector.ErrBatch)
		}
		if err := v.Reset(b, 1, nil); err != nil {
			t.Fatal(err)
		}
		before := slices.Clone(b.Observations)
		for _, actions := range [][]float32{{0}, {}, {0, 0, 0}, {0, 2}, {0, 0.5}, {0, float32(math.NaN())}, {0, -1}} {
			if err := v.Step(b, actions); !errors.Is(err, env.ErrAction) {
				t.Errorf("%s: actions %v: got %v, want %v", name, actions, err, env.ErrAction)
			}
		}
		if !slices.Equal(b.Observations, before) {
			t.Errorf("%s: a refused step wrote observations", name)
		}
	}
	for _, n := range []int{0, -1, 1<<24 + 1} {
		if _, err := vector.New(constructor, n, vector.NextStep); !errors.Is(err, vector.ErrBatch) {
			t.Errorf("%d environments: got %v, want %v", n, err, vector.ErrBatch)
		}
	}
	if _, err := vector.New(constructor, 1, 7); !errors.Is(err, env.ErrOption) {
		t.Errorf("mode 7: got %v, want %v", err, env.ErrOption)
	}
	failed := errors.New("no licence")
	if _, err := vector.NewAsync(func() (env.Env, error) { return nil, failed }, 3, vector.NextStep); !errors.Is(err, failed) {
		t.Errorf("got %v, want %v", err, failed)
	}
	if _, err := vector.New(func() (env.Env, error) { return nil, failed }, 1, vector.NextStep); !errors.Is(err, failed) {
		t.Errorf("got %v, want %v", err, failed)
	}
}

// TestContinue holds that environments without a seed begin as with seed 0, each as with its own.
func TestContinue(t *testing.T) {
	for name, v := range both(t, 2, vector.NextStep) {
		a, b := vector.NewBatch(v), vector.NewBatch(v)
		if err := v.Reset(a, env.Continue, nil); err != nil {
			t.Fatal(err)
		}
		if err := v.Reset(b, 0, nil); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.Observations, b.Observations) || slices.Equal(a.Observations[:4], a.Observations[4:]) {
			t.Errorf("%s: got %v, with seed 0 %v", name, a.Observations, b.Observations)
		}
	}
}

func ExampleNew() {
	v, err := vector.New(constructor, 3, vector.NextStep)
	if err != nil {
		panic(err)
	}
	b := vector.NewBatch(v)
	if err := v.Reset(b, 1, nil); err != nil {
		panic(err)
	}
	if err := v.Step(b, []float32{0, 1, 1}); err != nil {
		panic(err)
	}
	fmt.Println(b.Rewards, b.Terminated, b.Truncated)
	// Output: [1 1 1] [false false false] [false false false]
}

func ExampleNewAsync() {
	v, err := vector.NewAsync(constructor, 3, vector.NextStep)
	if err != nil {
		panic(err)
	}
	b := vector.NewBatch(v)
	if err := v.Reset(b, 1, nil); err != nil {
		panic(err)
	}
	if err := v.Step(b, []float32{0, 1, 1}); err != nil {
		panic(err)
	}
	fmt.Println(b.Rewards, b.Terminated, b.Truncated)
	// Output: [1 1 1] [false false false] [false false false]
}
