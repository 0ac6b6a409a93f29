package pretrain

import (
	"context"
	"maps"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
)

// A task is one model and the objectives that it learns by. It implements train.Task.
type task struct {
	model      *text.Model
	objectives []objective
	turns      turns
	spread     *spread
	lm         *languageModel // nil: no objective has one

	steps, accumulate int
}

// newTask makes the objectives that the recipe names. The first one is what the run is known by: its scores have no prefix.
func newTask(s *source) (*task, error) {
	c := s.config
	t := &task{model: s.model, steps: c.Train.Steps, accumulate: c.Train.Accumulate, turns: turns{key: random.Key(c.Train.Seed, "pretrain.turns")}}
	s.key = random.Key(c.Train.Seed, "pretrain.samples")
	for _, build := range []func(*source) (objective, float64, error){newMasked, newCausal, newReplaced, newContrastive, newDistilled} {
		o, share, err := build(s)
		if err != nil {
			return nil, err
		}
		if share > 0 {
			t.objectives, t.turns.shares = append(t.objectives, o), append(t.turns.shares, share)
		}
	}
	t.lm = s.lm
	for _, p := range t.heads() {
		p.Init(c.Train.Seed)
	}
	var err error
	t.spread, err = newSpread(s.model, s.tokens.held, s.config)
	return t, err
}

// A source is what objectives are made from.
type source struct {
	model   *text.Model
	tokens  *tokens
	texts   *texts
	config  Config
	teacher *text.Model // nil: none
	key     uint64      // of samples
	lm      *languageModel
}

// sublayers is the chain from tokens to the encoder's output.
func (s *source) sublayers() []nn.Sublayer {
	return append([]nn.Sublayer{s.model.Embedding}, s.model.Encoder.Sublayers()...)
}

// heads are the parameters of the objectives' own heads, each once.
func (t *task) heads() []*nn.Param {
	var all []*nn.Param
	seen := map[*nn.Param]bool{}
	for _, o := range t.objectives {
		for _, p := range o.params() {
			if !seen[p] {
				seen[p] = true
				all = append(all, p)
			}
		}
	}
	return all
}

// Params implements train.Task.
func (t *task) Params() []*nn.Param { return append(t.model.Params(), t.heads()...) }

// Batch implements train.Task.
func (t *task) Batch(step, micro int) (*batch, error) {
	at := place{micro: int64(step)*int64(t.accumulate) + int64(micro), progress: min(1, float64(step)/float64(t.steps))}
	i := t.turns.draw(at.micro)
	b, err := t.objectives[i].batch(at)
	if err != nil {
		return nil, err
	}
	b.objective, b.nn.Train = i, true
	return b, nil
}

// Step implements train.Task.
func (t *task) Step(b *batch) (float64, error) { return t.objectives[b.objective].step(b) }

// Evaluate implements train.Task: the scores of every objective on held-back text, and how far apart the vectors of held-back texts lie.
func (t *task) Evaluate(ctx context.Context) (map[string]float64, error) {
	all := map[string]float64{}
	for i, o := range t.objectives {
		scores, err := o.evaluate(ctx)
		if err != nil {
			return nil, err
		}
		for k, v := range scores {
			if i > 0 {
				k = o.name() + "_" + k
			}
			all[k] = v
		}
	}
	scores, err := t.spread.evaluate(ctx, t.model)
	maps.Copy(all, scores)
	return all, err
}
