package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// activations writes the kernels of gelu.go and activation.go.
func activations() {
	forward := func(name string, blocks int, f func(x reg.VecVirtual) reg.VecVirtual) {
		mapped(name+"AVX", "func(y, x []float32)", name+"Plain", []string{"y", "x"}, false, blocks,
			func(v []reg.VecVirtual) reg.VecVirtual { return f(v[0]) })
	}
	// backward multiplies dy by the derivative d at x.
	backward := func(name string, blocks int, d func(x reg.VecVirtual) reg.VecVirtual) {
		mapped(name+"AVX", "func(dx, dy, x []float32)", name+"Plain", []string{"dx", "dy", "x"}, false, blocks,
			func(v []reg.VecVirtual) reg.VecVirtual {
				g := d(v[1])
				VMULPS(v[0], g, g)
				return g
			})
	}

	forward("gelu", 1, func(x reg.VecVirtual) reg.VecVirtual {
		p, _ := normal(x)
		VMULPS(x, p, p)
		return p
	})
	backward("geluGrad", 1, func(x reg.VecVirtual) reg.VecVirtual {
		p, e := normal(x)
		VMULPS(x, e, e)
		VFMADD231PS(constant(0.398942280401432677939946), e, p)
		return p
	})

	const slope = 1.595769121605730711759784
	const cubic = slope * 0.044715
	inner := func(x reg.VecVirtual) (s, c, square reg.VecVirtual) {
		square = YMM()
		VMULPS(x, x, square)
		z := polynomial(square, slope, cubic)
		VMULPS(x, z, z)
		s, c = logistic(z)
		return s, c, square
	}
	forward("geluTanh", 1, func(x reg.VecVirtual) reg.VecVirtual {
		s, _, _ := inner(x)
		VMULPS(x, s, s)
		return s
	})
	backward("geluTanhGrad", 1, func(x reg.VecVirtual) reg.VecVirtual {
		s, c, square := inner(x)
		w := polynomial(square, slope, 3*cubic)
		VMULPS(s, x, x)
		VMULPS(c, x, x)
		VFMADD231PS(w, x, s)
		return s
	})

	forward("silu", 1, func(x reg.VecVirtual) reg.VecVirtual {
		s, _ := logistic(x)
		VMULPS(x, s, s)
		return s
	})
	backward("siluGrad", 1, func(x reg.VecVirtual) reg.VecVirtual {
		s, c := logistic(x)
		VMULPS(s, x, x)
		VFMADD231PS(c, x, s)
		return s
	})

	forward("tanh", 1, tanh)
	backward("tanhGrad", 4, func(y reg.VecVirtual) reg.VecVirtual {
		d := YMM()
		VMOVAPS(y, d)
		VFNMADD213PS(constant(1), y, d)
		return d
	})

	forward("relu", 4, func(x reg.VecVirtual) reg.VecVirtual {
		m := YMM()
		VCMPPS(Imm(notAtMost), constant(0), x, m)
		VANDPS(m, x, x)
		return x
	})
	mapped("reluGradAVX", "func(dx, dy, x []float32)", "reluGradPlain", []string{"dx", "dy", "x"}, false, 4,
		func(v []reg.VecVirtual) reg.VecVirtual {
			VCMPPS(Imm(greater), constant(0), v[1], v[1])
			VANDPS(v[1], v[0], v[0])
			return v[0]
		})
}

// normal returns the standard normal distribution at x and exp(-x^2/2).
func normal(x reg.VecVirtual) (p, e reg.VecVirtual) {
	a, h := YMM(), YMM()
	VANDPS(constantBits(absBits), x, a)
	VMULPS(x, x, h)
	VMULPS(constant(-0.5), h, h)
	e = exp(h)
	t, one := YMM(), YMM()
	VMOVUPS(constant(1), one)
	VMOVAPS(one, t)
	VFMADD231PS(constant(0.3), a, t)
	VDIVPS(t, one, t)
	q := polynomial(t, 7.16888459e-6, 0.119487689, 0.121920343, 0.0946835188, 0.142535534, -0.0765064916, 0.228660092,
		-0.169166116, 0.03837829)
	VMULPS(e, q, q)
	p = YMM()
	VSUBPS(q, one, p)
	VBLENDVPS(x, q, p, p)
	return p, e
}

// logistic returns 1/(1+exp(-x)) and 1/(1+exp(x)).
func logistic(x reg.VecVirtual) (s, c reg.VecVirtual) {
	h := YMM()
	VORPS(constantBits(signBit), x, h)
	e := exp(h)
	r, one := YMM(), YMM()
	VMOVUPS(constant(1), one)
	VADDPS(one, e, r)
	VDIVPS(r, one, r)
	VMULPS(r, e, e)
	s, c = YMM(), YMM()
	VBLENDVPS(x, e, r, s)
	VBLENDVPS(x, r, e, c)
	return s, c
}

// tanh returns Tanh(x).
func tanh(x reg.VecVirtual) reg.VecVirtual {
	z := YMM()
	VMULPS(x, x, z)
	small := polynomial(z, -0.33333248, 0.13330543, -0.053665053, 0.020397976, -0.0054394496)
	VMULPS(z, small, small)
	VFMADD213PS(x, x, small)
	a, h, sign := YMM(), YMM(), YMM()
	VANDPS(constantBits(absBits), x, a)
	VANDPS(constantBits(signBit), x, sign)
	VMULPS(constant(-2), a, h)
	e := exp(h)
	one, over, under := YMM(), YMM(), YMM()
	VMOVUPS(constant(1), one)
	VSUBPS(e, one, over)
	VADDPS(e, one, under)
	VDIVPS(under, over, over)
	VORPS(sign, over, over)
	VCMPPS(Imm(less), constant(0.625), a, a)
	VBLENDVPS(a, small, over, over)
	return over
}
