package pretrain

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// backward is how much a step costs beside its forward pass: the products of the backward pass are twice those of the forward.
const backward = 3

// forward counts the floating-point operations of an encoder's products over a batch, a multiplication and an addition as two. What grows with
// the number of values only (norms, activations) is left out, as in Kaplan et al. (2020), appendix B.
func forward(c backbone.Config, b *nn.Batch) float64 {
	d, f := float64(c.Hidden), float64(c.Intermediate)
	products := 2.0
	if c.Gated {
		products = 3
	}
	var tokens, squares float64
	for i := range b.B {
		n := float64(b.Length(i))
		tokens += n
		squares += float64(n * n)
	}
	perToken, perSquare := 2*(4*d*d+products*d*f), 4*d
	return float64(c.Layers) * (perToken*tokens + perSquare*squares)
}

// vocabulary counts those of a language-model head of width d over n chosen rows.
func vocabulary(h *nn.LMHead, d, n int) float64 {
	v, e := float64(h.Word.Shape[0]), float64(h.Word.Shape[1])
	return 2 * float64(n) * (float64(d)*e + v*e)
}

func (o *masked) flops(b *batch) float64 { return o.lm.flops(b) }
func (o *causal) flops(b *batch) float64 { return o.lm.flops(b) }

func (l *languageModel) flops(b *batch) float64 {
	c := l.source.model.Config.Config
	return backward * (forward(c, &b.nn) + vocabulary(l.head, c.Hidden, len(b.positions)))
}

func (o *contrastive) flops(b *batch) float64 {
	c, n := o.source.model.Config.Config, float64(b.nn.B/2)
	return backward * (forward(c, &b.nn) + 4*n*n*float64(c.Hidden))
}

// flops takes the teacher to read as many tokens as the pupil, and each text once in every epoch.
func (o *distilled) flops(b *batch) float64 {
	c, e := o.source.model.Config.Config, float64(o.teacher.Width())
	return backward*(forward(c, &b.nn)+2*float64(b.nn.B*c.Hidden)*e) + forward(o.source.teacher.Config.Config, &b.nn)
}

func (o *replaced) flops(b *batch) float64 {
	c, g := o.samples.source.model.Config.Config, o.generator
	return backward * (forward(c, &b.nn) + forward(g.encoder.Config, &b.nn) + vocabulary(g.head, g.encoder.Config.Hidden, len(b.positions)))
}

// counted is how many micro-batches tell what a step costs.
const counted = 64

// stepFLOPs is the mean cost of a step.
func (t *task) stepFLOPs(ctx context.Context) (float64, error) {
	var total float64
	for i := range counted {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("pretrain: counting operations: %w", err)
		}
		b, err := t.Batch(i/t.accumulate, i%t.accumulate)
		if err != nil {
			return 0, err
		}
		total += t.objectives[b.objective].flops(b)
	}
	return total / counted * float64(t.accumulate), nil
}
