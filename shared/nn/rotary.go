package nn

import (
	"fmt"
	"math"
)

// Rotary holds the tables of rotary position embedding (Su et al., 2021): cosine and sine [P, K/2] of p theta^(-2j/K).
type Rotary struct {
	Cos, Sin []float32
	half     int
}

// NewRotary returns tables for positions 0...positions-1 and head size k, which must be even.
func NewRotary(positions, k int, theta float64) *Rotary {
	half := k / 2
	r := &Rotary{Cos: make([]float32, positions*half), Sin: make([]float32, positions*half), half: half}
	for j := range half {
		f := inverseFrequency(j, half, theta)
		for p := range positions {
			s, c := sincos(float64(float64(p) * f))
			r.Cos[p*half+j], r.Sin[p*half+j] = float32(c), float32(s)
		}
	}
	return r
}

func (r *Rotary) check(positions []int32) error {
	for _, p := range positions {
		if p < 0 || (int(p)+1)*r.half > len(r.Cos) {
			return fmt.Errorf("rotary: got position %d, want 0 to %d", p, len(r.Cos)/r.half-1)
		}
	}
	return nil
}

// Sinusoid returns the table [P, D] of sinusoidal positions: columns 2j and 2j+1 are the sine and cosine of p 10000^(-2j/D)
// (Vaswani et al., 2017, section 3.5).
func Sinusoid(positions, d int) []float32 {
	table := make([]float32, positions*d)
	for j := 0; j < d; j += 2 {
		f := inverseFrequency(j/2, d/2, 10000)
		for p := range positions {
			s, c := sincos(float64(float64(p) * f))
			table[p*d+j] = float32(s)
			if j+1 < d {
				table[p*d+j+1] = float32(c)
			}
		}
	}
	return table
}

// inverseFrequency returns theta^(-j/half).
func inverseFrequency(j, half int, theta float64) float64 {
	return Pow(theta, -float64(j)/float64(max(half, 1)))
}

// pio2Hi and pio2Lo are pi/2 in two parts; the first has 33 bits, so multiples up to 2^20 are exact.
const (
	pio2Hi = float64(0x1921fb544) * 0x1p-32
	pio2Lo = 6.077100506506192e-11
)

// sincos returns the sine and cosine of 0 <= x < 10^6 within some 1e-15, by their series in [-pi/4, pi/4].
func sincos(x float64) (s, c float64) {
	n := math.Floor(float64(x/(math.Pi/2)) + 0.5)
	r := (x - float64(n*pio2Hi)) - float64(n*pio2Lo)
	square := float64(r * r)
	term := 1.0
	for i := 0; i < 22; i += 2 {
		c += term
		s += float64(term*r) / float64(i+1)
		term = float64(-float64(term*square)) / float64((i+1)*(i+2))
	}
	switch int(n) & 3 {
	case 1:
		return c, -s
	case 2:
		return -s, -c
	case 3:
		return -c, s
	}
	return s, c
}
