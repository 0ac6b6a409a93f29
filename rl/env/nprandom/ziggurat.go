package nprandom

import (
	"math"
	"sync"

	"github.com/fmkit/fmkit/shared/random"
)

// levels is the number of strips of equal area that cover the density (Marsaglia and Tsang, "The ziggurat method for generating
// random variables", 2000).
const levels = 256

// A ziggurat covers a falling density f(x), x >= 0, f(0) = 1, with strips. Strip i > 0 is the rectangle of height f(x[i-1]) - f(x[i]) and width
// x[i]; strip 0 is the base with the tail.
type ziggurat struct {
	width [levels]float64 // a strip's width by a unit of the random whole number
	sure  [levels]uint64  // whole numbers below are under the density
	f     [levels]float64 // density at the strip's end
}

// The edge r where the tail begins, the area v of every strip and f(r) solve v = r f(r) + integral of f from r on, with x[0] = 0.
const (
	normalEdge, normalArea, normalAtEdge                = 3.6541528853610087963519472518, 0.0049286732339746549315909134318471488833, 0.0012602859304985974503531
	exponentialEdge, exponentialArea, exponentialAtEdge = 7.69711747013104972, 0.003949659822581557219977, 0.0004541343538414967554496
)

var (
	normalStrips = sync.OnceValue(func() *ziggurat {
		return newZiggurat(normalEdge, normalArea, normalAtEdge, 1<<52, func(y float64) float64 { return math.Sqrt(-2 * random.Log(y)) })
	})
	exponentialStrips = sync.OnceValue(func() *ziggurat {
		return newZiggurat(exponentialEdge, exponentialArea, exponentialAtEdge, 1<<53, func(y float64) float64 { return -random.Log(y) })
	})
)

// newZiggurat stacks the strips from the edge up; inverse is that of the density, units the range of the random whole number.
func newZiggurat(edge, area, atEdge, units float64, inverse func(float64) float64) *ziggurat {
	z := &ziggurat{}
	z.width[0], z.sure[0], z.f[0] = area/atEdge/units, uint64(float64(edge*atEdge)/area*units), 1
	x, y := edge, atEdge
	for i := levels - 1; ; i-- {
		z.width[i], z.f[i] = x/units, y
		if i == 1 {
			return z // sure[1] is zero: its rectangle reaches up to the top
		}
		y = area/x + y
		above := inverse(y)
		z.sure[i] = uint64(above / x * units)
		x = above
	}
}

// Normal is standard_normal().
func (g *Generator) Normal() float64 {
	z := normalStrips()
	for {
		r := g.Uint64()
		strip, sign, n := r&0xff, r>>8&1, r>>9&(1<<52-1)
		x := float64(n) * z.width[strip]
		if sign == 1 {
			x = -x
		}
		if n < z.sure[strip] {
			return x
		}
		if strip == 0 {
			return g.normalTail(n>>8&1 == 1)
		}
		if y := float64((z.f[strip-1]-z.f[strip])*g.Float64()) + z.f[strip]; random.Log(y) < float64(-0.5*x)*x {
			return x
		}
	}
}

// normalTail draws beyond the edge (Marsaglia, "Generating a variable from the tail of the normal distribution", 1964).
func (g *Generator) normalTail(negative bool) float64 {
	for {
		x := -random.Log(1-g.Float64()) / normalEdge
		y := -random.Log(1 - g.Float64())
		if y+y > float64(x*x) {
			if negative {
				return -(normalEdge + x)
			}
			return normalEdge + x
		}
	}
}

// Exponential is standard_exponential().
func (g *Generator) Exponential() float64 {
	z := exponentialStrips()
	for {
		r := g.Uint64() >> 3
		strip, n := r&0xff, r>>8
		x := float64(n) * z.width[strip]
		if n < z.sure[strip] {
			return x
		}
		if strip == 0 {
			return exponentialEdge - random.Log(1-g.Float64())
		}
		if y := float64((z.f[strip-1]-z.f[strip])*g.Float64()) + z.f[strip]; random.Log(y) < -x {
			return x
		}
	}
}
