package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

// An LMHead is BERT's masked-language-model head and loss (Devlin et al., 2018, section 3.1) over chosen positions of x
// [B, T, D]: a dense layer, GELU and a norm, then logits by the word embeddings [V, E] plus a bias. It gathers only the chosen rows. Set
// Positions and Targets before a run.
type LMHead struct {
	Dense *Linear    // [E, D]
	Norm  *LayerNorm // over E
	Word  *Param     // [V, E], the embedding's: tied
	Bias  *Param     // [V]

	Positions []int32 // [P] chosen rows: b*T + t
	Targets   []int32 // [P] ids wanted there, IgnoreLabel: none
	Correct   int     // of the last Forward outside training: targets that had the highest logit

	Draws []uint64 // [P] random numbers: each draws a token from its row's softmax; nil: none is drawn
	Drawn []int32  // [P] of the last Forward with Draws; IgnoreLabel where the target is

	name                   string
	rows                   []float32 // [P, D]
	pre, act, normed, grad []float32 // [P, E]
	logits                 []float32 // [P, V], after Forward their gradient
	losses                 []float32 // [P]
	scratch                Scratch
}

// NewLMHead returns a head for vectors of width d over the word embeddings [V, E]; its parameters are named name.transform.dense.*,
// name.transform.LayerNorm.* and name.bias.
func NewLMHead(name string, word *Param, d int, eps float32) *LMHead {
	v, e := word.Shape[0], word.Shape[1]
	return &LMHead{
		Dense: NewLinear(name+".transform.dense", d, e), Norm: NewLayerNorm(name+".transform.LayerNorm", e, eps),
		Word: word, Bias: newInit(initZeros, name+".bias", v), name: name,
	}
}

// Name implements Sublayer.
func (l *LMHead) Name() string { return l.name }

// Params implements Sublayer. The word embeddings are the source's.
func (l *LMHead) Params() []*Param {
	return append(append(l.Dense.Params(), l.Norm.Params()...), l.Bias)
}

// Shape implements Sublayer: one loss.
func (l *LMHead) Shape(*Batch) []int { return []int{1} }

// Forward implements Sublayer: y is the mean loss over the targets.
func (l *LMHead) Forward(y, x []float32, b *Batch) error {
	v, e, d, n := l.Word.Shape[0], l.Word.Shape[1], l.Dense.In(), len(l.Positions)
	if len(l.Targets) != n {
		return fmt.Errorf("nn: %s: got %d targets, want %d", l.name, len(l.Targets), n)
	}
	if err := inRange("position", l.Positions, b.B*b.T); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	if l.Draws != nil && len(l.Draws) != n {
		return fmt.Errorf("nn: %s: got %d random numbers, want %d", l.name, len(l.Draws), n)
	}
	counted, err := countTargets(l.Targets, v)
	if err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	rows, pre, act := kernels.Grow(&l.rows, n*d), kernels.Grow(&l.pre, n*e), kernels.Grow(&l.act, n*e)
	kernels.Gather(rows, x, l.Positions, d)
	if err := l.Dense.Forward(pre, rows, n, b); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	GELU.Forward(act, pre)
	normed, logits, losses := kernels.Grow(&l.normed, n*e), kernels.Grow(&l.logits, n*v), kernels.Grow(&l.losses, n)
	l.Norm.Forward(normed, act, n)
	kernels.MatMulNTBias(logits, normed, l.Word.Value, l.Bias.Value, n, v, e)
	if !b.Train {
		l.Correct = correct(logits, l.Targets, v)
	}
	kernels.CrossEntropy(logits, losses, logits, l.Targets, 1/float32(counted), n, v)
	if l.Draws != nil {
		l.draw(1 / float32(counted))
	}
	y[0] = float32(kernels.Sum(losses) / float64(counted))
	return nil
}

// correct counts the rows of logits [P, V] whose first largest element is the target.
func correct(logits []float32, targets []int32, v int) int {
	n := 0
	for i, t := range targets {
		if t == IgnoreLabel {
			continue
		}
		best, row := 0, logits[i*v:(i+1)*v]
		for j, x := range row {
			if x > row[best] {
				best = j
			}
		}
		n += count(best == int(t))
	}
	return n
}

// draw draws a token for each row of the gradient [P, V] that CrossEntropy has left, (softmax - onehot(target)) * scale: the first one at which
// the sum of the probabilities, in the order of the vocabulary, passes the row's random number in [0, 1).
func (l *LMHead) draw(scale float32) {
	v := l.Word.Shape[0]
	drawn := kernels.Grow(&l.Drawn, len(l.Draws))
	for i, target := range l.Targets {
		if drawn[i] = IgnoreLabel; target == IgnoreLabel {
			continue
		}
		least := float64(l.Draws[i]>>11) * 0x1p-53 * float64(scale)
		drawn[i] = int32(v - 1) // where rounding keeps the sum from passing
		sum := 0.0
		for id, p := range l.logits[i*v : (i+1)*v] {
			if sum += float64(p); int32(id) == target {
				sum += float64(scale)
			}
			if sum > least {
				drawn[i] = int32(id)
				break
			}
		}
	}
}

// Backward implements Sublayer.
func (l *LMHead) Backward(dx, dy, _, _ []float32, b *Batch) error {
	v, e, d, n := l.Word.Shape[0], l.Word.Shape[1], l.Dense.In(), len(l.Positions)
	scaleBy(l.logits, dy[0])
	if g := l.Word.wanted(); g != nil {
		kernels.MatMulTN(g, l.logits, l.normed, v, e, n, true)
	}
	if g := l.Bias.wanted(); g != nil {
		kernels.ColumnSum(g, l.logits, n, v)
	}
	if dx == nil && !Trainable(l.Dense.Params()) && !Trainable(l.Norm.Params()) {
		return nil
	}
	grad := kernels.Grow(&l.grad, n*e)
	normed := l.normed // becomes its own gradient: it isn't needed any more
	kernels.MatMul(normed, l.logits, l.Word.Value, n, e, v, false)
	l.Norm.Backward(grad, normed, l.act, n, false)
	GELU.Backward(grad, grad, l.pre)
	var rows []float32
	if dx != nil {
		rows = kernels.Grow(&l.normed, n*d) // nobody needs it any more
	}
	if err := l.Dense.Backward(rows, grad, l.rows, n, false, b, &l.scratch); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	if dx != nil {
		clear(dx[:b.B*b.T*d])
		kernels.ScatterAdd(dx, rows, l.Positions, d)
	}
	return nil
}
