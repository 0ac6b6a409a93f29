package bench_test

import (
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/policy/train"
	"github.com/fmkit/fmkit/cmd/bench"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/shared/adapter"
)

// TestPolicy times a policy that has learnt next to nothing.
func TestPolicy(t *testing.T) {
	c := train.Default(train.Online, "CartPole-v1")
	c.Method, c.Steps, c.Episodes = adapter.Scratch, 1024, 0
	p, _, err := train.Adapt(t.Context(), nil, nil, c, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := bench.Policy(t.Context(), bench.PolicyOptions{Policy: p, Steps: 300})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Results) != 3 || !strings.HasSuffix(r.Results[0].Name, "p50") || r.Results[0].Ours <= 0 || r.Results[1].Ours < r.Results[0].Ours || r.MinRatio != 0 {
		t.Errorf("got %+v, want three times of a decision", r.Results)
	}
	for name, o := range map[string]bench.PolicyOptions{"steps": {Policy: p, Steps: -1}, "environment": {Policy: p, New: func() (env.Env, error) { return rl.Make("Pendulum-v1") }}} {
		if _, err := bench.Policy(t.Context(), o); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
