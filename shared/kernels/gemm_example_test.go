package kernels_test

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

func ExampleMatMul() {
	a := []float32{1, 2, 3, 4, 5, 6}   // [2, 3]
	b := []float32{1, 0, 0, 1, 1, 1}   // [3, 2]
	c := []float32{100, 100, 100, 100} // [2, 2]
	kernels.MatMul(c, a, b, 2, 2, 3, false)
	fmt.Println(c)
	kernels.MatMul(c, a, b, 2, 2, 3, true)
	fmt.Println(c)
	// Output:
	// [4 5 10 11]
	// [8 10 20 22]
}

func ExampleMatMulNT() {
	a := []float32{1, 2, 3, 4, 5, 6} // [2, 3]
	b := []float32{1, 0, 1, 0, 1, 1} // [2, 3]: two columns of the product
	c := make([]float32, 4)
	kernels.MatMulNT(c, a, b, 2, 2, 3, false)
	fmt.Println(c)
	// Output: [4 5 10 11]
}

func ExampleMatMulTN() {
	x := []float32{1, 4, 2, 5, 3, 6}  // [3, 2]: three rows of inputs
	dy := []float32{1, 0, 0, 1, 1, 1} // [3, 2]: the gradient of the outputs
	dw := make([]float32, 4)          // [2, 2]
	kernels.MatMulTN(dw, x, dy, 2, 2, 3, true)
	fmt.Println(dw)
	// Output: [4 5 10 11]
}

func ExampleMatMulNTBias() {
	x := []float32{1, 2, 3}
	w := []float32{1, 0, 1, 0, 1, 1} // [2, 3], as a linear layer keeps it
	y := make([]float32, 2)
	kernels.MatMulNTBias(y, x, w, []float32{10, 20}, 1, 2, 3)
	fmt.Println(y)
	// Output: [14 25]
}

func ExamplePackNT() {
	w := []float32{1, 0, 1, 0, 1, 1} // [2, 3], as a linear layer keeps it
	p := kernels.PackNT(w, 2, 3)
	y := make([]float32, 2)
	p.MatMul(y, []float32{1, 2, 3}, 1, false)
	fmt.Println(y)
	p.MatMulBias(y, []float32{1, 2, 3}, []float32{10, 20}, 1)
	fmt.Println(y)
	// Output:
	// [4 5]
	// [14 25]
}

func ExamplePackNN() {
	p := kernels.PackNN([]float32{1, 0, 0, 1, 1, 1}, 3, 2)
	c := make([]float32, p.N())
	p.MatMul(c, []float32{1, 2, 3}, 1, false)
	fmt.Println(p.K(), p.N(), c)
	// Output: 3 2 [4 5]
}

func ExampleAttention() {
	s := kernels.AttentionShape{
		B: 1, H: 1, K: 2, Tq: 2, Tk: 3, LdQ: 2, LdKV: 2, LdO: 2, // one head, densely
		KLengths: []int32{2}, Scale: 1, // the third key is padding
	}
	q := []float32{50, 0, 0, 0}
	k := []float32{1, 0, 0, 1, 9, 9}
	v := []float32{1, 2, 3, 4, 5, 6}
	o, probs := make([]float32, 4), make([]float32, 6)
	kernels.Attention(o, probs, q, k, v, &s)
	fmt.Println(o)
	fmt.Println(probs)
	// Output:
	// [1 2 2 3]
	// [1 1.9287499e-22 0 0.5 0.5 0]
}

func ExampleAttentionBackward() {
	s := kernels.AttentionShape{B: 1, H: 1, K: 1, Tq: 1, Tk: 2, LdQ: 1, LdKV: 1, LdO: 1, Scale: 1}
	q, k, v := []float32{0}, []float32{1, 3}, []float32{2, 6}
	o, probs := make([]float32, 1), make([]float32, 2)
	kernels.Attention(o, probs, q, k, v, &s)
	dq, dk, dv := make([]float32, 1), make([]float32, 2), make([]float32, 2)
	kernels.AttentionBackward(dq, dk, dv, []float32{1}, q, k, v, probs, &s)
	fmt.Println(o, dq, dk, dv)
	// Output: [4] [2] [0 0] [0.5 0.5]
}

func ExampleMatMulThin() {
	a, b := []float32{1, 2, 3, 4}, []float32{1, 0, 0, 1} // [2, 2], [2, 2]
	u, v := []float32{1, -1}, []float32{10, 100}         // [2, 1], [1, 2]
	c := make([]float32, 4)                              // [2, 2]
	kernels.MatMulThin(c, a, b, u, v, 2, 2, 2, 1, false) // u v + a b
	fmt.Println(c)
	// Output: [11 102 -7 -96]
}

func ExampleMatMulNTThin() {
	x, w, bias := []float32{1, 2}, []float32{3, 4}, []float32{5} // [1, 2], [1, 2], [1]
	u, v := []float32{10}, []float32{100}                        // [1, 1], [1, 1]
	y := make([]float32, 1)
	kernels.MatMulNTThin(y, 1, x, w, bias, u, v, 1, 1, 2, 1) // bias + x wᵀ + u vᵀ
	fmt.Println(y)
	// Output: [1016]
}

// squares is a Task: part i squares its number.
type squares struct{ of [5]int }

func (s *squares) Run(part int) { s.of[part] = part * part }

func ExampleParallel() {
	var s squares
	kernels.Parallel(len(s.of), &s)
	fmt.Println(s.of)
	// Output: [0 1 4 9 16]
}

func ExampleSetWorkers() {
	was := kernels.Workers()
	defer kernels.SetWorkers(was)
	kernels.SetWorkers(3)
	fmt.Println(kernels.Workers())
	// Output: 3
}

func ExampleCheckPath() {
	if err := kernels.CheckPath(); err != nil { // FMKIT_KERNELS is misspelt
		fmt.Println(err)
		return
	}
	fmt.Println("kernels are chosen")
	// Output:
	// kernels are chosen
}
