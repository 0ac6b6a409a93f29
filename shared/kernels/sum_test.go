package kernels

import (
	"fmt"
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
)

// sumTolerance is relative to the sum of magnitudes: float64 lanes of at most some hundred terms.
const sumTolerance = 1e-14

func TestSums(t *testing.T) {
	for _, n := range lengths() {
		x := numbers(uint64(n), n)
		var sum, square, size float64
		for _, v := range x {
			sum += float64(v)
			size += math.Abs(float64(v))
			square += float64(v) * float64(v)
		}
		if got := Sum(x); math.Abs(got-sum) > sumTolerance*size {
			t.Errorf("n %d: Sum = %v, want %v", n, got, sum)
		}
		if got := SumSquares(x); math.Abs(got-square) > sumTolerance*square {
			t.Errorf("n %d: SumSquares = %v, want %v", n, got, square)
		}
	}
	if got := SumSquares([]float32{3e38, 3e38}); math.IsInf(got, 0) {
		t.Error("SumSquares overflows float32 range")
	}
}

// TestColumnSum holds the sums to ascending chains that start at the accumulator.
func TestColumnSum(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 20} {
		for _, c := range []int{0, 1, 7, 8, 33, 1030} {
			x, dst := numbers(1, n*c), numbers(2, c)
			want := append([]float32(nil), dst...)
			for i := range n {
				for j := range want {
					want[j] += x[i*c+j]
				}
			}
			ColumnSum(dst, x, n, c)
			equalBits(t, fmt.Sprintf("n %d c %d", n, c), dst, want)
		}
	}
}

func TestElementwise(t *testing.T) {
	const n = 77
	x, b, y := numbers(1, n), numbers(2, n), numbers(3, n)
	start := kerneltest.Widen(y)
	var sum, scaled, product, plain []float64
	for i := range x {
		sum = append(sum, start[i]+float64(x[i]))
		scaled = append(scaled, start[i]-0.7*float64(x[i]))
		product = append(product, start[i]+float64(x[i])*float64(b[i]))
		plain = append(plain, float64(x[i])*float64(b[i]))
	}
	const tolerance = 1e-6 // one rounding of a number of size 10, and of 0.7
	for _, c := range []struct {
		name string
		f    func(y []float32)
		want []float64
	}{
		{"Add", func(y []float32) { Add(y, x) }, sum},
		{"AddScaled", func(y []float32) { AddScaled(y, x, -0.7) }, scaled},
		{"MulAdd", func(y []float32) { MulAdd(y, x, b) }, product},
		{"Mul", func(y []float32) { Mul(y, x, b) }, plain},
		{"Scale", func(y []float32) { Scale(y, 3) }, scaled64(kerneltest.Widen(y), 3)},
	} {
		z := append([]float32(nil), y...)
		c.f(z)
		near(t, c.name, z, c.want, tolerance)
	}
}

func ExampleSumSquares() {
	fmt.Println(SumSquares([]float32{3, 4}))
	// Output: 25
}
