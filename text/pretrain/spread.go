package pretrain

import (
	"context"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// A spread measures how a model's mean vectors of texts fill their space. Pretraining that is too short or too narrow
// makes all of them alike, which the loss doesn't show (Ethayarajh, 2019).
type spread struct {
	batches []*batch
}

// spreadTexts is how many windows are looked at, of spreadLength tokens each.
const spreadTexts, spreadLength = 256, 32

// newSpread looks at windows of f, evenly.
func newSpread(m *text.Model, f *data.TokenFile, c Config) (*spread, error) {
	c.Length, c.Short = min(spreadLength, c.Length), 0
	w := newWindows(f, c, m.Cls(), m.Sep())
	all := f.Windows(c.Length - 2)
	n := min(all, spreadTexts)
	p := &spread{}
	row := make([]int32, c.Length)
	for i := range n {
		if err := w.frame(row, i*all/n*int64(c.Length-2), c.Length); err != nil {
			return nil, err
		}
		if i%32 == 0 {
			p.batches = append(p.batches, newBatch(32, c.Length))
		}
		p.batches[len(p.batches)-1].add(row, m.Pad(), 0)
	}
	return p, nil
}

// evaluate gives the mean cosine between two texts' vectors (anisotropy), and the effective rank of all of them: the exponential of the entropy
// of their covariance's spectrum is costly, so the participation ratio tr(C)²/tr(C²) stands for it.
func (p *spread) evaluate(ctx context.Context, m *text.Model) (map[string]float64, error) {
	all, err := p.vectors(ctx, m)
	if err != nil {
		return nil, err
	}
	d := m.Width()
	n := len(all) / d
	if n < 2 {
		return nil, nil
	}
	return map[string]float64{"anisotropy": meanCosine(all, n, d), "rank": participation(all, n, d)}, nil
}

// vectors returns the mean vectors [N, D] of the texts.
func (p *spread) vectors(ctx context.Context, m *text.Model) ([]float32, error) {
	s, d := m.Snapshot(), m.Width()
	var all []float32
	for _, b := range p.batches {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x, pooled := make([]float32, b.nn.B*b.nn.T*d), make([]float32, b.nn.B*d)
		if err := s.Encode(x, b.ids, nil, &b.nn); err != nil {
			return nil, err
		}
		nn.PoolMean.Forward(pooled, x, &b.nn, d)
		all = append(all, pooled...)
	}
	return all, nil
}

// meanCosine is the mean cosine of two different rows of x [N, D].
func meanCosine(x []float32, n, d int) float64 {
	sum := make([]float64, d)
	for i := range n {
		row := x[i*d : (i+1)*d]
		norm := math.Sqrt(kernels.SumSquares(row))
		for j, v := range row {
			sum[j] += float64(v) / max(norm, 1e-12)
		}
	}
	var total float64
	for _, v := range sum {
		total += float64(v * v)
	}
	return (total - float64(n)) / float64(n*n-n)
}

// participation is tr(C)²/tr(C²) of the covariance C of the rows of x [N, D]: 1 when they lie on a line, D when they fill all directions alike.
func participation(x []float32, n, d int) float64 {
	centred := slices.Clone(x)
	nn.Standardize(centred, n, d)
	c := make([]float32, d*d)
	kernels.MatMulTN(c, centred, centred, d, d, n, false)
	var trace float64
	for i := range d {
		trace += float64(c[i*d+i])
	}
	squares := kernels.SumSquares(c)
	if squares == 0 {
		return 0
	}
	return float64(trace*trace) / squares
}
