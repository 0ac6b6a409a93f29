package trig

import (
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// TestMany holds the many to the bits of one: every length to 40, guard values, arguments near the borders of the cases, huge ones and those that are none in every lane.
func TestMany(t *testing.T) {
	r := random.New(1)
	special := []float64{0, math.Copysign(0, -1), math.Pi / 4, -math.Pi / 4, math.Nextafter(math.Pi/4, 1), math.Pi / 2, -math.Pi / 2, math.Pi, largest, math.Nextafter(largest, 2*largest), -largest - 1, 1e300, math.NaN(), math.Inf(1), math.Inf(-1), 5e-324}
	for n := range 41 {
		for try := range 400 {
			x := make([]float64, n)
			for i := range x {
				switch r.IntN(8) {
				case 0:
					x[i] = special[r.IntN(len(special))]
				case 1:
					x[i] = float64(r.IntN(1<<19)) * math.Pi / 4 * (1 + 0x1p-50*float64(r.IntN(8)-4))
				case 2:
					x[i] = r.Normal() * 1e4
				default:
					x[i] = r.Normal() * 4
				}
				if try%2 == 0 && !(math.Abs(x[i]) < largest) {
					x[i] = 1 // no number that ends the fours
				}
			}
			sin, cos, alone := make([]float64, n+1), make([]float64, n+1), make([]float64, n+1)
			sin[n], cos[n], alone[n] = 7, 7, 7
			SinCosMany(sin[:n], cos[:n], x)
			CosMany(alone[:n], x)
			if sin[n] != 7 || cos[n] != 7 || alone[n] != 7 {
				t.Fatalf("length %d: written past the end", n)
			}
			for i, v := range x {
				s, c := SinCos(v)
				if !sameBits(sin[i], s) || !sameBits(cos[i], c) || !sameBits(alone[i], Cos(v)) {
					t.Fatalf("%x: got %x, %x and %x, want %x and %x", v, sin[i], cos[i], alone[i], s, c)
				}
			}
		}
	}
}

// sameBits takes all that are no numbers for the same.
func sameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

func BenchmarkSinCosMany(b *testing.B) {
	x, sin, cos := make([]float64, 64), make([]float64, 64), make([]float64, 64)
	for i := range x {
		x[i] = float64(i)/10 - 3
	}
	b.SetBytes(8 * 64)
	for b.Loop() {
		SinCosMany(sin, cos, x)
	}
}
