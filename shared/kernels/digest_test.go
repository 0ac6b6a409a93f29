package kernels

import (
	"math"
	"testing"
)

// rowsDigest is the FNV-1a hash of the bits of every row and elementwise kernel over fixed inputs. It is the same on
// every architecture, with assembly or without, and with any number of workers; a change of it is a change of every
// trained model, and has to be meant.
const rowsDigest = 0xf7a05726db4ee688

func TestDigest(t *testing.T) {
	h := uint64(0xcbf29ce484222325)
	add := func(x []float32) {
		for _, v := range x {
			u := math.Float32bits(v)
			if v != v {
				u = 0x7fc00000 // the sign and payload of a NaN belong to the processor
			}
			h = (h ^ uint64(u)) * 0x100000001b3
		}
	}
	for _, v := range variants() {
		for _, n := range []int{5, 64, 131} {
			a := &arena{t: t, seed: uint64(n)}
			for _, out := range v.run(a, a.normal, n) {
				add(out)
			}
			for _, out := range v.run(a, a.special, n) {
				add(out)
			}
		}
	}
	everyFloat(999983, func(x float32) { add([]float32{Exp(x), Log(x), Tanh(x), Erf(x)}) })
	if h != rowsDigest {
		t.Errorf("the digest is %#x, want %#x", h, uint64(rowsDigest))
	}
}
