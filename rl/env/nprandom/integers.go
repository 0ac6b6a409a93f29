package nprandom

import (
	"math"
	"math/bits"
)

// Integers is integers(n) with numpy's default type int64: a whole number in [0, n), or 0 where n isn't positive. Up to 2^32 it
// takes 32 bits a try, and rejects the few that would favour small numbers (Lemire, "Fast random integer generation in an
// interval", 2019).
func (g *Generator) Integers(n int64) int64 {
	switch {
	case n <= 1:
		return 0
	case n == 1<<32:
		return int64(g.Uint32())
	case n > 1<<32:
		return int64(g.lemire64(uint64(n)))
	}
	return int64(g.lemire32(uint32(n)))
}

func (g *Generator) lemire32(n uint32) uint32 {
	m := uint64(g.Uint32()) * uint64(n)
	if uint32(m) < n {
		for reject := (math.MaxUint32 - (n - 1)) % n; uint32(m) < reject; {
			m = uint64(g.Uint32()) * uint64(n)
		}
	}
	return uint32(m >> 32)
}

func (g *Generator) lemire64(n uint64) uint64 {
	high, low := bits.Mul64(g.Uint64(), n)
	if low < n {
		for reject := (math.MaxUint64 - (n - 1)) % n; low < reject; {
			high, low = bits.Mul64(g.Uint64(), n)
		}
	}
	return high
}
