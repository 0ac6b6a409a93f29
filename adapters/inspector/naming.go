package inspector

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A naming tells kinds of defects apart by what is off with a picture.
type naming struct {
	kinds []string
	head  *nn.Linear // [C, W]
}

// newNamingHead makes a head for kinds of defects of pictures off in w ways.
func newNamingHead(w, kinds int) *nn.Linear { return nn.NewLinear("kinds", w, kinds) }

// Naming gives an inspector that also names what it calls defective, by the kinds of some defective pictures: few of each are enough, and nobody has to say where the defects are.
// A picture stands for the direction in which it is off: from what the bank holds nearest to its worst patch, and, where pictures are judged so, from what good ones are like
// on the whole. A ridge regression tells directions apart (nn.RidgeClassifier). Scores, thresholds and maps stay as they are.
//
// The second result is what every one of those pictures would be called by the others.
func (p *Inspector) Naming(ctx context.Context, pictures Pictures, kinds []string) (*Inspector, []string, error) {
	n := pictures.Len()
	names := slices.Compact(slices.Sorted(slices.Values(kinds)))
	if n < 1 || len(kinds) != n || len(names) > MaxKinds {
		return nil, nil, fmt.Errorf("inspector: naming: got %d defective pictures of %d kinds, %d of them labelled, want at least 1, at most %d and all", n, len(names), len(kinds), MaxKinds)
	}
	q := newInspector(p.features, p.settings)
	q.whitening, q.whole, q.standards, q.bank, q.thresholds, q.passport = p.whitening, p.whole, p.standards, p.bank, p.thresholds, p.passport
	q.naming = &naming{names, newNamingHead(p.ways(), len(names))}
	if len(names) == 1 {
		return q, slices.Clone(kinds), nil
	}
	pixels, w := make([]float32, p.settings.pixels()), p.ways()
	x, y := kernels.Make[float32](n*w), make([]int32, n)
	var s scratch
	for i, kind := range kinds {
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		if err := pictures.Read(pixels, i); err != nil {
			return nil, nil, fmt.Errorf("inspector: defective picture %d: %w", i, err)
		}
		if _, err := p.look(nil, pixels, &s); err != nil {
			return nil, nil, fmt.Errorf("inspector: defective picture %d: %w", i, err)
		}
		p.off(x[i*w:(i+1)*w], &s)
		k, _ := slices.BinarySearch(names, kind)
		y[i] = int32(k)
	}
	fit, err := nn.RidgeClassifier(q.naming.head, x, y, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("inspector: naming: %w", err)
	}
	leftOut := make([]string, n)
	for i := range leftOut {
		leftOut[i] = names[most(fit.LeftOut[i*len(names):(i+1)*len(names)])]
	}
	return q, leftOut, nil
}

// Kinds are the kinds of defects that are named; nil where they aren't.
func (p *Inspector) Kinds() []string {
	if p.naming == nil {
		return nil
	}
	return slices.Clone(p.naming.kinds)
}

// ways is in how many ways a picture can be off.
func (p *Inspector) ways() int { return ways(p.bank.d, p.whole != nil) }

// ways is in how many ways a picture of vectors of width d can be off: those of its worst patch, and those of the whole where it is judged so.
func ways(d int, whole bool) int {
	if whole {
		return 3 * d
	}
	return d
}

// off sets y [ways], of length 1, to the direction in which the picture is off that s was used for last. The worst patch and the whole each count as far as
// the root of the mean square of their elements goes.
func (p *Inspector) off(y []float32, s *scratch) {
	d := p.bank.d
	copy(y, s.seen[s.worst*d:(s.worst+1)*d])
	kernels.AddScaled(y[:d], p.bank.row(int(s.at[s.worst])), -1)
	kernels.Scale(y[:d], float32(1/math.Sqrt(float64(d))))
	if p.whole != nil {
		copy(y[d:], s.moments)
		kernels.Scale(y[d:], float32(1/math.Sqrt(float64(2*d))))
	}
	if length := math.Sqrt(kernels.SumSquares(y)); length > 0 {
		kernels.Scale(y, float32(1/length))
	}
}

// name gives the kind of defect of the picture that s was used for last.
func (p *Inspector) name(s *scratch) (string, error) {
	y, logits := kernels.Grow(&s.off, p.ways()), kernels.Grow(&s.logits, len(p.naming.kinds))
	p.off(y, s)
	if err := p.naming.head.Forward(logits, y, 1, nil); err != nil {
		return "", fmt.Errorf("inspector: naming: %w", err)
	}
	return p.naming.kinds[most(logits)], nil
}
