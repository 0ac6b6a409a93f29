package pretrain_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/pretrain"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/rerun"
)

// Record some episodes, pretrain on them for a few steps, train again from the recipe and compare.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "pretrain")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx, cart := context.Background(), func() (env.Env, error) { return rl.Make("CartPole-v1") }
	e, err := cart()
	if err != nil {
		fmt.Println(err)
		return
	}
	about := trajectory.Meta{Environment: "CartPole-v1", Observation: e.ObservationSpace(), Action: e.ActionSpace()}
	player := func() (trajectory.Player, error) { return trajectory.Random(e.ActionSpace(), 1), nil }
	data := filepath.Join(dir, "episodes")
	err = trajectory.Create(data, about, trajectory.StoreConfig{}, func(w *trajectory.Writer) error {
		_, err := trajectory.Record(ctx, cart, player, trajectory.RecordConfig{Episodes: 10}, w.Add)
		return err
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := pretrain.Default("tiny")
	if err != nil {
		fmt.Println(err)
		return
	}
	c.Batch, c.EvalMax, c.Train.Steps, c.Train.Warmup = 4, 16, 5, 1
	out := filepath.Join(dir, "model")
	if _, err := pretrain.Run(ctx, c, pretrain.Options{Data: []string{data}, Out: out}); err != nil {
		fmt.Println(err)
		return
	}
	m, err := rl.Load(out)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := pretrain.Verify(ctx, out, rerun.Options{})
	fmt.Println(m.Config.Environments[0].ID, m.Config.Context, v.Match, err)
	// Output: CartPole-v1 16 true <nil>
}
