package nn

import "github.com/fmkit/fmkit/shared/kernels"

// A Sublayer is one node of a training graph: an embedding, half a block, a head, a loss. It owns what it saves between
// Forward and Backward and serves one run at a time.
type Sublayer interface {
	Name() string
	Params() []*Param

	// Shape returns the output's shape for a batch; [1] for a loss.
	Shape(b *Batch) []int

	// Forward sets y, of that shape, from x. x is nil for a source.
	Forward(y, x []float32, b *Batch) error

	// Backward follows the Forward of the same x and y. It sets dx unless that is nil and adds to the gradients of the parameters
	// that are not frozen. It may use dy as scratch.
	Backward(dx, dy, x, y []float32, b *Batch) error
}

// Trainable says whether any of params is not frozen.
func Trainable(params []*Param) bool {
	for _, p := range params {
		if !p.Frozen {
			return true
		}
	}
	return false
}

// A Scratch holds values that nobody needs after the Forward or Backward that wrote them, so the sublayers of one chain can share it.
// Its zero value is ready.
type Scratch struct {
	slots [scratchSlots][]float32
}

// The slots of a Scratch, by who writes them.
const (
	scratchOut     = iota // output of a residual's branch
	scratchRows           // packed output or gradient at the rim of a sublayer
	scratchSum            // gradient of a residual's sum
	scratchBranch         // gradient of a branch's output
	scratchNorm           // gradient of a normed input
	scratchHidden         // inside a branch
	scratchPadded         // inside a branch, with padding
	scratchHeads          // inside a branch: gradient of the heads' outputs
	scratchOutside        // gradient of keys and values that start outside
	scratchDelta          // copy of a gradient that a Delta may change
	scratchInput          // gradient of an input that was scaled
	scratchSlots
)

func (s *Scratch) get(slot, n int) []float32 { return kernels.Grow(&s.slots[slot], n) }
