package pretrain

import (
	"context"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// A Bench takes optimizer steps over one micro-batch of random windows, to time them or to compare them with another library's.
type Bench struct {
	config Config
	task   *task
	params []*nn.Param
	opt    graph.Optimizer
	batch  *batch
}

// A BenchBatch is the micro-batch of a Bench, as the model has its numbers. It shares its memory.
type BenchBatch struct {
	Returns      []float32 // [B, K]
	Observations []float32 // [B, K, O]
	Actions      []float32 // [B, K] of discrete actions
	Hidden       []bool    // [B, T]
	Rows         [3][]int32
	Values       [3][]float32 // of returns and observations at their rows
	Labels       []int32      // of actions
}

// NewBench makes the model of a recipe for vectors of so many numbers and so many discrete actions, and a micro-batch of whole windows with tokens hidden at random.
func NewBench(c Config, observations, actions int) (*Bench, error) {
	c.Causal, c.Masks, c.Short = 0, Masks{Random: 1}, 0
	if err := c.Validate(); err != nil {
		return nil, err
	}
	seen, err := spaces.NewBoxOf(-100, 100, spaces.Float32, observations)
	if err != nil {
		return nil, err
	}
	acts, err := spaces.NewDiscrete(actions)
	if err != nil {
		return nil, err
	}
	m := &trajectory.Memory{About: trajectory.Meta{Environment: "Bench-v0", Observation: seen, Action: acts}}
	r := random.New(random.Key(c.Train.Seed, "pretrain.bench"))
	for range 2 + c.Batch/8 {
		var e trajectory.Episode
		n := 2 * c.Model.Context
		for range (n + 1) * observations {
			e.Observations = append(e.Observations, float32(r.Normal()))
		}
		for range n {
			e.Actions, e.Rewards = append(e.Actions, float32(r.IntN(actions))), append(e.Rewards, r.Normal())
		}
		m.Episodes = append(m.Episodes, e)
	}
	all, err := openEpisodes(context.Background(), &c, []trajectory.Source{m}, keepBytes)
	if err != nil {
		return nil, err
	}
	b := &Bench{config: c}
	if b.task, err = newTask(&b.config, all); err != nil {
		return nil, err
	}
	if b.batch, err = b.task.Batch(0, 0); err != nil {
		return nil, err
	}
	b.params = b.task.Params()
	for _, p := range b.params {
		p.NeedGrad()
	}
	b.opt = graph.NewAdamW(b.params, graph.AdamWConfig{
		Beta1: float32(c.Train.Beta1), Beta2: float32(c.Train.Beta2), Eps: float32(c.Train.Eps), WeightDecay: float32(c.Train.WeightDecay),
	})
	return b, nil
}

// Params are those of a run, in its order.
func (b *Bench) Params() []*nn.Param { return b.params }

// Batch gives the micro-batch.
func (b *Bench) Batch() BenchBatch {
	e, w := &b.task.model.Config.Environments[0], &b.batch.window
	x := BenchBatch{Hidden: w.Hidden, Actions: w.Actions, Rows: b.batch.rows, Values: b.batch.values, Labels: b.batch.labels}
	for _, r := range w.Returns {
		x.Returns = append(x.Returns, e.PutReturn(r))
	}
	x.Observations = make([]float32, len(w.Observations))
	for at := 0; at < len(w.Observations); at += e.Size() {
		e.PutObservation(x.Observations[at:at+e.Size()], w.Observations[at:at+e.Size()])
	}
	return x
}

// Model is the one that takes the steps.
func (b *Bench) Model() *rl.Model { return b.task.model }

// Loss runs forward and backward, and returns the loss.
func (b *Bench) Loss() (float64, error) {
	nn.ZeroGrad(b.params)
	return b.task.Step(b.batch)
}

// Step runs forward and backward, clips and updates the weights at the recipe's highest rate.
func (b *Bench) Step() (float64, error) {
	loss, err := b.Loss()
	if err != nil {
		return loss, err
	}
	scale, _ := graph.ClipScale(b.params, 1, b.config.Train.ClipNorm)
	return loss, b.opt.Update(float32(b.config.Train.LR), scale)
}
