package text

import (
	"slices"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A headInference is an immutable copy of a head with packed weights, whose logits are the head's to the bit. It is safe for concurrent use. Packing
// pays where few rows come at a time: the weights of a masked-language head are the whole vocabulary.
type headInference struct {
	dense *packedLinear // nil: none
	act   string
	norm  *nn.LayerNorm // nil: none
	out   *packedLinear
}

type packedLinear struct {
	w    *kernels.Packed
	bias []float32 // nil: none
}

func packLinear(l *nn.Linear) *packedLinear {
	w, bias := l.Merged()
	return &packedLinear{kernels.PackNT(w, l.Out(), l.In()), slices.Clone(bias)}
}

func (l *packedLinear) forward(y, x []float32, n int) {
	if l.bias == nil {
		l.w.MatMul(y, x, n, false)
		return
	}
	l.w.MatMulBias(y, x, l.bias, n)
}

// snapshot copies and packs the weights as they are now.
func (h *Head) snapshot() *headInference {
	s := &headInference{act: h.act, out: packLinear(h.out)}
	if h.dense != nil {
		s.dense = packLinear(h.dense)
	}
	if h.norm != nil {
		s.norm = h.norm.Clone()
	}
	return s
}

// logits sets z [N, C] from N rows of x [N, D]; buf is scratch.
func (h *headInference) logits(z, x []float32, n int, buf *[]float32) {
	if h.dense != nil {
		y := kernels.Grow(buf, n*h.dense.w.N())
		h.dense.forward(y, x, n)
		activate(h.act, y)
		if h.norm != nil {
			h.norm.Infer(y, y, n)
		}
		x = y
	}
	h.out.forward(z, x, n)
}
