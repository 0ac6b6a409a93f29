package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A DiscriminatorLoss is ELECTRA's discriminator head and loss (Clark et al., 2020, section 2): a dense layer, an activation and one logit a
// token, whose sigmoid is the probability that the token was replaced. The loss is the mean binary cross-entropy over the valid tokens of
// x [B, T, D], times Weight. Set Replaced before a run.
type DiscriminatorLoss struct {
	Dense      *Linear // [D, D]
	Prediction *Linear // [1, D]
	Act        Activation
	Weight     float32

	Replaced []bool     // [B, T]
	Counts   Detections // of the last Forward outside training

	name           string
	rows           Rows
	in, pre, act   []float32 // [N, D]; in with padding only
	logits         []float32 // [N]
	pairs          []float32 // [N, 2] logits of staying, which are 0, and of being replaced, then their gradients
	labels         []int32   // [N] 1: replaced
	losses         []float32 // [N]
	hidden, packed []float32 // [N, D] gradients; packed with padding only
	scratch        Scratch
}

// Detections count what a discriminator says of tokens at the threshold of 0.5.
type Detections struct {
	Tokens, Correct int // valid tokens, and those of them that it is right about
	Replaced, Found int // replaced tokens, and those of them that it finds
}

// NewDiscriminatorLoss returns a head for vectors of width d, with parameters name.dense.* and name.dense_prediction.*.
func NewDiscriminatorLoss(name string, d int, act Activation, weight float32) *DiscriminatorLoss {
	return &DiscriminatorLoss{
		Dense: NewLinear(name+".dense", d, d), Prediction: NewLinear(name+".dense_prediction", d, 1), Act: act, Weight: weight, name: name,
	}
}

// Name implements Sublayer.
func (l *DiscriminatorLoss) Name() string { return l.name }

// Params implements Sublayer.
func (l *DiscriminatorLoss) Params() []*Param {
	return append(l.Dense.Params(), l.Prediction.Params()...)
}

// Shape implements Sublayer: one loss.
func (l *DiscriminatorLoss) Shape(*Batch) []int { return []int{1} }

// Forward implements Sublayer.
func (l *DiscriminatorLoss) Forward(y, x []float32, b *Batch) error {
	r, d := &l.rows, l.Dense.In()
	if err := r.Set(b); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	if len(l.Replaced) != b.B*b.T {
		return fmt.Errorf("nn: %s: got %d labels, want %d", l.name, len(l.Replaced), b.B*b.T)
	}
	n := r.N
	x = r.packed(&l.in, x, d)
	pre, act, logits := kernels.Grow(&l.pre, n*d), kernels.Grow(&l.act, n*d), kernels.Grow(&l.logits, n)
	if err := l.Dense.Forward(pre, x, n, b); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	l.Act.Forward(act, pre)
	if err := l.Prediction.Forward(logits, act, n, b); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	labels := l.label(b)
	if !b.Train {
		l.Counts = detections(logits, labels)
	}
	pairs, losses := kernels.Grow(&l.pairs, 2*n), kernels.Grow(&l.losses, n)
	for i, z := range logits {
		pairs[2*i], pairs[2*i+1] = 0, z
	}
	counted := max(n, 1)
	kernels.CrossEntropy(pairs, losses, pairs, labels, l.Weight/float32(counted), n, 2)
	y[0] = l.Weight * float32(kernels.Sum(losses)/float64(counted))
	return nil
}

// label returns the labels of the valid tokens [N].
func (l *DiscriminatorLoss) label(b *Batch) []int32 {
	labels := kernels.Grow(&l.labels, l.rows.N)[:0]
	for i := range b.B {
		for _, replaced := range l.Replaced[i*b.T:][:b.Length(i)] {
			labels = append(labels, int32(count(replaced)))
		}
	}
	return labels
}

// detections compares the signs of logits [N] with labels [N].
func detections(logits []float32, labels []int32) Detections {
	c := Detections{Tokens: len(logits)}
	for i, z := range logits {
		says, is := z > 0, labels[i] == 1
		c.Correct += count(says == is)
		c.Replaced += count(is)
		c.Found += count(says && is)
	}
	return c
}

// Backward implements Sublayer.
func (l *DiscriminatorLoss) Backward(dx, dy, x, _ []float32, b *Batch) error {
	r, d := &l.rows, l.Dense.In()
	n := r.N
	scaleBy(l.pairs, dy[0])
	for i := range l.logits {
		l.logits[i] = l.pairs[2*i+1]
	}
	hidden := kernels.Grow(&l.hidden, n*d)
	if err := l.Prediction.Backward(hidden, l.logits, l.act, n, false, b, &l.scratch); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	l.Act.Backward(hidden, hidden, l.pre)
	to := dx
	if !r.Full {
		x = l.in
		if dx != nil {
			to = kernels.Grow(&l.packed, n*d)
		}
	}
	if err := l.Dense.Backward(to, hidden, x, n, false, b, &l.scratch); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	if dx != nil && !r.Full {
		r.Unpack(dx, to, d)
	}
	return nil
}
