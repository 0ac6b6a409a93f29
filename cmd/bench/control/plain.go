package main

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// The plain network makes plainFactor times the steps of the others: they cost it less than a hundredth.
const (
	plainHidden = 64
	plainFactor = 20
)

// A plain network is two hidden layers with tanh, and a logit for each discrete action.
type plain struct {
	layers    [3]*nn.Linear
	mean, std []float64 // [O] of observations

	x       [3][]float32 // inputs of the layers [N, in]
	scratch nn.Scratch
	batch   nn.Batch
}

func newPlain(o, a int, seed uint64) *plain {
	p := &plain{layers: [3]*nn.Linear{
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

func (p *plain) params() []*nn.Param {
	var all []*nn.Param
	for _, l := range p.layers {
		all = append(all, l.Params()...)
	}
	return all
}

// forward sets outputs [n, A] from observations [n, O].
func (p *plain) forward(outputs, observations []float32, n int) error {
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
func (p *plain) backward(doutputs []float32, n int) error {
	dy := doutputs
	for i := 2; i >= 0; i-- {
		if i == 0 {
			return p.layers[0].Backward(nil, dy, p.x[0], n, false, &p.batch, &p.scratch)
		}
		dx := make([]float32, n*p.layers[i].In())
		if err := p.layers[i].Backward(dx, dy, p.x[i], n, false, &p.batch, &p.scratch); err != nil {
			return err
		}
		dy = make([]float32, len(dx))
		kernels.TanhBackward(dy, dx, p.x[i])
	}
	return nil
}

// learnPlain clones discrete actions by Adam, at a rate that falls to 0 along a cosine.
func learnPlain(learn trajectory.Source, steps int, lr float64, seed uint64) (answerer, error) {
	m := learn.Meta()
	o := m.Observation.Size()
	var seen []float32
	var labels []int32
	var e trajectory.Episode
	for i := range learn.Len() {
		if err := learn.Episode(i, &e); err != nil {
			return nil, err
		}
		seen = append(seen, e.Observations[:e.Len()*o]...)
		for _, v := range e.Actions {
			labels = append(labels, int32(v))
		}
	}
	n, err := actions(m)
	if err != nil {
		return nil, err
	}
	p := newPlain(o, n, seed)
	p.standardise(seen)
	opt := graph.NewAdamW(p.params(), graph.AdamWConfig{})
	for _, v := range p.params() {
		v.NeedGrad()
	}
	x, y := make([]float32, batch*o), make([]int32, batch)
	outputs, doutputs, losses := make([]float32, batch*n), make([]float32, batch*n), make([]float32, batch)
	draw := random.New(random.Key(seed, "plain.batches"))
	for step := range steps {
		for i := range batch {
			at := draw.IntN(len(labels))
			copy(x[i*o:(i+1)*o], seen[at*o:])
			y[i] = labels[at]
		}
		nn.ZeroGrad(p.params())
		if err := p.forward(outputs, x, batch); err != nil {
			return nil, err
		}
		kernels.CrossEntropy(doutputs, losses, outputs, y, 1/float32(batch), batch, n)
		if err := p.backward(doutputs, batch); err != nil {
			return nil, err
		}
		if err := opt.Update(float32(lr*0.5*(1+math.Cos(math.Pi*float64(step)/float64(steps)))), 1); err != nil {
			return nil, err
		}
	}
	return p.forward, nil
}

// actions is the number of discrete actions, from 0 on.
func actions(m trajectory.Meta) (int, error) {
	d, ok := m.Action.(*spaces.Discrete)
	if !ok || d.Start != 0 {
		return 0, fmt.Errorf("plain: got actions %v, want discrete ones from 0 on", m.Action)
	}
	return d.N, nil
}

// standardise measures observations [N, O].
func (p *plain) standardise(seen []float32) {
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
