package pretrain

import (
	"context"
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
)

// Replaced is replaced-token detection (ELECTRA, Clark et al., 2020): a small generator, trained beside the encoder as a masked-language model over the
// same embeddings, puts tokens in the place of masked ones, and the encoder says of every token whether it is the text's own. So it learns from
// all tokens, not from the masked ones only.
type Replaced struct {
	Share     float64   `json:"share"`     // of the micro-batches
	Rate      float64   `json:"rate"`      // fraction of tokens that are masked for the generator; 0.15 in the paper
	Generator Generator `json:"generator"` // its size
	Weight    float64   `json:"weight"`    // of the encoder's loss beside the generator's; 50 in the paper
}

// validate checks the fields beside the encoder's configuration.
func (o *Replaced) validate(encoder backbone.Config) error {
	var errs []error
	if !(o.Rate >= 0.01 && o.Rate <= 0.9) {
		errs = append(errs, fmt.Errorf("replaced.rate: got %v, want 0.01 to 0.9", o.Rate))
	}
	if !(o.Weight > 0 && o.Weight <= 1e6) {
		errs = append(errs, fmt.Errorf("replaced.weight: got %v, want more than 0", o.Weight))
	}
	if _, err := o.Generator.backbone(encoder.Defaults()); err != nil {
		errs = append(errs, fmt.Errorf("replaced.generator: %w", err))
	}
	return errors.Join(errs...)
}

// discriminatorName is the name of the encoder's head in transformers.
const discriminatorName = "discriminator_predictions"

type replaced struct {
	Replaced
	samples   *samples
	mask      *masker
	generator *generator
	loss      *nn.DiscriminatorLoss
	graph     *graph.Graph
	ids       []int32 // [B, T] the text with what the generator proposes
	held      []*batch
	unit      *unigram
}

func newReplaced(s *source) (objective, float64, error) {
	c := s.config.Replaced
	if c == nil {
		return nil, 0, nil
	}
	o := &replaced{Replaced: *c}
	var err error
	if o.samples, err = s.samples(); err != nil {
		return nil, 0, err
	}
	if o.mask, err = newMasker(s.model.Tokenizer); err != nil {
		return nil, 0, err
	}
	if o.generator, err = newGenerator(s, c.Generator); err != nil {
		return nil, 0, err
	}
	m := s.model
	act, err := nn.ParseActivation(m.Config.Activation)
	if err != nil {
		return nil, 0, fmt.Errorf("pretrain: replaced: %w", err)
	}
	o.loss = nn.NewDiscriminatorLoss(discriminatorName, m.Config.Hidden, act, float32(c.Weight))
	o.graph = graph.New(append(s.sublayers(), o.loss)...)
	o.held, o.unit, err = o.samples.hold(func(b *batch, window []int32, key uint64) {
		o.mask.lay(b, window, m.Pad(), heldRate, key)
	}, false)
	return o, c.Share, err
}

func (o *replaced) name() string { return "replaced" }

func (o *replaced) params() []*nn.Param { return append(o.generator.params(), o.loss.Params()...) }

func (o *replaced) batch(at place) (*batch, error) {
	return o.samples.batch(at, func(b *batch, window []int32, key uint64) {
		o.mask.lay(b, window, o.samples.source.model.Pad(), o.Rate, key)
	})
}

// propose runs the generator, lays the text with its proposals out for the encoder and returns the generator's loss.
func (o *replaced) propose(b *batch) (float32, error) {
	loss, err := o.generator.run(b)
	if err != nil {
		return 0, fmt.Errorf("generator: %w", err)
	}
	o.ids = append(o.ids[:0], b.ids...)
	if len(o.loss.Replaced) != len(b.ids) {
		o.loss.Replaced = make([]bool, len(b.ids))
	}
	clear(o.loss.Replaced)
	for i, p := range b.positions {
		proposed := o.generator.head.Drawn[i]
		o.ids[p], o.loss.Replaced[p] = proposed, proposed != b.targets[i]
	}
	e := o.samples.source.model.Embedding
	e.IDs, e.TypeIDs = o.ids, nil
	return loss, nil
}

// step trains both networks; only the tokens that are proposed pass from the one to the other, no gradient.
func (o *replaced) step(b *batch) (float64, error) {
	generator, err := o.propose(b)
	if err != nil {
		return 0, err
	}
	loss, err := o.graph.Step(&b.nn)
	return float64(generator) + float64(loss), err
}

// evaluate gives the encoder's loss, how often it is right about a token, the share of the replaced tokens that it finds (recall), the share of
// the tokens that are replaced, and the generator's loss beside that of unigrams.
func (o *replaced) evaluate(ctx context.Context) (map[string]float64, error) {
	var loss, generator float64
	var c nn.Detections
	masked := 0
	for _, b := range o.held {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		proposed, err := o.propose(b)
		if err != nil {
			return nil, err
		}
		mean, err := o.graph.Loss(&b.nn)
		if err != nil {
			return nil, err
		}
		n := o.loss.Counts
		loss += float64(float64(mean) / o.Weight * float64(n.Tokens))
		generator += float64(float64(proposed) * float64(len(b.targets)))
		masked += len(b.targets)
		c.Tokens, c.Correct, c.Replaced, c.Found = c.Tokens+n.Tokens, c.Correct+n.Correct, c.Replaced+n.Replaced, c.Found+n.Found
	}
	return map[string]float64{
		"loss": loss / float64(c.Tokens), "accuracy": float64(c.Correct) / float64(c.Tokens),
		"recall": float64(c.Found) / float64(max(c.Replaced, 1)), "replaced": float64(c.Replaced) / float64(c.Tokens),
		"generator_loss": generator / float64(masked), "generator_unigram_loss": o.unit.loss,
	}, nil
}
