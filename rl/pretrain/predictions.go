package pretrain

import (
	"fmt"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// predictions are the loss of a micro-batch over x [B, T, D]: the projections of its environment read the tokens at which something is wanted. Set batch
// before a run.
//
//	loss = wR mean (r - r')² + wO mean (o - o')² + wA (mean (a - a')² or mean cross-entropy)
//
// Each mean is over the tokens, and the numbers of each, that the batch asks for; where there are none it is 0.
type predictions struct {
	heads   [][3]*nn.Linear // by environment and part
	weights [3]float64
	batch   *batch
	scores  scores // of the last Forward

	discrete []bool
	rows     [3][]float32 // [M, D]
	out      [3][]float32 // [M, outputs] predictions, then their gradient
	losses   []float32    // [M]
	grad     []float32    // [M, D]
	scratch  nn.Scratch
}

// scores are what a batch came to.
type scores struct {
	means   [3]float64 // loss of each part
	counted [3]int     // tokens
	correct int        // discrete actions that had the highest score
}

func newPredictions(m *rl.Model, c *Config) *predictions {
	p := &predictions{weights: [3]float64{c.Loss.Returns, c.Loss.Observations, c.Loss.Actions}}
	for i := range m.Config.Environments {
		r, o, a := m.Heads(i)
		p.heads = append(p.heads, [3]*nn.Linear{r, o, a})
		p.discrete = append(p.discrete, m.Config.Environments[i].Discrete())
	}
	return p
}

// Name implements nn.Sublayer.
func (p *predictions) Name() string { return "predictions" }

// Params implements nn.Sublayer: those of all environments.
func (p *predictions) Params() []*nn.Param {
	var all []*nn.Param
	for _, heads := range p.heads {
		for _, l := range heads {
			all = append(all, l.Params()...)
		}
	}
	return all
}

// Shape implements nn.Sublayer: one loss.
func (p *predictions) Shape(*nn.Batch) []int { return []int{1} }

// Forward implements nn.Sublayer.
func (p *predictions) Forward(y, x []float32, b *nn.Batch) error {
	p.scores = scores{}
	total := 0.0
	for kind, l := range p.heads[p.batch.environment] {
		m, d := len(p.batch.rows[kind]), l.In()
		if m == 0 {
			continue
		}
		rows, out := kernels.Grow(&p.rows[kind], m*d), kernels.Grow(&p.out[kind], m*l.Out())
		kernels.Gather(rows, x, p.batch.rows[kind], d)
		if err := l.Forward(out, rows, m, b); err != nil {
			return fmt.Errorf("pretrain: predictions: %w", err)
		}
		mean, err := p.compare(kind, out, m, l.Out())
		if err != nil {
			return err
		}
		p.scores.means[kind], p.scores.counted[kind] = mean, m
		total += float64(p.weights[kind] * mean)
	}
	y[0] = float32(total)
	return nil
}

// compare turns predictions [M, N] into the gradient of their mean loss, up to its weight, and returns the loss.
func (p *predictions) compare(kind int, out []float32, m, n int) (float64, error) {
	if kind == ofAction && p.discrete[p.batch.environment] {
		labels := p.batch.labels
		for i, l := range labels {
			if l < 0 || int(l) >= n {
				return 0, fmt.Errorf("%w: got action %d, want 0 to %d", ErrData, l, n-1)
			}
			best, row := 0, out[i*n:(i+1)*n]
			for j, v := range row {
				if v > row[best] {
					best = j
				}
			}
			if best == int(l) {
				p.scores.correct++
			}
		}
		losses := kernels.Grow(&p.losses, m)
		kernels.CrossEntropy(out, losses, out, labels, 1/float32(m), m, n)
		return kernels.Sum(losses) / float64(m), nil
	}
	kernels.AddScaled(out, p.batch.values[kind], -1)
	mean := kernels.SumSquares(out) / float64(len(out))
	kernels.Scale(out, float32(2/float64(len(out))))
	return mean, nil
}

// Backward implements nn.Sublayer.
func (p *predictions) Backward(dx, dy, _, _ []float32, b *nn.Batch) error {
	if dx != nil {
		clear(dx)
	}
	for kind, l := range p.heads[p.batch.environment] {
		m, d := len(p.batch.rows[kind]), l.In()
		if m == 0 {
			continue
		}
		kernels.Scale(p.out[kind], float32(p.weights[kind]*float64(dy[0])))
		var grad []float32
		if dx != nil {
			grad = kernels.Grow(&p.grad, m*d)
		}
		if err := l.Backward(grad, p.out[kind], p.rows[kind], m, false, b, &p.scratch); err != nil {
			return fmt.Errorf("pretrain: predictions: %w", err)
		}
		if dx != nil {
			kernels.ScatterAdd(dx, grad, p.batch.rows[kind], d)
		}
	}
	return nil
}
