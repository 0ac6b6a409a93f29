package pretrain

import (
	"context"
	"math"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// centre sets the last norm so that the mean vectors of texts have a mean of zero and, over all directions, a variance of one: what they share would hide
// what tells them apart from a head that learns by gradients. A model whose last norm doesn't shift is left alone.
func centre(m *text.Model, f *data.TokenFile, c Config) error {
	norm := lastNorm(m)
	if norm == nil || norm.Beta == nil {
		return nil
	}
	p, err := newSpread(m, f, c)
	if err != nil {
		return err
	}
	x, err := p.vectors(context.Background(), m)
	if err != nil {
		return err
	}
	d := m.Width()
	n := len(x) / d
	if n < 2 {
		return nil
	}
	mean := make([]float32, d)
	kernels.ColumnSum(mean, x, n, d)
	kernels.Scale(mean, -1/float32(n))
	for i := range n {
		kernels.AddScaled(x[i*d:(i+1)*d], mean, 1)
	}
	scale := float32(1 / math.Sqrt(kernels.SumSquares(x)/float64(len(x))))
	kernels.AddScaled(norm.Beta.Value, mean, 1)
	kernels.Scale(norm.Beta.Value, scale)
	kernels.Scale(norm.Gamma.Value, scale)
	return nil
}

// lastNorm is the one behind the last layer.
func lastNorm(m *text.Model) *nn.LayerNorm {
	if m.Encoder.Final != nil {
		return m.Encoder.Final.LayerNorm
	}
	return m.Encoder.Blocks[len(m.Encoder.Blocks)-1].Feed.Norm
}
