package graph

import "github.com/fmkit/fmkit/shared/nn"

// A DirectChain runs a chain of sublayers by plain calls, without Gorgonia: the reference that a Graph equals to the bit.
type DirectChain struct {
	chain chain
	one   [1]float32
}

// Direct returns a chain of a source, sublayers and a loss.
func Direct(chain_ ...nn.Sublayer) *DirectChain {
	return &DirectChain{chain: chain{layers: chain_}}
}

// Loss runs the chain forward and returns its loss.
func (d *DirectChain) Loss(b *nn.Batch) (float32, error) {
	if _, err := d.chain.prepare(b); err != nil {
		return 0, err
	}
	return d.forward(b)
}

func (d *DirectChain) forward(b *nn.Batch) (float32, error) {
	var x []float32
	for i, l := range d.chain.layers {
		if err := l.Forward(d.chain.outs[i], x, b); err != nil {
			return 0, err
		}
		x = d.chain.outs[i]
	}
	return x[0], nil
}

// Step runs the chain forward and backward. It returns the loss and adds to the gradients of the parameters that are not
// frozen.
func (d *DirectChain) Step(b *nn.Batch) (float32, error) {
	c := &d.chain
	first, err := c.prepare(b)
	if err != nil {
		return 0, err
	}
	if first == len(c.layers) {
		return 0, errFrozen
	}
	loss, err := d.forward(b)
	if err != nil {
		return 0, err
	}
	d.one[0] = 1
	dy := d.one[:]
	for i := len(c.layers) - 1; i >= first; i-- {
		var x, dx []float32
		if i > 0 {
			x = c.outs[i-1]
		}
		if i > first {
			dx = c.grad(i - 1)
		}
		if err := c.layers[i].Backward(dx, dy, x, c.outs[i], b); err != nil {
			return 0, err
		}
		dy = dx
	}
	return loss, nil
}
