package train

import (
	"fmt"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// An imitation is the loss of cloning over features [B, T, D], of which every each-th from place on is of an observation: the mean cross-entropy of whole numbers, or the
// mean squared error of tanh(means) and vectors between -1 and 1. Set targets before a run.
type imitation struct {
	head        *policy.Head
	actions     policy.Actions
	each, place int

	labels  []int32   // [M] of whole numbers, IgnoreLabel past a window's end
	targets []float32 // [M, A] of vectors
	counts  []bool    // [M] of vectors: false past a window's end

	rows              []int32   // [M] of [B T]
	x                 []float32 // [M, D]
	outputs, doutputs []float32 // [M, A]
	losses            []float32 // [M]
	dx                []float32 // [M, D]
	right             int       // of the last run: whole numbers that were the likeliest
	scratch           nn.Scratch
}

// Name implements nn.Sublayer.
func (l *imitation) Name() string { return "imitation" }

// Params implements nn.Sublayer.
func (l *imitation) Params() []*nn.Param { return l.head.Action.Params() }

// Shape implements nn.Sublayer: [1].
func (l *imitation) Shape(*nn.Batch) []int { return []int{1} }

// Forward implements nn.Sublayer.
func (l *imitation) Forward(y, x []float32, b *nn.Batch) error {
	m, a, d := b.B*b.T/l.each, l.actions.Outputs(), l.head.Action.In()
	if l.actions.Discrete() && len(l.labels) != m || !l.actions.Discrete() && (len(l.targets) != m*a || len(l.counts) != m) {
		return fmt.Errorf("policy: train: imitation: got %d labels and %d targets, want %d", len(l.labels), len(l.targets)/a, m)
	}
	rows := kernels.Grow(&l.rows, m)
	for i := range rows {
		rows[i] = int32(i*l.each + l.place)
	}
	kernels.Gather(kernels.Grow(&l.x, m*d), x, rows, d)
	outputs := kernels.Grow(&l.outputs, m*a)
	if err := l.head.Action.Forward(outputs, l.x, m, b); err != nil {
		return err
	}
	kernels.Grow(&l.doutputs, m*a)
	y[0] = l.loss(m, a)
	return nil
}

// loss is that of outputs [M, A]. It sets their gradient.
func (l *imitation) loss(m, a int) float32 {
	if l.actions.Discrete() {
		return l.entropy(m, a)
	}
	return l.squares(m, a)
}

// entropy is the cross-entropy of whole numbers. It sets the gradient.
func (l *imitation) entropy(m, a int) float32 {
	n := 0
	for _, label := range l.labels {
		if label != nn.IgnoreLabel {
			n++
		}
	}
	kernels.CrossEntropy(l.doutputs, kernels.Grow(&l.losses, m), l.outputs, l.labels, 1/float32(max(n, 1)), m, a)
	total, choice := 0.0, [1]float32{}
	l.right = 0
	for i, label := range l.labels {
		if label == nn.IgnoreLabel {
			continue
		}
		total += float64(l.losses[i])
		if l.actions.Mode(choice[:], l.outputs[i*a:(i+1)*a]); int32(choice[0]) == label {
			l.right++
		}
	}
	return float32(total / float64(max(n, 1)))
}

// squares is the squared error of vectors. It sets the gradient.
func (l *imitation) squares(m, a int) float32 {
	n, total := 0, 0.0
	for _, counts := range l.counts {
		if counts {
			n += a
		}
	}
	scale := 2 / float32(max(n, 1))
	for i := range m * a {
		l.doutputs[i] = 0
		if l.counts[i/a] {
			v := kernels.Tanh(l.outputs[i])
			diff := v - l.targets[i]
			total += float64(float32(diff * diff))
			l.doutputs[i] = float32(scale*diff) * (1 - float32(v*v))
		}
	}
	return float32(total / float64(max(n, 1)))
}

// Backward implements nn.Sublayer.
func (l *imitation) Backward(dx, dy, _, _ []float32, b *nn.Batch) error {
	m, d := len(l.rows), l.head.Action.In()
	kernels.Scale(l.doutputs[:m*l.actions.Outputs()], dy[0])
	var to []float32
	if dx != nil {
		to = kernels.Grow(&l.dx, m*d)
	}
	if err := l.head.Action.Backward(to, l.doutputs, l.x, m, false, b, &l.scratch); err != nil || dx == nil {
		return err
	}
	clear(dx[:b.B*b.T*d])
	kernels.ScatterAdd(dx, to, l.rows, d)
	return nil
}
