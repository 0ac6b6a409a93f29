package picture

import (
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/kernels"
)

// weightBits is the precision of a weight, that of the kernels. A sum of 8-bit pixels under weights whose absolute values add to less than 2 fits 32 bits.
const weightBits = kernels.PixelBits

// taps say of which pixels of a line those of another are made: output i is the sum of weights[i][j] * input[first[i]+j].
type taps struct {
	first   []int32
	count   []int32
	weights []int32 // [outputs, size]
	size    int
	whole   bool // output i is input i + first[0]

	exact []float64 // scratch
}

// resize fills t with the weights of outputs lo to hi-1 of a line of in pixels that becomes one of out pixels.
func (t *taps) resize(in, out, lo, hi int, f Filter) {
	if f == Nearest {
		t.nearest(in, out, lo, hi)
		return
	}
	scale := float64(in) / float64(out)
	wide := max(scale, 1)
	support := float64(f.support() * wide)
	t.start(hi-lo, int(math.Ceil(support))*2+1)
	shrink := 1 / wide
	for i := lo; i < hi; i++ {
		center := float64((float64(i) + 0.5) * scale)
		from := max(int(center-support+0.5), 0)
		to := min(int(center+support+0.5), in)
		exact := t.exact[:0]
		sum := 0.0
		for x := from; x < to; x++ {
			w := float64(f.at(float64((float64(x) - center + 0.5) * shrink)))
			exact = append(exact, w)
			sum += w
		}
		t.add(from, exact, sum)
		t.exact = exact
	}
}

// nearest is Pillow's walk along the input in steps of in/out.
func (t *taps) nearest(in, out, lo, hi int) {
	t.start(hi-lo, 1)
	step := float64(in) / float64(out)
	at := float64(step * 0.5)
	for i := range hi {
		if i >= lo {
			t.add(min(int(at), in-1), []float64{1}, 1)
		}
		at += step
	}
}

// start empties t for n outputs of at most size taps.
func (t *taps) start(n, size int) {
	t.size, t.whole = size, true
	t.first, t.count = t.first[:0], t.count[:0]
	t.weights = slices.Grow(t.weights[:0], n*size)
}

// add appends an output of the pixels that start at first. The weights are divided by their sum and rounded; zeros at either end are left out.
func (t *taps) add(first int, exact []float64, sum float64) {
	n := len(t.weights)
	t.weights = t.weights[:n+t.size]
	w := t.weights[n:]
	k := 0
	for _, v := range exact {
		if sum != 0 {
			v /= sum
		}
		fixed := int32(math.Copysign(0.5, v) + float64(v*(1<<weightBits)))
		switch {
		case fixed != 0 || k > 0:
			w[k] = fixed
			k++
		default:
			first++
		}
	}
	for k > 0 && w[k-1] == 0 {
		k--
	}
	i := len(t.first)
	t.first, t.count = append(t.first, int32(first)), append(t.count, int32(k))
	t.whole = t.whole && k == 1 && w[0] == 1<<weightBits && first == int(t.first[0])+i
}

// span gives the inputs that the outputs are made of.
func (t *taps) span() (from, to int) {
	for i, f := range t.first {
		if i == 0 {
			from = int(f)
		}
		from, to = min(from, int(f)), max(to, int(f+t.count[i]))
	}
	return from, max(from, to)
}
