package checkpoint

import (
	"math"
	"testing"
)

// half64 is the value of a half by its definition.
func half64(h uint16) float64 {
	sign, exp, man := 1.0, int(h>>10&0x1f), float64(h&0x3ff)
	if h&0x8000 != 0 {
		sign = -1
	}
	switch exp {
	case 0x1f:
		if man != 0 {
			return math.NaN()
		}
		return sign * math.Inf(1)
	case 0:
		return sign * man * 0x1p-24
	}
	return sign * (1 + man/1024) * math.Ldexp(1, exp-15)
}

// TestHalfAll widens and narrows every half.
func TestHalfAll(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		want, got := half64(h), float64(fromF16(h))
		if math.IsNaN(want) {
			if !math.IsNaN(got) {
				t.Fatalf("%#04x: got %v, want NaN", h, got)
			}
			continue
		}
		if got != want || math.Signbit(got) != math.Signbit(want) {
			t.Fatalf("%#04x: got %v, want %v", h, got, want)
		}
		back, ok := toF16(float32(got))
		if finite := !math.IsInf(want, 0); ok != finite || ok && back != h {
			t.Fatalf("%#04x: narrowed to %#04x, %v", h, back, ok)
		}
	}
}

// TestHalfRounding narrows values at, below and above the middle between any two neighbouring halves.
func TestHalfRounding(t *testing.T) {
	for h := uint16(0); h < 0x7c00; h++ {
		low := half64(h)
		high := half64(h + 1)
		if h == 0x7bff {
			high = 65536
		}
		middle := float32((low + high) / 2) // exact: one bit more than a half has
		even := h + h&1
		for _, c := range []struct {
			v    float32
			want uint16
		}{
			{math.Nextafter32(middle, 0), h},
			{middle, even},
			{math.Nextafter32(middle, math.MaxFloat32), h + 1},
		} {
			got, ok := toF16(c.v)
			if c.want == 0x7c00 { // rounds to infinity
				if ok {
					t.Fatalf("%v: got %#04x, want overflow", c.v, got)
				}
				continue
			}
			if !ok || got != c.want {
				t.Fatalf("%v: got %#04x, %v, want %#04x", c.v, got, ok, c.want)
			}
			if got, ok := toF16(-c.v); !ok || got != c.want|0x8000 {
				t.Fatalf("%v: got %#04x, %v, want %#04x", -c.v, got, ok, c.want|0x8000)
			}
		}
	}
	for _, v := range []float32{65520, math.MaxFloat32, float32(math.Inf(1)), float32(math.NaN())} {
		if h, ok := toF16(v); ok {
			t.Errorf("%v: got %#04x, want overflow", v, h)
		}
	}
}

func TestBFloat16(t *testing.T) {
	for i := range 1 << 16 {
		if got := math.Float32bits(fromBF16(uint16(i))); got != uint32(i)<<16 {
			t.Fatalf("%#04x: got %#08x", i, got)
		}
	}
}
