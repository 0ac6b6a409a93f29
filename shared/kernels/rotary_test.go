package kernels

import (
	"fmt"
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
)

const rotaryTolerance = 5e-7 // two products of size 4 and a sum

func TestRotary(t *testing.T) {
	const n, h, positions = 5, 3, 16
	for _, k := range []int{2, 6, 16, 64} {
		ld, half := h*k+5, k/2
		cos, sin := make([]float32, positions*half), make([]float32, positions*half)
		for p := range positions {
			for j := range half {
				s, c := math.Sincos(float64(p) * math.Pow(10000, -float64(j)/float64(half)))
				cos[p*half+j], sin[p*half+j] = float32(c), float32(s)
			}
		}
		at := []int32{0, 15, 3, 3, 7}
		x := numbers(uint64(k), n*ld)
		want := kerneltest.Widen(x)
		for i, p := range at {
			for head := range h {
				for j := range half {
					u, v := i*ld+head*k+j, i*ld+head*k+j+half
					c, s := float64(cos[int(p)*half+j]), float64(sin[int(p)*half+j])
					want[u], want[v] = want[u]*c-want[v]*s, want[v]*c+want[u]*s
				}
			}
		}
		start := kerneltest.Widen(x)
		Rotary(x, at, n, h, k, ld, cos, sin, false)
		near(t, fmt.Sprint("k ", k), x, want, rotaryTolerance)
		Rotary(x, at, n, h, k, ld, cos, sin, true)
		near(t, fmt.Sprint("back, k ", k), x, start, 2*rotaryTolerance)
	}
}

func ExampleRotary() {
	x := []float32{1, 2, 3, 4} // one head: pairs (1, 3) and (2, 4)
	cos, sin := []float32{0, 1}, []float32{1, 0}
	Rotary(x, []int32{0}, 1, 1, 4, 4, cos, sin, false)
	fmt.Println(x)
	// Output: [-3 2 1 4]
}
