package kernels

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// exactFMA is a*b + c with one rounding, by arbitrary precision; operands are finite and the result isn't zero.
func exactFMA(a, b, c float32) float32 {
	x, y, z := new(big.Float).SetPrec(2000), new(big.Float), new(big.Float)
	x.SetFloat64(float64(a))
	x.Mul(x, y.SetFloat64(float64(b)))
	x.Add(x, z.SetFloat64(float64(c)))
	f, _ := x.Float32()
	return f
}

func TestFMA32Exact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	any32 := func() float32 { // any finite number, all exponents alike
		for {
			if x := math.Float32frombits(r.Uint32()); !math.IsInf(float64(x), 0) && x == x {
				return x
			}
		}
	}
	few := func() float32 { return float32(r.IntN(1<<13)-1<<12) * float32(math.Ldexp(1, r.IntN(40)-20)) }
	check := func(a, b, c float32) {
		t.Helper()
		want := exactFMA(a, b, c)
		if want == 0 {
			return // the sign of a zero is a matter of other rules
		}
		for _, got := range []float32{fma32(a, b, c), fma32Tie(a, b, c)} {
			if math.Float32bits(got) != math.Float32bits(want) {
				t.Fatalf("fma32(%x, %x, %x): got %x, want %x", a, b, c, got, want)
			}
		}
	}
	for range 100_000 {
		check(any32(), any32(), any32())
		check(few(), few(), few())                                           // ties are common
		check(few(), few(), float32(math.Ldexp(float64(few()), 24)))         // a product at the edge of c
		check(any32()*0x1p-60, any32()*0x1p-60, any32()*0x1p-100)            // near and below the normal range
		check(1+0x1p-23, 1+float32(r.IntN(9))*0x1p-23, 0x1p-24*float32(1-2)) // near a midpoint
	}
	// The float64 sum lies on a midpoint of float32, and what it lost decides.
	check(1+0x1p-12, 1+0x1p-12, 0x1p-60)
	check(1+0x1p-12, 1+0x1p-12, -0x1p-60)
	check(math.MaxFloat32, 1, 0x1p103)
	check(math.MaxFloat32, 1, 0x1p102)
	check(0x1p-126, 0x1p-24, 0x1p-149)
}

func TestFMA32Special(t *testing.T) {
	inf, zero := float32(math.Inf(1)), float32(0)
	minus := float32(math.Copysign(0, -1))
	tests := []struct{ a, b, c, want float32 }{
		{inf, 1, 1, inf},
		{1, 1, -inf, -inf},
		{1, -1, 1, zero},
		{minus, 1, minus, minus},
		{minus, 1, zero, zero},
		{math.MaxFloat32, 2, 0, inf},
		{1e-30, -1e-30, 0, minus},
		{1e-30, 1e-30, 0, zero},
	}
	for _, c := range tests {
		if got := fma32(c.a, c.b, c.c); math.Float32bits(got) != math.Float32bits(c.want) {
			t.Errorf("fma32(%v, %v, %v): got %v, want %v", c.a, c.b, c.c, got, c.want)
		}
	}
	if got := fma32(inf, 0, 1); got == got {
		t.Errorf("fma32(Inf, 0, 1): got %v, want NaN", got)
	}
}

func BenchmarkFMA32(b *testing.B) {
	s := float32(1)
	for range b.N {
		s = fma32(s, 0.999999, 1e-7)
	}
	sink = s
}

var sink float32
