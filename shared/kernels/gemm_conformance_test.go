package kernels

import (
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
)

func oneHead(tq, tk, size int, scale float32) *AttentionShape {
	return &AttentionShape{B: 1, H: 1, K: size, Tq: tq, Tk: tk, LdQ: size, LdKV: size, LdO: size, Scale: scale}
}

func TestProductsAndAttentionConform(t *testing.T) {
	products := kerneltest.Products{
		MatMul: MatMul, MatMulNT: MatMulNT, MatMulTN: MatMulTN, MatMulNTBias: MatMulNTBias,
		PackedNT: func(c, a, b []float32, m, n, k int, acc bool) { PackNT(b, n, k).MatMul(c, a, m, acc) },
		PackedBias: func(c, a, b, bias []float32, m, n, k int) {
			PackNT(b, n, k).MatMulBias(c, a, bias, m)
		},
	}
	attention := kerneltest.Attention{
		Exp: Exp,
		Forward: func(o, probs, q, k, v []float32, tq, tk, size int, scale float32) {
			Attention(o, probs, q, k, v, oneHead(tq, tk, size, scale))
		},
		Backward: func(dq, dk, dv, do, q, k, v, probs []float32, tq, tk, size int, scale float32) {
			AttentionBackward(dq, dk, dv, do, q, k, v, probs, oneHead(tq, tk, size, scale))
		},
	}
	everyPath(t, func(t *testing.T) {
		kerneltest.CheckProducts(t, products)
		kerneltest.CheckAttention(t, attention)
	})
}
