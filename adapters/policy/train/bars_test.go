package train

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/shared/adapter"
)

// TestBars trains the recipes of small environments from nothing, five seeds of each, and holds every seed's mean return over 100 deterministic
// episodes to a bar. FMKIT_BARS is a part of the names of those to train; empty: all.
func TestBars(t *testing.T) {
	if os.Getenv("FMKIT_FULL") == "" {
		t.Skip("takes minutes: set FMKIT_FULL=1")
	}
	for _, b := range []struct {
		id    string
		steps int
		bar   float64
	}{{"CartPole-v1", 100_000, 475}, {"Acrobot-v1", 300_000, -90}, {"Pendulum-v1", 300_000, -200}} {
		if !strings.Contains(b.id, os.Getenv("FMKIT_BARS")) {
			continue
		}
		var all []*policy.Policy
		for seed := range uint64(5) {
			c := Default(Online, b.id)
			c.Method, c.Steps, c.Seed, c.Episodes = adapter.Scratch, b.steps, seed+1, 0
			began := time.Now()
			p, pass, err := Adapt(context.Background(), nil, nil, c, Options{})
			if err != nil {
				t.Fatal(err)
			}
			took := time.Since(began)
			s, err := policy.Evaluate(context.Background(), []*policy.Policy{p}, b.id, policy.EvaluateOptions{Episodes: 100, Seed: 1000})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s, seed %d: mean return %.1f, middle half %.1f, least %.1f; %d steps in %.1f s", b.id, seed+1, s.MeanReturn, s.IQM, s.MinReturn, pass.Steps, took.Seconds())
			if s.MeanReturn < b.bar {
				t.Errorf("%s, seed %d: mean return %.1f, want at least %g", b.id, seed+1, s.MeanReturn, b.bar)
			}
			all = append(all, p)
		}
		s, err := policy.Evaluate(context.Background(), all, b.id, policy.EvaluateOptions{Episodes: 100, Seed: 1000})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: mean %.1f %.1f, IQM %.1f %.1f over %d seeds", b.id, s.MeanReturn, s.Interval["mean_return"], s.IQM, s.Interval["iqm"], s.Seeds)
	}
}
