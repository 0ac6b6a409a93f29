// Package nprandom draws the numbers that numpy's default random generator draws from the same seed, so that an environment
// begins the episode here that it begins in Gymnasium.
//
// It has what environments and spaces need of numpy.random.Generator over PCG64: random, uniform, integers, standard_normal and
// standard_exponential, in the version of numpy 2.4.6; these streams have been the same since numpy 1.17. Whole numbers and
// uniform numbers are equal to the bit. Normal and exponential numbers are within 1e-12 of numpy's, which takes tables with rounding
// errors of their own, and so are equal as float32 but for one number in millions.
//
// For everything that needn't agree with numpy there is shared/random, whose numbers have no state.
package nprandom

// A Generator is a stream of random numbers. Its zero value isn't ready: call Seed. It is not safe for concurrent use.
type Generator struct {
	bits  pcg64
	half  uint32 // the high half of a 64-bit number whose low half was drawn
	halve bool   // half is waiting
}

// New returns numpy.random.default_rng(seed).
func New(seed uint64) *Generator {
	g := &Generator{}
	g.Seed(seed)
	return g
}

// Seed starts the stream of New(seed).
func (g *Generator) Seed(seed uint64) {
	*g = Generator{}
	g.bits.seed(seed)
}

// Uint64 gives 64 bits.
func (g *Generator) Uint64() uint64 { return g.bits.next() }

// Uint32 gives 32 bits: the halves of a 64-bit number, the lower first. Draws of 64 bits in between leave the upper one waiting.
func (g *Generator) Uint32() uint32 {
	if g.halve {
		g.halve = false
		return g.half
	}
	v := g.bits.next()
	g.half, g.halve = uint32(v>>32), true
	return uint32(v)
}

// Float64 is random(): a number in [0, 1), a multiple of 2^-53.
func (g *Generator) Float64() float64 { return float64(g.bits.next()>>11) * 0x1p-53 }

// Uniform is uniform(low, high).
func (g *Generator) Uniform(low, high float64) float64 {
	return low + float64((high-low)*g.Float64())
}
