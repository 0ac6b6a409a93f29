package pretrain

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/nn"
)

// Masked is masked language modelling with whole words (Devlin et al., 2018).
type Masked struct {
	Share float64 `json:"share"`           // of the micro-batches
	Rate  float64 `json:"rate"`            // fraction of tokens to predict, at first
	Final float64 `json:"final,omitempty"` // the same at the last step, linear between; 0: Rate
	Shift bool    `json:"shift,omitempty"` // the vector before a masked token predicts it, as in GPT-BERT (Charpentier and Samuel, 2024)
}

func (o *Masked) validate() error {
	if !(o.Rate >= 0.01 && o.Rate <= 0.9) {
		return fmt.Errorf("masked.rate: got %v, want 0.01 to 0.9", o.Rate)
	}
	if o.Final != 0 && !(o.Final >= 0.01 && o.Final <= 0.9) {
		return fmt.Errorf("masked.final: got %v, want 0.01 to 0.9", o.Final)
	}
	return nil
}

type masked struct {
	Masked
	lm   *languageModel
	mask *masker
	held []*batch
	unit *unigram
}

func newMasked(s *source) (objective, float64, error) {
	c := s.config.Masked
	if c == nil {
		return nil, 0, nil
	}
	lm, err := s.languageModel()
	if err != nil {
		return nil, 0, err
	}
	o := &masked{Masked: *c, lm: lm}
	if o.mask, err = newMasker(s.model.Tokenizer); err != nil {
		return nil, 0, err
	}
	o.held, o.unit, err = lm.hold(func(b *batch, window []int32, key uint64) { o.ask(b, window, key, heldRate) }, false)
	return o, c.Share, err
}

func (o *masked) name() string        { return "masked" }
func (o *masked) params() []*nn.Param { return o.lm.head.Params() }

// ask hides a fraction of a window's tokens.
func (o *masked) ask(b *batch, window []int32, key uint64, rate float64) {
	first := len(b.positions)
	o.mask.lay(b, window, o.lm.source.model.Pad(), rate, key)
	if o.Shift {
		for i := range b.positions[first:] {
			b.positions[first+i]-- // the first token is special: never masked
		}
	}
}

func (o *masked) batch(at place) (*batch, error) {
	rate := o.Rate
	if o.Final > 0 {
		rate += (o.Final - o.Rate) * at.progress
	}
	return o.lm.batch(at, func(b *batch, window []int32, key uint64) { o.ask(b, window, key, rate) })
}

func (o *masked) step(b *batch) (float64, error) { return o.lm.step(b) }

func (o *masked) evaluate(ctx context.Context) (map[string]float64, error) {
	return o.lm.evaluate(ctx, o.held, o.unit)
}
