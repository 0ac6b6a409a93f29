package graph

import (
	"github.com/fmkit/fmkit/shared/nn"
)

// A Graph runs a chain of sublayers as a Gorgonia graph. It serves one run at a time.
type Graph struct {
	direct DirectChain
}

// New returns a graph of a source, sublayers and a loss.
func New(chain ...nn.Sublayer) *Graph { return &Graph{direct: *Direct(chain...)} }

// Step runs the graph forward and backward. It returns the loss, which may be non-finite, and adds to the gradients of the parameters that are
// not frozen.
func (g *Graph) Step(b *nn.Batch) (float32, error) { return g.direct.Step(b) }

// Loss runs the graph forward and returns the loss.
func (g *Graph) Loss(b *nn.Batch) (float32, error) { return g.direct.Loss(b) }
