package train

import (
	"context"
	"fmt"
	"math"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// plainHidden is the width of a plain network.
const plainHidden = 64

// PlainFactor is how many times the steps of other arms a plain network makes: they cost it less than a hundredth.
const PlainFactor = 20

// A PlainConfig is the recipe of a plain network.
type PlainConfig struct {
	Steps, Batch int
	LR           float64 // at first: it falls to 0 along a cosine
	Seed         uint64
}

// A Plain network is the baseline of cloning: two hidden layers with tanh, and the outputs of policy.Actions. It is not safe for concurrent use.
type Plain struct {
	layers    [3]*nn.Linear
	mean, std []float64 // [O] of observations

	x       [3][]float32 // inputs of the layers [N, in]
	dx, dy  []float32    // [N, hidden]
	scratch nn.Scratch
	batch   nn.Batch
}

func newPlain(o, a int, seed uint64) *Plain {
	p := &Plain{layers: [3]*nn.Linear{
		nn.NewLinear("plain.0", o, plainHidden), nn.NewLinear("plain.1", plainHidden, plainHidden), nn.NewLinear("plain.2", plainHidden, a),
	}, mean: make([]float64, o), std: make([]float64, o)}
	for i, l := range p.layers {
		s := random.New(random.Key(seed, l.W.Name))
		for j := range l.W.Value {
			l.W.Value[j] = float32(s.Normal() / math.Sqrt(float64(p.layers[i].In())))
		}
	}
	return p
}

// Params are the weights.
func (p *Plain) Params() []*nn.Param {
	var all []*nn.Param
	for _, l := range p.layers {
		all = append(all, l.Params()...)
	}
	return all
}

// Observe sets outputs [n, A] for observations [n, O]. It is an Answerer.
func (p *Plain) Observe(outputs, observations []float32, n int) error {
	x := kernels.Grow(&p.x[0], len(observations))
	for i, v := range observations {
		j := i % len(p.mean)
		x[i] = float32((float64(v) - p.mean[j]) / p.std[j])
	}
	for i, l := range p.layers[:2] {
		y := kernels.Grow(&p.x[i+1], n*l.Out())
		if err := l.Forward(y, p.x[i], n, &p.batch); err != nil {
			return err
		}
		kernels.TanhForward(y, y)
	}
	return p.layers[2].Forward(outputs, p.x[2], n, &p.batch)
}

// backward adds to the gradients, given those of the outputs [n, A].
func (p *Plain) backward(doutputs []float32, n int) error {
	dy := doutputs
	for i := 2; i >= 0; i-- {
		if i == 0 {
			return p.layers[0].Backward(nil, dy, p.x[0], n, false, &p.batch, &p.scratch)
		}
		dx := kernels.Grow(&p.dx, n*p.layers[i].In())
		if err := p.layers[i].Backward(dx, dy, p.x[i], n, false, &p.batch, &p.scratch); err != nil {
			return err
		}
		kernels.TanhBackward(kernels.Grow(&p.dy, len(dx)), dx, p.x[i])
		dy = p.dy
	}
	return nil
}

// LearnPlain clones the actions of episodes by Adam, with the loss of Clone.
func LearnPlain(ctx context.Context, from trajectory.Source, c PlainConfig) (*Plain, error) {
	m := from.Meta()
	about, err := rl.NewEnvironment(m.Environment, m.Observation, m.Action)
	if err != nil {
		return nil, err
	}
	all := newEpisodes(m)
	for i := range from.Len() {
		if err := all.read(ctx, from, i); err != nil {
			return nil, err
		}
	}
	if len(all.toGo) == 0 {
		return nil, fmt.Errorf("policy: train: plain: %w: got no step to learn from", trajectory.ErrEpisode)
	}
	l := &imitation{actions: policy.Actions{About: &about}}
	o, a, n := all.o, l.actions.Outputs(), c.Batch
	p := newPlain(o, a, c.Seed)
	p.standardise(all.observations)
	opt := graph.NewAdamW(p.Params(), graph.AdamWConfig{})
	for _, v := range p.Params() {
		v.NeedGrad()
	}
	x := make([]float32, n*o)
	l.outputs, l.doutputs, l.targets, l.labels, l.counts = make([]float32, n*a), make([]float32, n*a), make([]float32, n*a), make([]int32, n), make([]bool, n)
	draw := random.New(random.Key(c.Seed, "plain.batches"))
	for step := range c.Steps {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		for i := range n {
			at := draw.IntN(len(all.toGo))
			copy(x[i*o:(i+1)*o], all.observations[at*o:])
			action := all.actions[at*all.a:][:all.a]
			if l.counts[i] = true; about.Discrete() {
				l.labels[i] = int32(action[0]) - int32(about.Start)
			} else {
				about.PutAction(l.targets[i*a:(i+1)*a], action)
			}
		}
		nn.ZeroGrad(p.Params())
		if err := p.Observe(l.outputs, x, n); err != nil {
			return nil, err
		}
		loss := l.loss(n, a)
		if math.IsNaN(float64(loss)) || math.IsInf(float64(loss), 0) {
			return nil, fmt.Errorf("policy: train: plain: step %d: %w", step, ErrNonFinite)
		}
		if err := p.backward(l.doutputs, n); err != nil {
			return nil, err
		}
		if err := opt.Update(float32(c.LR*0.5*(1+math.Cos(math.Pi*float64(step)/float64(c.Steps)))), 1); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// standardise measures observations [N, O].
func (p *Plain) standardise(seen []float32) {
	o := len(p.mean)
	n := float64(len(seen) / o)
	for i, v := range seen {
		p.mean[i%o] += float64(v) / n
	}
	for i, v := range seen {
		d := float64(v) - p.mean[i%o]
		p.std[i%o] += float64(d*d) / n
	}
	for j, v := range p.std {
		p.std[j] = math.Sqrt(v) + 1e-6
	}
}
