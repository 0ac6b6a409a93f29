package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
)

const (
	probabilityTolerance = 3e-7 // probabilities come from one exponential, one sum in 16 lanes and one quotient
	lossTolerance        = 1e-6 // and losses of size 10 from a logarithm and a difference
)

var columnCounts = []int{1, 2, 7, 8, 9, 33, 100, 1000}

func TestSoftmax(t *testing.T) {
	const n = 3
	for _, c := range columnCounts {
		x, dy, y, dx := numbers(1, n*c), numbers(2, n*c), make([]float32, n*c), make([]float32, n*c)
		for i := range x {
			x[i] *= 4
		}
		Softmax(y, x, n, c)
		var want, slope []float64
		for i := range n {
			row, w := kerneltest.Widen(x[i*c:(i+1)*c]), kerneltest.Widen(dy[i*c:(i+1)*c])
			want = append(want, softmax64(row)...)
			slope = append(slope, gradient64(row, func(x []float64) float64 { return dot64(w, softmax64(x)) })...)
		}
		near(t, fmt.Sprint("c ", c), y, want, probabilityTolerance)
		SoftmaxBackward(dx, dy, y, n, c, false)
		near(t, fmt.Sprint("dx, c ", c), dx, slope, lossTolerance)
		again := slices.Clone(dx)
		SoftmaxBackward(again, dy, y, n, c, true)
		for i := range dx {
			if again[i] != 2*dx[i] {
				t.Fatalf("acc: dx[%d] = %v, want %v", i, again[i], 2*dx[i])
			}
		}
	}
}

// TestSoftmaxRange holds that far logits give finite results: the largest is taken off first.
func TestSoftmaxRange(t *testing.T) {
	inf := float32(math.Inf(1))
	y := make([]float32, 3)
	Softmax(y, []float32{1e30, -1e30, 1e30}, 1, 3)
	equalBits(t, "far apart", y, []float32{0.5, 0, 0.5})
	Softmax(y, []float32{-inf, 3, -inf}, 1, 3)
	equalBits(t, "masked", y, []float32{0, 1, 0})
	for _, x := range [][]float32{{1, float32(math.NaN()), 2}, {1, inf, 2}, {-inf, -inf, -inf}} {
		Softmax(y, x, 1, 3)
		for _, v := range y {
			if v == v {
				t.Errorf("Softmax(%v) = %v, want NaN throughout", x, y)
			}
		}
	}
}

func TestCrossEntropy(t *testing.T) {
	const n, scale = 4, 0.3
	for _, c := range columnCounts {
		x := numbers(uint64(c), n*c)
		for i := range x {
			x[i] *= 5
		}
		targets := []int32{0, int32(c - 1), IgnoreTarget, int32(c / 2)}
		loss64 := func(x []float64) []float64 {
			loss := make([]float64, n)
			for i, t := range targets {
				if t != IgnoreTarget {
					loss[i] = -math.Log(softmax64(x[i*c : (i+1)*c])[t])
				}
			}
			return loss
		}
		wide := kerneltest.Widen(x)
		want := loss64(wide)
		slope := gradient64(wide, func(x []float64) float64 { return scale * dot64([]float64{1, 1, 1, 1}, loss64(x)) })
		loss, dx := make([]float32, n), make([]float32, n*c)
		CrossEntropy(nil, loss, x, targets, scale, n, c)
		near(t, fmt.Sprint("loss, c ", c), loss, want, lossTolerance)
		CrossEntropy(dx, loss, x, targets, scale, n, c)
		near(t, fmt.Sprint("loss with gradient, c ", c), loss, want, lossTolerance)
		near(t, fmt.Sprint("gradient, c ", c), dx, slope, lossTolerance)
		CrossEntropy(x, loss, x, targets, scale, n, c)
		equalBits(t, "in place", x, dx)
	}
}

func TestCrossEntropyTargets(t *testing.T) {
	for _, target := range []int32{-1, 3, -99} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("target %d of 3 classes does not panic", target)
				}
			}()
			CrossEntropy(nil, make([]float32, 1), make([]float32, 3), []int32{target}, 1, 1, 3)
		}()
	}
}

func ExampleCrossEntropy() {
	logits := []float32{0, 0, 0, 0}
	loss := make([]float32, 1)
	CrossEntropy(logits, loss, logits, []int32{2}, 1, 1, 4)
	fmt.Println(loss, logits)
	// Output: [1.3862944] [0.25 0.25 -0.75 0.25]
}
