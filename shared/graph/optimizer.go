package graph

import (
	"github.com/fmkit/fmkit/shared/nn"
	"gorgonia.org/gorgonia"
)

// An Optimizer changes parameters by their gradients: AdamW or Muon.
type Optimizer interface {
	gorgonia.Solver

	// Update makes one step at learning rate lr from the parameters' gradients times gradScale (clipping, accumulation). It leaves the
	// gradients as they are: nn.ZeroGrad clears them.
	Update(lr, gradScale float32) error

	// Moments returns what it keeps of the parameters between steps, to be read or filled in place. With the number of steps done it is the whole state.
	Moments() []Moment

	// SetT sets the number of steps done, for resuming.
	SetT(t int)
}

// A Moment is what an optimizer keeps of a parameter.
type Moment struct {
	Name   string // PyTorch's name for it and the parameter's
	Param  *nn.Param
	Values []float32
}
