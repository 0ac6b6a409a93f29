package kernels

import "math"

// fma32 returns a*b + c rounded once, to float32, exactly as the hardware's fused multiply-add does.
//
// The product of two float32 is exact in float64. The sum s of that product and c is rounded to float64, and rounding
// it again to float32 gives the right answer unless s lies on the midpoint of two float32 (the rounded-off part of the
// exact sum would break the tie), or below the normal range of float32, where the midpoints lie elsewhere.
func fma32(a, b, c float32) float32 {
	s := float64(float64(a)*float64(b)) + float64(c)
	u := math.Float64bits(s)
	if u&(1<<29-1) != 1<<28 && u<<1 >= 2*minNormal {
		return float32(s)
	}
	return fma32Tie(a, b, c)
}

// minNormal is the bit pattern in float64 of 2^-126, the smallest normal float32.
const minNormal = (1023 - 126) << 52

// fma32Tie is fma32 for every operand: it rounds the sum to odd, which a second rounding can't spoil.
func fma32Tie(a, b, c float32) float32 {
	p, d := float64(a)*float64(b), float64(c)
	s := p + d
	t := s - p
	e := float64(p-float64(s-t)) + float64(d-t) // what s lacks of p + d, exactly
	if e != 0 && !math.IsNaN(e) {
		if u := math.Float64bits(s); u&1 == 0 {
			if (e > 0) == (s > 0) {
				s = math.Float64frombits(u + 1)
			} else {
				s = math.Float64frombits(u - 1)
			}
		}
	}
	return float32(s)
}
