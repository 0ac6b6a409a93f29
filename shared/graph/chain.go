package graph

import (
	"encoding/binary"
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A chain is a source, sublayers and a loss, each fed by the one before. It owns the activations between them, which grow
// to the largest batch and are reused.
type chain struct {
	layers []nn.Sublayer
	outs   [][]float32  // output of each sublayer
	grads  [2][]float32 // gradients that pass down, in turns
	shapes [][]int      // of the last batch
	grown  bool         // a buffer was replaced by a longer one
}

// prepare checks the batch, makes room and returns the first sublayer with anything to train: len(layers) when there is
// none.
func (c *chain) prepare(b *nn.Batch) (first int, err error) {
	if len(c.layers) < 2 {
		return 0, fmt.Errorf("graph: chain: got %d sublayers, want a source and a loss at least", len(c.layers))
	}
	if err := b.Validate(); err != nil {
		return 0, fmt.Errorf("graph: %w", err)
	}
	c.outs, c.shapes = resize(c.outs, len(c.layers)), resize(c.shapes, len(c.layers))
	largest := 0
	for i, l := range c.layers {
		c.shapes[i] = l.Shape(b)
		n := elements(c.shapes[i])
		if n == 0 {
			return 0, fmt.Errorf("graph: %s: got output shape %v, want at least one element", l.Name(), c.shapes[i])
		}
		c.outs[i] = c.grow(c.outs[i], n)
		if i < len(c.layers)-1 {
			largest = max(largest, n)
		} else if n != 1 {
			return 0, fmt.Errorf("graph: %s: got output shape %v, want one loss at the end", l.Name(), c.shapes[i])
		}
	}
	first = len(c.layers)
	for i := len(c.layers) - 1; i >= 0; i-- {
		for _, p := range c.layers[i].Params() {
			if !p.Frozen {
				p.NeedGrad()
				first = i
			}
		}
	}
	if first < len(c.layers)-1 {
		c.grads[0], c.grads[1] = c.grow(c.grads[0], largest), c.grow(c.grads[1], largest)
	}
	return first, nil
}

// grad returns the buffer for the gradient of sublayer i's output.
func (c *chain) grad(i int) []float32 {
	return c.grads[i%2][:len(c.outs[i])]
}

func elements(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

func resize[E any](s []E, n int) []E {
	if len(s) != n {
		return make([]E, n)
	}
	return s
}

func (c *chain) grow(s []float32, n int) []float32 {
	if cap(s) < n {
		c.grown = true
		return kernels.Make[float32](n)
	}
	return s[:n]
}

// key appends what a program depends on: the batch's shape, whether it is padded and causal, the shapes of all outputs, the first sublayer
// that is differentiated, and of every parameter (those of deltas included) whether it is trained.
func (c *chain) key(key []byte, b *nn.Batch, first int) []byte {
	key = binary.AppendUvarint(key, uint64(b.B))
	key = binary.AppendUvarint(key, uint64(b.T))
	key = append(key, flag(b.Lengths != nil), flag(b.Causal))
	key = binary.AppendUvarint(key, uint64(first))
	for i, l := range c.layers {
		for _, s := range c.shapes[i] {
			key = binary.AppendUvarint(key, uint64(s))
		}
		for _, p := range l.Params() {
			key = append(key, flag(p.Frozen))
		}
		key = append(key, '/')
	}
	return key
}

func flag(yes bool) byte {
	if yes {
		return 1
	}
	return 0
}
