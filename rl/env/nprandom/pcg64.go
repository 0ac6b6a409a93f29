package nprandom

import "math/bits"

// PCG64's multiplier, 128 bits in two words (O'Neill, "PCG: A family of simple fast space-efficient statistically good algorithms
// for random number generation", 2014).
const (
	multHigh = 2549297995355413924
	multLow  = 4865540595714422341
)

// pcg64 is PCG-XSL-RR 128/64 with a stream of its own ("setseq"), numpy's default bit generator.
type pcg64 struct {
	high, low       uint64 // state
	incHigh, incLow uint64 // odd
}

// seed starts the generator as numpy.random.PCG64(seed) does.
func (p *pcg64) seed(seed uint64) {
	var w [4]uint64
	seedWords(seed, w[:])
	p.incHigh, p.incLow = w[2]<<1|w[3]>>63, w[3]<<1|1
	p.high, p.low = 0, 0
	p.step()
	var carry uint64
	p.low, carry = bits.Add64(p.low, w[1], 0)
	p.high, _ = bits.Add64(p.high, w[0], carry)
	p.step()
}

// step is state = state * multiplier + increment, modulo 2^128.
func (p *pcg64) step() {
	high, low := bits.Mul64(p.low, multLow)
	high += p.high*multLow + p.low*multHigh
	var carry uint64
	p.low, carry = bits.Add64(low, p.incLow, 0)
	p.high, _ = bits.Add64(high, p.incHigh, carry)
}

// next gives 64 bits.
func (p *pcg64) next() uint64 {
	p.step()
	return bits.RotateLeft64(p.high^p.low, -int(p.high>>58))
}
