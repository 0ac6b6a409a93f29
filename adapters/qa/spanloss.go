package qa

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// headName is the name of the head in transformers.
const headName = "qa_outputs"

// A SpanLoss scores every position as start and as end of the answer and compares with the true ones: BERT's head for
// extractive question answering (Devlin et al., 2018, section 4.2). It is the last sublayer of a training graph.
//
//	z = x Wᵀ + b                                        [N, 2], N = B*T
//	loss = (CE(z[:, 0] of a row, start) + CE(z[:, 1] of a row, end)) / 2, the mean over rows
//
// The softmax runs over the valid positions of a row, so padding changes no bit.
type SpanLoss struct {
	Outputs *nn.Linear // [2, D], named qa_outputs as in transformers

	Starts, Ends []int32 // [B], set before a run: positions of the answer, 0 for none

	logits  []float32 // [N, 2]
	rows    []float32 // [2, T] of one row at a time, then its gradient
	grad    []float32 // [N, 2] gradient of the mean loss with respect to logits
	loss    [1]float32
	target  [1]int32
	scratch nn.Scratch
}

// NewSpanLoss makes the head for width d, with initial values by seed.
func NewSpanLoss(d int, seed uint64) *SpanLoss {
	l := &SpanLoss{Outputs: nn.NewLinear(headName, d, 2)}
	for _, p := range l.Params() {
		p.Init(seed)
	}
	return l
}

// Name implements nn.Sublayer.
func (l *SpanLoss) Name() string { return headName }

// Params implements nn.Sublayer.
func (l *SpanLoss) Params() []*nn.Param { return l.Outputs.Params() }

// Shape implements nn.Sublayer: one loss.
func (l *SpanLoss) Shape(*nn.Batch) []int { return []int{1} }

// Forward sets y [1] to the mean loss over the rows of x [B, T, D].
func (l *SpanLoss) Forward(y, x []float32, b *nn.Batch) error {
	if len(l.Starts) != b.B || len(l.Ends) != b.B {
		return fmt.Errorf("qa: span loss: got %d starts and %d ends, want %d", len(l.Starts), len(l.Ends), b.B)
	}
	n := b.B * b.T
	l.logits, l.grad, l.rows = slices.Grow(l.logits[:0], 2*n)[:2*n], slices.Grow(l.grad[:0], 2*n)[:2*n], slices.Grow(l.rows[:0], 2*b.T)[:2*b.T]
	if err := l.Outputs.Forward(l.logits, x, n, b); err != nil {
		return err
	}
	clear(l.grad)
	scale := 1 / float32(2*b.B)
	var sum float32
	for i := range b.B {
		valid := b.Length(i)
		z, dz := l.logits[2*i*b.T:], l.grad[2*i*b.T:]
		for side, target := range [2]int32{l.Starts[i], l.Ends[i]} {
			if target < 0 || int(target) >= valid {
				return fmt.Errorf("qa: span loss: row %d: got position %d, want 0 to %d", i, target, valid-1)
			}
			row := l.rows[:valid]
			for t := range row {
				row[t] = z[2*t+side]
			}
			l.target[0] = target
			kernels.CrossEntropy(row, l.loss[:], row, l.target[:], scale, 1, valid)
			for t, g := range row {
				dz[2*t+side] = g
			}
			sum += l.loss[0]
		}
	}
	y[0] = sum * scale
	return nil
}

// Backward sets dx [B, T, D] unless nil and adds to the gradients of the head, given dy [1].
func (l *SpanLoss) Backward(dx, dy, x, _ []float32, b *nn.Batch) error {
	if dy[0] != 1 {
		kernels.Scale(l.grad, dy[0])
	}
	return l.Outputs.Backward(dx, l.grad, x, b.B*b.T, false, b, &l.scratch)
}
