package train

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/trajectory"
)

// An Answerer sets outputs [n, A] of policy.Actions for observations [n, O], each by itself.
type Answerer func(outputs, observations []float32, n int) error

// Play gives the returns of the episodes of an environment that begin with the seeds from and those after it, by the likeliest actions: to the bit those that
// policy.Evaluate plays, but that no observation is too strange to act on. create is as Options.New; without it the episodes are played side by side.
func Play(ctx context.Context, id string, create env.Constructor, from int64, episodes int, answer Answerer) ([]float64, error) {
	together := 1
	if create == nil {
		create, together = func() (env.Env, error) { return rl.Make(id) }, episodes
	}
	e, err := create()
	if err != nil {
		return nil, err
	}
	about, err := rl.NewEnvironment(id, e.ObservationSpace(), e.ActionSpace())
	if err != nil {
		return nil, err
	}
	acts := policy.Actions{About: &about}
	a, size := acts.Outputs(), acts.Size()
	outputs, choice := make([]float32, together*a), make([]float32, size)
	player := func(seeds []int64, _ []int, x, y []float32) error {
		n := len(seeds)
		if err := answer(outputs[:n*a], x, n); err != nil {
			return err
		}
		for i := range n {
			acts.Mode(choice, outputs[i*a:(i+1)*a])
			acts.Action(y[i*size:(i+1)*size], choice)
		}
		return nil
	}
	var returns []float64
	faults, err := trajectory.Record(ctx, create, func() (trajectory.Player, error) { return player, nil },
		trajectory.RecordConfig{Episodes: episodes, Seed: from, Envs: together}, func(e *trajectory.Episode) error {
			returns = append(returns, e.Return())
			return nil
		})
	if err == nil && faults.Total() > 0 {
		err = fmt.Errorf("policy: train: play: %s failed in %d of %d episodes: %+v", id, faults.Total(), episodes, faults)
	}
	return returns, err
}
