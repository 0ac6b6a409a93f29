package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
)

// PolicyOptions say which policy to time and how.
type PolicyOptions struct {
	Options
	Policy *policy.Policy
	New    env.Constructor // of its environment; nil: rl.Make of its name
	Steps  int             // decisions that are timed; 0: 5000
}

// Policy times decisions one by one, as they come while the policy plays its environment: what half of them and what 99 of 100 take at most, and the mean. With a context a
// decision reads its own step, and one in K/2 reads K/2 steps anew (see policy.Session).
func Policy(ctx context.Context, o PolicyOptions) (r Report, err error) {
	o.Options = o.filled()
	if o.Steps == 0 {
		o.Steps = 5000
	}
	s := o.Policy.Settings()
	if o.New == nil {
		o.New = func() (env.Env, error) { return rl.Make(s.Environment.ID) }
	}
	e, err := o.New()
	if err != nil {
		return r, err
	}
	if o.Steps < 1 || o.Steps > 1<<24 || e.ObservationSpace().Size() != s.Environment.Size() || e.ActionSpace().Size() != s.Environment.ActionSize() {
		return r, errors.New("bench: policy: want 1 to 2^24 steps of the environment that the policy is for")
	}
	taken, err := decisions(ctx, o.Policy.NewSession(1), e, s.Target, o.Steps)
	if err != nil {
		return r, err
	}
	mean := 0.0
	for _, t := range taken {
		mean += t / float64(len(taken))
	}
	slices.Sort(taken)
	r.Machine = ThisMachine()
	for _, q := range []struct {
		name  string
		value float64
	}{{"p50", taken[len(taken)/2]}, {"p99", taken[len(taken)*99/100]}, {"mean", mean}} {
		x := Result{Name: fmt.Sprintf("decision in %s, context %d, %s", s.Environment.ID, s.Context, q.name), Threads: 1, Ours: q.value, Unit: "us", OursSeconds: q.value / 1e6}
		r.add(x)
		line(o.Log, x)
	}
	return r, nil
}

// warmDecisions come first and aren't timed.
const warmDecisions = 200

// decisions gives the microseconds that each of n decisions takes.
func decisions(ctx context.Context, s *policy.Session, e env.Env, target float64, n int) ([]float64, error) {
	observation, action := make([]float32, e.ObservationSpace().Size()), make([]float32, e.ActionSpace().Size())
	taken, seed, done := make([]float64, 0, n), int64(1), true
	for i := range warmDecisions + n {
		if done {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if _, err := e.Reset(observation, seed, nil); err != nil {
				return nil, err
			}
			seed = env.Continue
			s.Begin(target)
		}
		began := time.Now()
		if _, err := s.Predict(action, observation, true); err != nil {
			return nil, err
		}
		if us := float64(time.Since(began).Nanoseconds()) / 1e3; i >= warmDecisions {
			taken = append(taken, us)
		}
		o, err := e.Step(observation, action)
		if err != nil {
			return nil, err
		}
		s.Reward(o.Reward)
		done = o.Done()
	}
	return taken, nil
}
