package pretrain

import (
	"context"

	"github.com/fmkit/fmkit/shared/nn"
)

// Causal is next-token prediction: a token's vector, which has seen what stands before it only, predicts the one that follows. Beside Masked
// with Shift it makes the one model of GPT-BERT (Charpentier and Samuel, 2024), which reads both ways and generates.
type Causal struct {
	Share float64 `json:"share"` // of the micro-batches
}

type causal struct {
	lm   *languageModel
	held []*batch
	unit *unigram
}

func newCausal(s *source) (objective, float64, error) {
	c := s.config.Causal
	if c == nil {
		return nil, 0, nil
	}
	lm, err := s.languageModel()
	if err != nil {
		return nil, 0, err
	}
	o := &causal{lm: lm}
	o.held, o.unit, err = lm.hold(o.ask, true)
	return o, c.Share, err
}

func (o *causal) name() string        { return "causal" }
func (o *causal) params() []*nn.Param { return o.lm.head.Params() }

// ask wants every token but the first, which begins every window, and the last, which is where the window was cut.
func (o *causal) ask(b *batch, window []int32, key uint64) {
	b.nn.Causal = true
	at := b.add(window, o.lm.source.model.Pad(), key)
	for i := range len(window) - 2 {
		b.positions = append(b.positions, int32(at+i))
		b.targets = append(b.targets, window[i+1])
	}
}

func (o *causal) batch(at place) (*batch, error) { return o.lm.batch(at, o.ask) }

func (o *causal) step(b *batch) (float64, error) { return o.lm.step(b) }

func (o *causal) evaluate(ctx context.Context) (map[string]float64, error) {
	return o.lm.evaluate(ctx, o.held, o.unit)
}
