package pretrain

import (
	"context"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// centre sets the last norm so that the mean vectors of texts have a mean of zero and, over all directions, a variance of one: what they all share hides
// what tells them apart from a head that learns by gradients. The head of a language model, nil where there is none, is changed to give the same logits as
// before. A model whose last norm doesn't shift is left alone.
func centre(ctx context.Context, m *text.Model, head *nn.LMHead, f *data.TokenFile, c Config) error {
	norm := lastNorm(m)
	if norm == nil || norm.Beta == nil {
		return nil
	}
	p, err := newSpread(m, f, c)
	if err != nil {
		return err
	}
	x, err := p.vectors(ctx, m)
	if err != nil {
		return err
	}
	d := m.Width()
	n := len(x) / d
	if n < 2 {
		return nil
	}
	mean, std := nn.Standardize(x, n, d)
	kernels.AddScaled(norm.Beta.Value, mean, -1)
	kernels.Scale(norm.Beta.Value, 1/std)
	kernels.Scale(norm.Gamma.Value, 1/std)
	if head != nil {
		uncentre(head.Dense, mean, std)
	}
	return nil
}

// uncentre makes a layer give for (x - mean) / std what it gave for x.
func uncentre(l *nn.Linear, mean []float32, std float32) {
	d := len(mean)
	for i := range l.B.Value {
		row := l.W.Value[i*d : (i+1)*d]
		var sum float64
		for j, w := range row {
			sum += float64(float64(w) * float64(mean[j]))
		}
		l.B.Value[i] += float32(sum)
		kernels.Scale(row, std)
	}
}

// lastNorm is the one behind the last layer.
func lastNorm(m *text.Model) *nn.LayerNorm {
	if m.Encoder.Final != nil {
		return m.Encoder.Final.LayerNorm
	}
	return m.Encoder.Blocks[len(m.Encoder.Blocks)-1].Feed.Norm
}
