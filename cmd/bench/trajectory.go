package bench

import (
	"context"
	"fmt"
	"os"

	"github.com/fmkit/fmkit/rl/pretrain"
	"github.com/fmkit/fmkit/shared/kernels"
)

// TrajectoryOptions say which models of trajectories are timed.
type TrajectoryOptions struct {
	Options
	Sizes []TrajectorySize // nil: the mini preset over 64 windows of 16 steps, of 4 numbers and 2 actions, as CartPole's
}

// A TrajectorySize is a model and its batch.
type TrajectorySize struct {
	Preset                                string
	Context, Observations, Actions, Batch int
}

func (s TrajectorySize) String() string {
	return fmt.Sprintf("masked trajectories, %s, %d windows of %d steps of %d numbers and %d actions", s.Preset, s.Batch, s.Context, s.Observations, s.Actions)
}

// Trajectory times a training step of models of trajectories, in tokens a second, against PyTorch: forward, backward, clipping and AdamW. Both sides start
// from the same weights, read the same windows and hide the same tokens, and their first losses must agree; max_abs_difference has the difference.
func Trajectory(ctx context.Context, o TrajectoryOptions) (Report, error) {
	o.Options = o.filled()
	if o.Sizes == nil {
		o.Sizes = []TrajectorySize{{"mini", 16, 4, 2, 64}}
	}
	r := Report{Machine: ThisMachine(), Memory: map[string]int64{}}
	before := kernels.Workers()
	defer kernels.SetWorkers(before)
	for _, s := range o.Sizes {
		if err := r.trajectory(ctx, o.Options, s); err != nil {
			return r, fmt.Errorf("bench: %s: %w", s, err)
		}
	}
	r.Memory["ours"] = PeakBytes()
	return r, nil
}

// trajectory adds one size's results.
func (r *Report) trajectory(ctx context.Context, o Options, s TrajectorySize) error {
	dir, err := os.MkdirTemp("", "fm-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c, err := pretrain.Default(s.Preset)
	if err != nil {
		return err
	}
	c.Batch, c.Model.Context = s.Batch, s.Context
	c.Model = c.Model.Defaults()
	b, err := pretrain.NewBench(c, s.Observations, s.Actions)
	if err != nil {
		return err
	}
	loss, err := b.Loss()
	if err != nil {
		return err
	}
	x := b.Batch()
	layout := map[string]any{
		"batch": c.Batch, "context": s.Context, "returns": x.Returns, "observations": x.Observations, "actions": x.Actions, "hidden": x.Hidden,
		"rows": x.Rows, "wanted_returns": x.Values[0], "wanted_observations": x.Values[1], "labels": x.Labels,
		"weights": []float64{c.Loss.Returns, c.Loss.Observations, c.Loss.Actions},
		"layers":  c.Model.Layers, "heads": c.Model.Heads, "eps": c.Model.Eps, "lr": c.Train.LR, "betas": []float64{c.Train.Beta1, c.Train.Beta2},
		"clip": c.Train.ClipNorm, "weight_decay": c.Train.WeightDecay,
	}
	if err := writeStep(dir, named(b.Params(), ""), layout); err != nil {
		return err
	}
	for _, threads := range o.Threads {
		kernels.SetWorkers(threads)
		d := Duel{
			Name: s.String(), Threads: threads, Unit: "tokens/s", Amount: float64(3 * c.Batch * s.Context), Work: "train step", Pairs: o.Pairs,
			Ours: func() error { return step(b.Step()) },
		}
		x, err := r.againstStep(ctx, o, d, "peer_trajectory.py", dir, loss)
		if err != nil {
			return err
		}
		r.add(x)
		line(o.Log, x)
	}
	return nil
}
