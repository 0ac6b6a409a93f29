package train

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestParseConfig(t *testing.T) {
	c, err := ParseConfig([]byte(`{"steps": 7, "schedule": "linear", "seed": 18446744073709551615}`))
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultConfig()
	want.Steps, want.Schedule, want.Seed = 7, "linear", math.MaxUint64
	if c != want {
		t.Errorf("got %+v, want %+v", c, want)
	}
	for _, bad := range []string{
		``, `{`, `[]`, `null x`, `{"step": 7}`, `{"steps": 7} {}`, `{"steps": "7"}`, `{"steps": 7.5}`,
		`{"steps": 0}`, `{"steps": -1}`, `{"warmup": -1}`, `{"schedule": "cos"}`, `{"lr": 0}`, `{"lr": -1}`, `{"lr": 1e39}`,
		`{"min_lr": 1}`, `{"weight_decay": -1}`, `{"beta1": 1}`, `{"beta1": 0}`, `{"beta2": -0.1}`, `{"eps": 0}`, `{"clip_norm": -1}`, `{"average": 1}`, `{"average": -0.1}`, `{"optimizer": "sgd"}`, `{"accumulate": 0}`,
		`{"eval_every": -1}`, `{"save_every": -1}`, `{"keep": 0}`, `{"patience": -1}`, `{"patience": 1, "monitor": ""}`, `{"seed": -1}`,
	} {
		if _, err := ParseConfig([]byte(bad)); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: got %v, want %v", bad, err, ErrConfig)
		}
	}
	_, err = ParseConfig([]byte(`{"beta2": 1.5}`))
	if err == nil || !strings.Contains(err.Error(), "beta2: got 1.5") {
		t.Errorf("got %v, want the field and its value", err)
	}
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		c := DefaultConfig()
		c.LR = v
		if err := c.Validate(); err == nil {
			t.Errorf("lr %v was accepted", v)
		}
	}
}

func TestRate(t *testing.T) {
	const tolerance = 1e-15 // of our cosine against math.Cos
	for _, c := range []Config{
		{Steps: 100, Warmup: 10, LR: 1, MinLR: 0.1},
		{Steps: 100, LR: 1},
		{Steps: 11, Warmup: 10, LR: 1, MinLR: 0.5},
		{Steps: 10, Warmup: 10, LR: 1},
		{Steps: 5, Warmup: 10, LR: 1},
		{Steps: 1, LR: 1},
	} {
		for _, c.Schedule = range []string{"cosine", "linear", "constant"} {
			for step := range c.Steps {
				want := c.LR
				switch done := float64(step-c.Warmup) / float64(c.Steps-c.Warmup); {
				case step < c.Warmup:
					want = c.LR * float64(step+1) / float64(c.Warmup)
				case c.Schedule == "cosine":
					want = c.MinLR + (c.LR-c.MinLR)*(1+math.Cos(math.Pi*done))/2
				case c.Schedule == "linear":
					want = c.LR + (c.MinLR-c.LR)*done
				}
				if got := c.Rate(step); math.Abs(got-want) > tolerance {
					t.Errorf("%s, %d of %d: got %v, want %v", c.Schedule, step, c.Steps, got, want)
				}
			}
		}
		if n := c.Steps; n > c.Warmup {
			for _, c.Schedule = range []string{"cosine", "linear"} {
				if got := c.Rate(n); got != c.MinLR {
					t.Errorf("%s: after the last step the rate is %v, want exactly %v", c.Schedule, got, c.MinLR)
				}
				if got := c.Rate(n - 1); got <= c.MinLR {
					t.Errorf("%s: the last step's rate is %v, want more than %v", c.Schedule, got, c.MinLR)
				}
				if got := c.Rate(c.Warmup); got != c.LR {
					t.Errorf("%s: begins at %v, want exactly %v", c.Schedule, got, c.LR)
				}
			}
		}
	}
}

func TestCosPi(t *testing.T) {
	const tolerance = 1e-15
	for i := range 10001 {
		x := float64(i) / 10000
		if got, want := cosPi(x), math.Cos(math.Pi*x); math.Abs(got-want) > tolerance {
			t.Fatalf("cos(pi %v): got %v, want %v", x, got, want)
		}
	}
}
