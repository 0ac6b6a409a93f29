package pretrain

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// A Bench takes optimizer steps over one micro-batch of one objective, to time them or to compare them with another library's.
type Bench struct {
	config  Config
	tokens  *tokens
	task    *task
	teacher *text.Model
	params  []*nn.Param
	opt     *graph.AdamW
	batch   *batch
}

// A BenchBatch is the micro-batch of a Bench. What its objective has no use for is nil.
type BenchBatch struct {
	B, T      int
	Lengths   []int32 // [B]
	IDs       []int32 // [B, T]
	Positions []int32 // [P] what is predicted: b*T + t
	Targets   []int32 // [P]
	Proposed  []int32 // [P] what the generator put there in the last step
}

// NewBench prepares the first micro-batch of a recipe with one objective, as Run does. Of the options it takes Data, Pairs, Tokenizer and
// Out, in which it keeps the tokens only.
func NewBench(ctx context.Context, c Config, o Options) (*Bench, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	x, err := openTexts(o, c.Contrastive != nil)
	if err != nil {
		return nil, err
	}
	b := &Bench{config: c}
	if c.Distilled != nil {
		if b.teacher, err = text.Load(c.Distilled.Teacher); err != nil {
			return nil, fmt.Errorf("pretrain: teacher: %w", err)
		}
	}
	var given *tokenizer.Tokenizer
	if o.Tokenizer != "" {
		if given, _, err = loadTokenizer(o.Tokenizer); err != nil {
			return nil, err
		}
	}
	if b.tokens, b.task, err = open(ctx, c, o, filepath.Join(o.Out, cacheDir), x, given, b.teacher); err != nil {
		return nil, err
	}
	if n := len(b.task.objectives); n != 1 {
		return nil, errors.Join(fmt.Errorf("%w: bench: got %d objectives, want one", ErrConfig, n), b.Close())
	}
	if b.batch, err = b.task.Batch(0, 0); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.params = b.task.Params()
	for _, p := range b.params {
		p.NeedGrad()
	}
	t := c.Train
	b.opt = graph.NewAdamW(b.params, graph.AdamWConfig{
		Beta1: float32(t.Beta1), Beta2: float32(t.Beta2), Eps: float32(t.Eps), WeightDecay: float32(t.WeightDecay),
	})
	return b, nil
}

// Close closes the files of tokens.
func (b *Bench) Close() error { return b.tokens.close() }

// Params are those of the model and of the objective's heads, in the order of a run's.
func (b *Bench) Params() []*nn.Param { return b.params }

// Teacher is the model that is distilled, nil without one.
func (b *Bench) Teacher() *text.Model { return b.teacher }

// Batch is the micro-batch, which shares its memory.
func (b *Bench) Batch() BenchBatch {
	l := BenchBatch{B: b.batch.nn.B, T: b.batch.nn.T, Lengths: b.batch.nn.Lengths, IDs: b.batch.ids, Positions: b.batch.positions, Targets: b.batch.targets}
	if o, ok := b.task.objectives[0].(*replaced); ok {
		l.Proposed = o.generator.head.Drawn
	}
	return l
}

// Loss runs forward and backward, and returns the mean loss.
func (b *Bench) Loss() (float64, error) {
	nn.ZeroGrad(b.params)
	return b.task.Step(b.batch)
}

// Step runs forward and backward, clips and updates the weights at the recipe's highest rate; where there is a teacher, it reads the texts first, as in
// the first epoch of a run.
func (b *Bench) Step() (float64, error) {
	if o, ok := b.task.objectives[0].(*distilled); ok {
		o.forget()
		var err error
		if b.batch, err = b.task.Batch(0, 0); err != nil {
			return 0, err
		}
	}
	loss, err := b.Loss()
	if err != nil {
		return loss, err
	}
	scale, _ := graph.ClipScale(b.params, 1, b.config.Train.ClipNorm)
	return loss, b.opt.Update(float32(b.config.Train.LR), scale)
}
