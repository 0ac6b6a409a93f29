package kernels

import (
	"math"
	"testing"
)

// ulps returns how far got lies from want, in units of the last place of float32 at want.
func ulps(got float32, want float64) float64 {
	_, e := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(e, -125)-24)
}

// The largest errors, in units of the last place, of the scalars over the values tried, with a little room.
const (
	expUlps  = 1.0
	logUlps  = 1.0
	tanhUlps = 2.0
	erfUlps  = 2.5
)

// everyFloat calls f with floats of both signs from tiny to huge, step bit patterns apart.
func everyFloat(step uint32, f func(x float32)) {
	for u := uint32(0); u < 0x7f800000-step; u += step {
		f(math.Float32frombits(u))
		f(-math.Float32frombits(u))
	}
}

func TestScalars(t *testing.T) {
	step := uint32(997)
	if testing.Short() {
		step = 99991
	}
	for _, c := range []struct {
		name string
		f    func(float32) float32
		want func(float64) float64
		ulps float64
	}{
		{"Exp", Exp, math.Exp, expUlps},
		{"Log", Log, math.Log, logUlps},
		{"Tanh", Tanh, math.Tanh, tanhUlps},
		{"Erf", Erf, math.Erf, erfUlps},
	} {
		worst, at := 0.0, float32(0)
		everyFloat(step, func(x float32) {
			got, want := c.f(x), c.want(float64(x))
			switch {
			case c.name == "Exp" && (x < expMin || x > expMax):
				want32 := float32(0)
				if x > 0 {
					want32 = float32(math.Inf(1))
				}
				if got != want32 {
					t.Fatalf("%s(%v) = %v, want %v", c.name, x, got, want32)
				}
			case math.IsNaN(want) || math.IsInf(want, 0):
				if float32(want) != got && !(math.IsNaN(want) && got != got) {
					t.Fatalf("%s(%v) = %v, want %v", c.name, x, got, want)
				}
			default:
				if e := ulps(got, want); e > worst || e != e {
					worst, at = e, x
				}
			}
		})
		t.Logf("%s: at most %.3f ulp, at %v", c.name, worst, at)
		if !(worst <= c.ulps) {
			t.Errorf("%s(%v) is %v ulp off, want at most %v", c.name, at, worst, c.ulps)
		}
	}
}
