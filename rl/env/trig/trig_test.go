package trig

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/big"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// reference gives sine and cosine by the Taylor series in 300 bits, which is enough for arguments up to 100.
func reference(x float64) (sin, cos float64) {
	const prec = 300
	v, term := big.NewFloat(x).SetPrec(prec), big.NewFloat(1).SetPrec(prec)
	s, c := new(big.Float).SetPrec(prec), new(big.Float).SetPrec(prec)
	for n := range 400 {
		if n > 0 {
			term.Mul(term, v)
			term.Quo(term, big.NewFloat(float64(n)))
		}
		sum := c
		if n%2 == 1 {
			sum = s
		}
		if n%4 < 2 {
			sum.Add(sum, term)
		} else {
			sum.Sub(sum, term)
		}
	}
	sin, _ = s.Float64()
	cos, _ = c.Float64()
	return sin, cos
}

func ulps(got, want float64) float64 {
	return math.Abs(got-want) / (math.Nextafter(math.Abs(want), math.Inf(1)) - math.Abs(want))
}

func TestAgainstBigFloats(t *testing.T) {
	s := random.New(random.Key(1, "trig"))
	check := func(x float64) {
		sin, cos := SinCos(x)
		wantSin, wantCos := reference(x)
		for _, c := range [][2]float64{{sin, wantSin}, {cos, wantCos}} {
			if ulps(c[0], c[1]) > 1 && math.Abs(c[0]-c[1]) > 1e-16 {
				t.Errorf("SinCos(%v): got %v, want %v", x, c[0], c[1])
			}
		}
	}
	for range 500 {
		check((2*s.Float64() - 1) * 1.6)
		check((2*s.Float64() - 1) * 100)
	}
	for n := range 60 { // beside the ends of the polynomials
		x := float64(n) * math.Pi / 4
		check(x)
		check(math.Nextafter(x, 0))
		check(-math.Nextafter(x, 1000))
	}
	check(0)
	check(5e-324)
}

func TestBeside(t *testing.T) {
	s := random.New(random.Key(2, "trig"))
	for range 10000 {
		x := (2*s.Float64() - 1) * largest
		if math.Abs(Sin(x)-math.Sin(x)) > 1e-15 || math.Abs(Cos(x)-math.Cos(x)) > 1e-15 {
			t.Fatalf("SinCos(%v): got %v, %v, math has %v, %v", x, Sin(x), Cos(x), math.Sin(x), math.Cos(x))
		}
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if sin, cos := SinCos(x); !math.IsNaN(sin) || !math.IsNaN(cos) {
			t.Errorf("SinCos(%v) = %v, %v", x, sin, cos)
		}
	}
	for _, x := range []float64{largest * 1.5, 1e15, 1e300, -math.MaxFloat64} {
		if sin, cos := SinCos(x); math.Abs(float64(sin*sin)+float64(cos*cos)-1) > 1e-15 {
			t.Errorf("SinCos(%v) = %v, %v, which isn't on the circle", x, sin, cos)
		}
	}
}

// TestPinned holds the bits that every machine has.
func TestPinned(t *testing.T) {
	h := fnv.New64a()
	s := random.New(random.Key(3, "trig"))
	for range 100000 {
		x := (2*s.Float64() - 1) * 50
		sin, cos := SinCos(x)
		if Sin(x) != sin || Cos(x) != cos {
			t.Fatalf("Sin(%v) and Cos of it are %v and %v, SinCos has %v and %v", x, Sin(x), Cos(x), sin, cos)
		}
		fmt.Fprintf(h, "%x %x\n", math.Float64bits(sin), math.Float64bits(cos))
	}
	const want = 0x28394c6010a0c9db
	if got := h.Sum64(); got != want {
		t.Errorf("100000 pairs digest to %#x, want %#x", got, uint64(want))
	}
}

func ExampleSinCos() {
	sin, cos := SinCos(math.Pi / 6)
	fmt.Printf("%.4f %.4f\n", sin, cos)
	// Output: 0.5000 0.8660
}

func BenchmarkSinCos(b *testing.B) {
	x := 0.1
	for b.Loop() {
		sin, cos := SinCos(x)
		x = sin + cos
	}
}
