package checkpoint

import (
	"fmt"
	"math"
)

// fromF16 widens an IEEE 754 half to float32, exactly.
func fromF16(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exp, man := uint32(h>>10)&0x1f, uint32(h)&0x3ff
	switch {
	case exp == 0x1f: // infinity, NaN
		return math.Float32frombits(sign | 0x7f800000 | man<<13)
	case exp != 0:
		return math.Float32frombits(sign | (exp+112)<<23 | man<<13)
	}
	// A subnormal half is man * 2^-24, which float32 holds exactly.
	v := float32(man) * 0x1p-24
	return math.Float32frombits(sign | math.Float32bits(v))
}

// toF16 rounds a finite float32 to the nearest half, ties to even. It returns false if the
// result would be infinite or v is not finite.
func toF16(v float32) (uint16, bool) {
	b := math.Float32bits(v)
	sign := uint16(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b >= 0x477ff000: // rounds to 65520 or more, infinity or NaN
		return 0, false
	case b >= 0x38800000: // normal half, 2^-14 or more
		b -= 112 << 23
		b += 0xfff + b>>13&1 // half a unit, less one if even
		return sign | uint16(b>>13), true
	}
	// Subnormal: adding 0.5, whose unit in the last place is 2^-24, rounds for us.
	f := math.Float32frombits(b) + 0.5
	return sign | uint16(math.Float32bits(f)-math.Float32bits(0.5)), true
}

// RoundF16 rounds every value of v to the nearest float16, ties to even: what writing and reading it as F16 gives. A value beyond float16,
// or not finite, is ErrOverflow.
func RoundF16(v []float32) error {
	for i, x := range v {
		h, ok := toF16(x)
		if !ok {
			return &Error{Err: ErrOverflow, Detail: fmt.Sprintf("%g is beyond float16", x)}
		}
		v[i] = fromF16(h)
	}
	return nil
}

// fromBF16 widens a bfloat16 to float32, exactly.
func fromBF16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }

// RoundTensors is RoundF16 of all tensors.
func RoundTensors(tensors []Tensor) error {
	for i := range tensors {
		if err := RoundF16(tensors[i].Data); err != nil {
			return fmt.Errorf("%s: %w", tensors[i].Name, err)
		}
	}
	return nil
}
