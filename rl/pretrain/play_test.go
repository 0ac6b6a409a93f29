package pretrain_test

import (
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/random"
)

// play records n episodes of an environment of at most so many steps, every other one by its scripted policy with a fifth of random actions, the rest by random ones. change alters what
// is done before the environment sees it, nil: nothing.
func play(t testing.TB, id string, n, most int, seed int64, change func(action []float32)) *trajectory.Memory {
	t.Helper()
	spec, err := rl.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	e, err := rl.Make(id)
	if err != nil {
		t.Fatal(err)
	}
	m := &trajectory.Memory{About: trajectory.Meta{Environment: id, Observation: e.ObservationSpace(), Action: e.ActionSpace()}}
	draw := env.RandomPolicy(e.ActionSpace(), uint64(seed))
	o, a, given := make([]float32, e.ObservationSpace().Size()), make([]float32, e.ActionSpace().Size()), make([]float32, e.ActionSpace().Size())
	for i := range n {
		r := random.New(random.Mix(uint64(seed), uint64(i)))
		x := trajectory.Episode{Seed: seed + int64(i)}
		if _, err := e.Reset(o, x.Seed, nil); err != nil {
			t.Fatal(err)
		}
		x.Observations = append(x.Observations, o...)
		for len(x.Rewards) < most {
			if draw(o, a); spec.Scripted != nil && i%2 == 0 && r.Float64() < 0.8 {
				spec.Scripted(o, a)
			}
			x.Actions = append(x.Actions, a...)
			copy(given, a)
			if change != nil {
				change(given)
			}
			out, err := e.Step(o, given)
			if err != nil {
				t.Fatal(err)
			}
			x.Observations, x.Rewards = append(x.Observations, o...), append(x.Rewards, out.Reward)
			if x.Terminated, x.Truncated = out.Terminated, out.Truncated; out.Done() {
				break
			}
		}
		m.Episodes = append(m.Episodes, x)
	}
	return m
}
