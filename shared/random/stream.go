package random

import (
	"math"
	"math/bits"
)

// A Stream reads the numbers under one key in order: Mix(key, 0), Mix(key, 1), ... It is not safe for concurrent use;
// give each use a key of its own instead of sharing a stream.
type Stream struct {
	key, next uint64
}

// New returns a stream at the first number under key.
func New(key uint64) *Stream { return &Stream{key: key} }

// Uint64 returns 64 uniform bits.
func (s *Stream) Uint64() uint64 {
	v := Mix(s.key, s.next)
	s.next++
	return v
}

// IntN returns a uniform integer in [0, n). It panics unless n is positive.
func (s *Stream) IntN(n int) int {
	if n <= 0 {
		panic("random: IntN: n is not positive")
	}
	// The high word of bits * n is the draw; the low word tells the few draws that would favour small values
	// (Lemire, "Fast random integer generation in an interval", 2019).
	high, low := bits.Mul64(s.Uint64(), uint64(n))
	if low < uint64(n) {
		for reject := -uint64(n) % uint64(n); low < reject; {
			high, low = bits.Mul64(s.Uint64(), uint64(n))
		}
	}
	return int(high)
}

// Float64 returns a uniform number in [0, 1), a multiple of 2^-53.
func (s *Stream) Float64() float64 { return float64(s.Uint64()>>11) * 0x1p-53 }

// Normal returns a number of the standard normal distribution, by the polar method (Marsaglia and Bray, 1964). It
// takes two numbers of the stream per try.
func (s *Stream) Normal() float64 {
	for {
		x := float64(2*s.Float64()) - 1
		y := float64(2*s.Float64()) - 1
		r := float64(x*x) + float64(y*y)
		if r > 0 && r < 1 {
			return x * math.Sqrt(float64(-2*Log(r))/r)
		}
	}
}

// Log returns the natural logarithm of a positive normal number, within 2 ulp away from 1 and 1e-17 near it. Unlike
// math.Log it gives the same bits on every architecture.
func Log(x float64) float64 {
	m, e := math.Frexp(x) // x = m 2^e, m in [1/2, 1)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	f := (m - 1) / (m + 1) // log m = 2 (f + f^3/3 + f^5/5 + ...), |f| < 0.172
	q := f * f
	sum := 0.0
	for k := 23; k >= 1; k -= 2 {
		sum = float64(sum*q) + 1/float64(k)
	}
	return float64(float64(e)*math.Ln2) + float64(2*f*sum)
}

// Perm returns a uniform permutation of 0 ... n-1 that depends on key and n only.
func Perm(key uint64, n int) []int32 {
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	s := New(key)
	for i := n - 1; i > 0; i-- {
		j := s.IntN(i + 1)
		p[i], p[j] = p[j], p[i]
	}
	return p
}
