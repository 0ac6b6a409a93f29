package pretrain

import (
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/shared/train"
)

// A Bench takes optimizer steps over one micro-batch of random pictures, to time them or to compare them with another library's.
type Bench struct {
	config Config
	task   *task
	params []*nn.Param
	opt    graph.Optimizer
	batch  batch
}

// NewBench makes the model of a recipe and a micro-batch for it.
func NewBench(c Config) (*Bench, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	t, err := newTask(&c, nil)
	if err != nil {
		return nil, err
	}
	b := &Bench{config: c, task: t, params: t.Params()}
	b.batch.nn = nn.Batch{B: c.Batch, T: 1 + c.kept(), Train: true}
	r := random.New(random.Key(c.Train.Seed, "pretrain.bench"))
	b.batch.patches = make([]float32, c.Batch*c.Model.Channels*c.Model.ImageSize*c.Model.ImageSize)
	for i := range b.batch.patches {
		b.batch.patches[i] = float32(r.Normal())
	}
	for range c.Batch {
		kept := make([]int32, c.kept())
		keepPatches(kept, c.patches(), r.Uint64())
		b.batch.keep = append(b.batch.keep, kept...)
	}
	for _, p := range b.params {
		p.NeedGrad()
	}
	b.opt = train.NewOptimizer(b.params, c.Train)
	return b, nil
}

// Params are those of encoder and decoder, in the order of a run's.
func (b *Bench) Params() []*nn.Param { return b.params }

// Batch gives the micro-batch, which shares its memory: patches [B, N, C P P] and the numbers [B, K] of those that the encoder sees.
func (b *Bench) Batch() (patches []float32, keep []int32) { return b.batch.patches, b.batch.keep }

// Loss runs forward and backward, and returns the mean loss.
func (b *Bench) Loss() (float64, error) {
	nn.ZeroGrad(b.params)
	return b.task.Step(&b.batch)
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
