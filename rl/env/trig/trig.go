// Package trig has sine and cosine with the same bits on every machine.
//
// Those of package math are within an ulp everywhere, but the compiler fuses their multiplications and additions on arm64 and
// not on amd64, and an episode that lasts hundreds of steps shows it. Here every product is rounded by an explicit conversion and every
// fused operation is written as one. In chaotic systems the last bit decides, so the terms that matter carry a second number with
// what the first one lacks: between -pi and pi 3 of 1000 results differ from the nearest float64, where the C library behind numpy has
// 1.5 and package math 230.
package trig

import "math"

const (
	// Pi/2 in three parts. The first two have 33 bits, so that n times each is exact for the n below.
	half1 = 0x1.921fb544p+00
	half2 = 0x1.0b4611a6p-34
	half3 = 0x1.3198a2e037073p-69

	// largest is where the argument is reduced by math.Mod first: n stays below 2^20.
	largest = 1 << 20

	// round added and taken away leaves the nearest whole number; its lowest bits are those of the sum.
	round = 3 << 51
)

// SinCos returns the sine and the cosine of x, each within 1 ulp for |x| up to 2^20; beyond, within |x| 2e-16 as long as that means
// something. Both are NaN for NaN and infinities.
//
//	n = round(2x/pi), r = x - n pi/2, |r| <= pi/4, then the Taylor polynomials of degrees 17 and 16 in r
func SinCos(x float64) (sin, cos float64) {
	r, tail, quarter := reduced(x)
	sin, cos = sine(r, tail), cosine(r, tail)
	// A quarter turn swaps both, half a turn changes both signs.
	if quarter&1 != 0 {
		sin, cos = cos, -sin
	}
	if quarter&2 != 0 {
		sin, cos = -sin, -cos
	}
	return sin, cos
}

// Sin returns the sine of x, as SinCos does.
func Sin(x float64) float64 {
	r, tail, quarter := reduced(x)
	sin := 0.0
	if quarter&1 != 0 {
		sin = cosine(r, tail)
	} else {
		sin = sine(r, tail)
	}
	if quarter&2 != 0 {
		return -sin
	}
	return sin
}

// Cos returns the cosine of x, as SinCos does.
func Cos(x float64) float64 {
	r, tail, quarter := reduced(x)
	cos := 0.0
	if quarter&1 != 0 {
		cos = -sine(r, tail)
	} else {
		cos = cosine(r, tail)
	}
	if quarter&2 != 0 {
		return -cos
	}
	return cos
}

// reduced gives x less a number of quarter turns as r, with what r lacks, and that number in the lowest bits.
func reduced(x float64) (r, tail float64, quarter uint64) {
	if math.Abs(x) <= math.Pi/4 {
		return x, 0, 0 // as below, sooner
	}
	if !(math.Abs(x) <= largest) {
		x = math.Mod(x, 2*math.Pi)
	}
	t := float64(x*(2/math.Pi)) + round
	n := t - round
	r1 := x - float64(n*half1) // exact
	r2 := r1 - float64(n*half2)
	r = r2 - float64(n*half3)
	tail = (r1 - r2) - float64(n*half2) + ((r2 - r) - float64(n*half3))
	return r, tail, math.Float64bits(t)
}

// Reciprocals of factorials, the first two with what they lack.
const (
	f3, f3Tail = 0x1.5555555555555p-3, 1./6 - 0x1.5555555555555p-3
	f4, f4Tail = 0x1.5555555555555p-5, 1./24 - 0x1.5555555555555p-5
	f5, f6     = 1. / 120, 1. / 720
	f7, f8     = f5 / 42, f6 / 56
	f9, f10    = f7 / 72, f8 / 90
	f11, f12   = f9 / 110, f10 / 132
	f13, f14   = f11 / 156, f12 / 182
	f15, f16   = f13 / 210, f14 / 240
	f17        = f15 / 272
)

// sine is r - r^3/6 + r^5 (1/5! - z/7! ...), z = r^2.
func sine(r, tail float64) float64 {
	z := float64(r * r)
	square := math.FMA(r, r, -z) // what z lacks
	z2 := float64(z * z)
	rest := float64(f5-float64(z*f7)) + float64(z2*(f9-float64(z*f11))) +
		float64(float64(z2*z2)*(float64(f13-float64(z*f15))+float64(z2*f17)))
	cube := float64(r * z)
	third := float64(cube * f3)
	lacks := math.FMA(cube, f3, -third) + float64(cube*f3Tail) + float64((math.FMA(r, z, -cube)+float64(r*square))*f3)
	s := r - third
	return s + (((r - s) - third) + (float64(float64(cube*z)*rest) - lacks + float64(tail*(1-float64(0.5*z)))))
}

// cosine is 1 - z/2 + z^2/24 - z^3 (1/6! - z/8! ...), z = r^2.
func cosine(r, tail float64) float64 {
	z := float64(r * r)
	square := math.FMA(r, r, -z) // what z lacks
	z2 := float64(z * z)
	rest := float64(f6-float64(z*f8)) + float64(z2*(f10-float64(z*f12))) +
		float64(float64(z2*z2)*(f14-float64(z*f16)))
	half := float64(0.5 * z)
	fourth := float64(z2 * f4)
	lacks := math.FMA(z2, f4, -fourth) + float64(z2*f4Tail) + float64((math.FMA(z, z, -z2)+float64(2*z*square))*f4)
	w := 1 - half
	c := w + fourth
	return c + (((1 - w) - half) + ((w - c) + fourth) + (lacks - float64(float64(z2*z)*rest) - float64(r*tail) - float64(0.5*square)))
}
