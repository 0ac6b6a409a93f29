package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// A ClassifierLoss is a dense layer over pooled vectors [B, D] and the mean cross-entropy of its logits [B, C]. Set Labels before a
// run; a sample labelled IgnoreLabel doesn't count.
type ClassifierLoss struct {
	Linear    *Linear   // [C, D]
	Dropout   float32   // of the pooled vectors
	Smoothing float32   // share of the target that all classes have alike (Szegedy et al., "Rethinking the Inception architecture", 2016), 0 to 1
	Labels    []int32   // [B]
	Logits    []float32 // [B, C] of the last Forward

	name            string
	site            uint64
	keys            []uint64
	dropped         []float32 // [B, D]
	dlogits, losses []float32
	scratch         Scratch
}

// IgnoreLabel is the label of what has no part in a loss.
const IgnoreLabel = kernels.IgnoreTarget

// NewClassifierLoss returns a head for c classes with parameters name.weight and name.bias.
func NewClassifierLoss(name string, d, c int, dropout float32) *ClassifierLoss {
	return &ClassifierLoss{Linear: NewLinear(name, d, c), Dropout: dropout, name: name, site: random.Key(0, name+".dropout")}
}

// Name implements Sublayer.
func (l *ClassifierLoss) Name() string { return l.name }

// Params implements Sublayer.
func (l *ClassifierLoss) Params() []*Param { return l.Linear.Params() }

// Shape implements Sublayer: one loss.
func (l *ClassifierLoss) Shape(*Batch) []int { return []int{1} }

// Forward implements Sublayer.
func (l *ClassifierLoss) Forward(y, x []float32, b *Batch) error {
	c, d := l.Linear.Out(), l.Linear.In()
	if len(l.Labels) != b.B {
		return fmt.Errorf("nn: %s: got %d labels, want %d", l.name, len(l.Labels), b.B)
	}
	counted, err := countTargets(l.Labels, c)
	if err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	if x, err = l.drop(x, b, d); err != nil {
		return err
	}
	logits, losses := kernels.Grow(&l.Logits, b.B*c), kernels.Grow(&l.losses, b.B)
	if err := l.Linear.Forward(logits, x, b.B, b); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	kernels.CrossEntropy(kernels.Grow(&l.dlogits, b.B*c), losses, logits, l.Labels, 1/float32(counted), b.B, c)
	if l.Smoothing > 0 {
		l.smooth(1 / float32(counted))
	}
	y[0] = float32(kernels.Sum(losses) / float64(counted))
	return nil
}

// smooth moves losses and gradients from the target e(label) to (1-s) e(label) + s/C, which adds s (z(label) - mean z) to the loss of logits z.
func (l *ClassifierLoss) smooth(scale float32) {
	c := l.Linear.Out()
	each, own := l.Smoothing*scale/float32(c), l.Smoothing*scale
	for i, label := range l.Labels {
		if label == IgnoreLabel {
			continue
		}
		z, d := l.Logits[i*c:(i+1)*c], l.dlogits[i*c:(i+1)*c]
		mean := float32(kernels.Sum(z) / float64(c))
		l.losses[i] += float32(l.Smoothing * (z[label] - mean))
		for j := range d {
			d[j] -= each
		}
		d[label] += own
	}
}

// drop returns x [B, D] after dropout.
func (l *ClassifierLoss) drop(x []float32, b *Batch, d int) ([]float32, error) {
	if l.Dropout == 0 || !b.Train {
		return x, nil
	}
	if len(b.Keys) != b.B {
		return nil, fmt.Errorf("nn: %s: got %d keys, want %d for dropout", l.name, len(b.Keys), b.B)
	}
	keys, dropped := kernels.Grow(&l.keys, b.B), kernels.Grow(&l.dropped, b.B*d)
	for i, key := range b.Keys {
		keys[i] = random.Mix(random.Mix(key, l.site), 0)
	}
	kernels.Dropout(dropped, x, keys, l.Dropout, b.B, d)
	return dropped, nil
}

// Backward implements Sublayer.
func (l *ClassifierLoss) Backward(dx, dy, x, _ []float32, b *Batch) error {
	d := l.Linear.In()
	drops := l.Dropout > 0 && b.Train
	if drops {
		x = l.dropped
	}
	scaleBy(l.dlogits, dy[0])
	if err := l.Linear.Backward(dx, l.dlogits, x, b.B, false, b, &l.scratch); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	if dx != nil && drops {
		kernels.Dropout(dx, dx, l.keys, l.Dropout, b.B, d)
	}
	return nil
}

// countTargets returns how many targets aren't IgnoreLabel, at least 1 so that it can divide, after checking that they lie
// in [0, C).
func countTargets(targets []int32, c int) (int, error) {
	n := 0
	for i, t := range targets {
		switch {
		case t == IgnoreLabel:
		case t < 0 || int(t) >= c:
			return 0, fmt.Errorf("target %d: got %d, want 0 to %d", i, t, c-1)
		default:
			n++
		}
	}
	return max(n, 1), nil
}

// scaleBy multiplies the gradients x by the gradient of the loss, which is nearly always 1.
func scaleBy(x []float32, s float32) {
	if s != 1 {
		kernels.Scale(x, s)
	}
}
