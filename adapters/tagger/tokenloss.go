package tagger

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// headName is the name of the head in transformers.
const headName = "classifier"

// dropout is BERT's for the tokens' vectors.
const dropout = 0.1

// A TokenLoss scores the first token of every word for every tag and compares with the true ones: BERT's head for token classification (Devlin et al.,
// 2018, section 5.3). It is the last sublayer of a training graph.
//
//	v = x at the first token of every word       [W, D], W words in all rows
//	z = v Wᵀ + b                                 [W, C]
//	loss = mean over words of CE(z, tag)
type TokenLoss struct {
	Linear *nn.Linear // [C, D]

	At   [][]int   // [B], set before a run: positions of words' first tokens
	Tags [][]int32 // [B], beside At: the tags

	ids, tags       []int32   // [W] positions in [B*T]
	keys            []uint64  // [W] of dropout
	vectors, dv     []float32 // [W, D]
	logits, dlogits []float32 // [W, C]
	losses          []float32 // [W]
	scratch         nn.Scratch
}

// NewTokenLoss makes the head for width d and c tags, with initial values by seed.
func NewTokenLoss(d, c int, seed uint64) *TokenLoss {
	l := &TokenLoss{Linear: nn.NewLinear(headName, d, c)}
	for _, p := range l.Params() {
		p.Init(seed)
	}
	return l
}

// Name implements nn.Sublayer.
func (l *TokenLoss) Name() string { return headName }

// Params implements nn.Sublayer.
func (l *TokenLoss) Params() []*nn.Param { return l.Linear.Params() }

// Shape implements nn.Sublayer: one loss.
func (l *TokenLoss) Shape(*nn.Batch) []int { return []int{1} }

var dropoutSite = random.Key(0, "tagger.dropout")

// lay lists the words of the batch.
func (l *TokenLoss) lay(b *nn.Batch) error {
	if len(l.At) != b.B || len(l.Tags) != b.B {
		return fmt.Errorf("tagger: loss: got %d rows of words and %d of tags, want %d", len(l.At), len(l.Tags), b.B)
	}
	drops := b.Train && b.Keys != nil
	l.ids, l.tags, l.keys = l.ids[:0], l.tags[:0], l.keys[:0]
	for i, row := range l.At {
		if len(row) != len(l.Tags[i]) {
			return fmt.Errorf("tagger: loss: row %d: got %d tags, want %d", i, len(l.Tags[i]), len(row))
		}
		for j, t := range row {
			if tag := l.Tags[i][j]; t < 0 || t >= b.Length(i) || tag < 0 || int(tag) >= l.Linear.Out() {
				return fmt.Errorf("tagger: loss: row %d: got tag %d at %d, want one of %d at 0 to %d", i, tag, t, l.Linear.Out(), b.Length(i)-1)
			}
			l.ids, l.tags = append(l.ids, int32(i*b.T+t)), append(l.tags, l.Tags[i][j])
			if drops {
				l.keys = append(l.keys, random.Mix(random.Mix(b.Keys[i], dropoutSite), uint64(t)))
			}
		}
	}
	if len(l.ids) == 0 {
		return fmt.Errorf("tagger: loss: no words in %d rows", b.B)
	}
	return nil
}

// Forward sets y [1] to the mean loss over the words of x [B, T, D].
func (l *TokenLoss) Forward(y, x []float32, b *nn.Batch) error {
	if err := l.lay(b); err != nil {
		return err
	}
	n, d, c := len(l.ids), l.Linear.In(), l.Linear.Out()
	v := kernels.Grow(&l.vectors, n*d)
	kernels.Gather(v, x, l.ids, d) // [W, D]
	if len(l.keys) > 0 {
		kernels.Dropout(v, v, l.keys, dropout, n, d)
	}
	z, losses := kernels.Grow(&l.logits, n*c), kernels.Grow(&l.losses, n)
	if err := l.Linear.Forward(z, v, n, b); err != nil {
		return fmt.Errorf("tagger: loss: %w", err)
	}
	kernels.CrossEntropy(kernels.Grow(&l.dlogits, n*c), losses, z, l.tags, 1/float32(n), n, c)
	y[0] = float32(kernels.Sum(losses) / float64(n))
	return nil
}

// Backward sets dx [B, T, D] unless nil and adds to the gradients of the head, given dy [1].
func (l *TokenLoss) Backward(dx, dy, _, _ []float32, b *nn.Batch) error {
	n, d := len(l.ids), l.Linear.In()
	if dy[0] != 1 {
		kernels.Scale(l.dlogits, dy[0])
	}
	var dv []float32
	if dx != nil {
		dv = kernels.Grow(&l.dv, n*d)
	}
	if err := l.Linear.Backward(dv, l.dlogits, l.vectors, n, false, b, &l.scratch); err != nil {
		return fmt.Errorf("tagger: loss: %w", err)
	}
	if dx == nil {
		return nil
	}
	if len(l.keys) > 0 {
		kernels.Dropout(dv, dv, l.keys, dropout, n, d)
	}
	dx = dx[:b.B*b.T*d]
	clear(dx)
	kernels.ScatterAdd(dx, dv, l.ids, d)
	return nil
}
