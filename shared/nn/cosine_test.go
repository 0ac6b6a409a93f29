package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// normals are n values by key, with rows of zeros where zero says so.
func normals(key uint64, n, d int, zero ...int) []float32 {
	s := random.New(key)
	x := make([]float32, n*d)
	for i := range x {
		x[i] = float32(s.Normal())
	}
	for _, i := range zero {
		clear(x[i*d : (i+1)*d])
	}
	return x
}

// unit64 scales the rows of x [N, D] to length 1; rows of zeros stay.
func unit64(x []float64, d int) matrix {
	var rows matrix
	for at := 0; at < len(x); at += d {
		row, squares := append([]float64(nil), x[at:at+d]...), 0.0
		for _, v := range row {
			squares += v * v
		}
		for j := range row {
			if squares > 0 {
				row[j] /= math.Sqrt(squares)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// contrastive64 is the mean of the cross-entropies from first to second and from second to first.
func contrastive64(x []float64, d int, temperature float64) float64 {
	unit := unit64(x, d)
	n, sum := len(unit)/2, 0.0
	for i := range n {
		there, back := make([]float64, n), make([]float64, n)
		for j := range n {
			there[j] = dot(unit[i], unit[n+j]) / temperature
			back[j] = dot(unit[n+i], unit[j]) / temperature
		}
		sum += crossEntropy(there, int32(i)) + crossEntropy(back, int32(i))
	}
	return sum / float64(2*n)
}

// checkRows holds the gradient got of x [N, D] to the central differences of f, but for rows of zeros, where a direction has none: those get zero.
func checkRows(t *testing.T, got, x []float32, d int, f func(x []float64) float64, tolerance float64) {
	t.Helper()
	wide := kerneltest.Widen(x)
	for i := range x {
		row := x[i/d*d : (i/d+1)*d]
		want := 0.0
		if kernels.SumSquares(row) > 0 {
			want = kerneltest.Derivative(func() float64 { return f(wide) }, &wide[i], step)
		}
		if !(math.Abs(float64(got[i])-want) <= tolerance) {
			t.Fatalf("gradient %d of row %d: got %g, want %g", i%d, i/d, got[i], want)
		}
	}
}

// TestContrastiveLoss holds loss and gradient to a float64 reference, for numbers of pairs and widths about that of a vector.
func TestContrastiveLoss(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	for _, c := range []struct {
		n, d        int
		temperature float32
		zero        []int
	}{
		{n: 1, d: 8, temperature: 0.1},
		{n: 2, d: 1, temperature: 1},
		{n: 7, d: 3, temperature: 0.5},
		{n: 8, d: 16, temperature: 0.05},
		{n: 9, d: 15, temperature: 0.05},
		{n: 16, d: 17, temperature: 0.2},
		{n: 17, d: 33, temperature: 10},
		{n: 3, d: 5, temperature: 0.3, zero: []int{1}},
		{n: 3, d: 5, temperature: 0.3, zero: []int{1, 4, 5}},
		{n: 2, d: 4, temperature: 0.3, zero: []int{0, 1, 2, 3}},
	} {
		name := fmt.Sprintf("%d pairs of width %d, zeros %v", c.n, c.d, c.zero)
		x := normals(uint64(c.n), 2*c.n, c.d, c.zero...)
		b := &nn.Batch{B: 2 * c.n, T: 1}
		l := &nn.ContrastiveLoss{D: c.d, Temperature: c.temperature}
		y, dx := make([]float32, 1), normals(9, 2*c.n, c.d)
		f := func(x []float64) float64 { return contrastive64(x, c.d, float64(c.temperature)) }
		var bits [2]uint32
		for i, workers := range []int{1, 5} {
			kernels.SetWorkers(workers)
			if err := l.Forward(y, x, b); err != nil {
				t.Fatal(err)
			}
			bits[i] = math.Float32bits(y[0])
		}
		if want := f(kerneltest.Widen(x)); math.Abs(float64(y[0])-want) > lossTolerance*max(1, want)/float64(c.temperature) || bits[0] != bits[1] {
			t.Errorf("%s: loss %.8g, by one worker %.8g, reference %.8g", name, y[0], math.Float32frombits(bits[0]), want)
		}
		if err := l.Backward(dx, []float32{1}, x, y, b); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { checkRows(t, dx, x, c.d, f, gradTolerance) })
	}
}

// TestContrastiveCorrect: the partner is the nearest for those pairs that are, and the gradient is the loss's times dy.
func TestContrastiveCorrect(t *testing.T) {
	l := &nn.ContrastiveLoss{D: 2, Temperature: 0.1}
	x := []float32{1, 0, 0, 1, -1, 0, 2, 1, 1, 3, 1, 0} // the third one's partner is the first one's double
	b := &nn.Batch{B: 6, T: 1}
	y, once, twice := make([]float32, 1), make([]float32, 12), make([]float32, 12)
	for dy, dx := range map[float32][]float32{1: once, 2: twice} {
		if err := l.Forward(y, x, b); err != nil {
			t.Fatal(err)
		}
		if err := l.Backward(dx, []float32{dy}, x, y, b); err != nil {
			t.Fatal(err)
		}
	}
	if l.Correct != 1 {
		t.Errorf("got %d right, want 1", l.Correct)
	}
	for i := range once {
		if math.Abs(float64(twice[i]-2*once[i])) > 1e-6 {
			t.Errorf("gradient %d: got %g at twice the loss's gradient, want twice %g", i, twice[i], once[i])
		}
	}
	for name, bad := range map[string]struct {
		l nn.ContrastiveLoss
		b nn.Batch
	}{
		"an odd one":     {nn.ContrastiveLoss{D: 2, Temperature: 1}, nn.Batch{B: 5, T: 1}},
		"no temperature": {nn.ContrastiveLoss{D: 2}, nn.Batch{B: 6, T: 1}},
		"no width":       {nn.ContrastiveLoss{Temperature: 1}, nn.Batch{B: 6, T: 1}},
		"too many":       {nn.ContrastiveLoss{D: 2, Temperature: 1}, nn.Batch{B: 8, T: 1}},
	} {
		if err := bad.l.Forward(y, x, &bad.b); err == nil {
			t.Errorf("%s passed", name)
		}
	}
}

// TestNearlyZero: a row too short to have an inverse length in float32 counts as zeros.
func TestNearlyZero(t *testing.T) {
	l := &nn.ContrastiveLoss{D: 2, Temperature: 0.1}
	x := []float32{1, 0, 1e-39, 1e-40, 1, 1, 0, 1}
	y, dx, b := make([]float32, 1), make([]float32, 8), &nn.Batch{B: 4, T: 1}
	if err := l.Forward(y, x, b); err != nil {
		t.Fatal(err)
	}
	if err := l.Backward(dx, []float32{1}, x, y, b); err != nil {
		t.Fatal(err)
	}
	for i, v := range append(dx, y[0]) {
		if v-v != 0 || (i == 2 || i == 3) && v != 0 {
			t.Errorf("got loss %g and gradient %v", y[0], dx)
		}
	}
}

// TestCosineLoss holds loss and gradients to a float64 reference. A projection of nothing has no direction: it gives a loss of 1 and no gradient.
func TestCosineLoss(t *testing.T) {
	for _, c := range []struct {
		n, d, e int
		zero    []int
		nothing bool // the projection gives zeros
	}{
		{n: 1, d: 3, e: 1},
		{n: 1, d: 4, e: 5},
		{n: 2, d: 7, e: 8},
		{n: 5, d: 16, e: 15},
		{n: 9, d: 17, e: 16},
		{n: 3, d: 5, e: 33},
		{n: 4, d: 6, e: 6, zero: []int{2}},
		{n: 3, d: 4, e: 4, nothing: true},
	} {
		name := fmt.Sprintf("%d vectors of width %d for %d, zeros %v, nothing %t", c.n, c.d, c.e, c.zero, c.nothing)
		l := nn.NewCosineLoss("cosine", c.d, c.e)
		if !c.nothing {
			copy(l.Project.W.Value, normals(5, c.e, c.d))
			copy(l.Project.B.Value, normals(6, 1, c.e))
		}
		x := normals(uint64(c.n), c.n, c.d, c.zero...)
		targets := unit64(kerneltest.Widen(normals(7, c.n, c.e)), c.e)
		for _, row := range targets {
			for _, v := range row {
				l.Targets = append(l.Targets, float32(v))
			}
		}
		f := func(x, w, bias []float64) float64 {
			sum := 0.0
			var rows matrix
			for at := 0; at < len(x); at += c.d {
				rows = append(rows, x[at:at+c.d])
			}
			for i, row := range (values{"p.weight": w, "p.bias": bias}).linear(rows, "p") {
				sum += dot(unit64(row, c.e)[0], kerneltest.Widen(l.Targets[i*c.e:(i+1)*c.e]))
			}
			return 1 - sum/float64(c.n)
		}
		b := &nn.Batch{B: c.n, T: 1}
		y, dx := make([]float32, 1), normals(9, c.n, c.d)
		if err := l.Forward(y, x, b); err != nil {
			t.Fatal(err)
		}
		w, bias := kerneltest.Widen(l.Project.W.Value), kerneltest.Widen(l.Project.B.Value)
		if want := f(kerneltest.Widen(x), w, bias); math.Abs(float64(y[0])-want) > 1e-6 {
			t.Errorf("%s: loss %.8g, reference %.8g", name, y[0], want)
		}
		if err := l.Backward(dx, []float32{1}, x, y, b); err != nil {
			t.Fatal(err)
		}
		if c.nothing {
			if y[0] != 1 || kernels.SumSquares(dx)+nn.GradNorm(l.Params()) != 0 {
				t.Errorf("%s: got loss %g and gradients %v, want 1 and none", name, y[0], dx)
			}
			continue
		}
		t.Run(name, func(t *testing.T) {
			wide := kerneltest.Widen(x)
			loss := func() float64 { return f(wide, w, bias) }
			kerneltest.CheckGradient(t, "x", dx, wide, loss, step, gradTolerance)
			kerneltest.CheckGradient(t, "weight", l.Project.W.Grad, w, loss, step, gradTolerance)
			kerneltest.CheckGradient(t, "bias", l.Project.B.Grad, bias, loss, step, gradTolerance)
		})
	}
	l := nn.NewCosineLoss("cosine", 2, 3)
	l.Targets = make([]float32, 5)
	if err := l.Forward(make([]float32, 1), make([]float32, 4), &nn.Batch{B: 2, T: 1}); err == nil {
		t.Error("targets of another width passed")
	}
}

func ExampleContrastiveLoss() {
	l := &nn.ContrastiveLoss{D: 2, Temperature: 0.1}
	loss := make([]float32, 1)
	err := l.Forward(loss, []float32{1, 0, 0, 1, 2, 0, 0, 3}, &nn.Batch{B: 4, T: 1}) // two pairs, each of one direction
	fmt.Printf("%.5f %d right %v\n", loss[0], l.Correct, err)
	// Output: 0.00005 2 right <nil>
}

func ExampleCosineLoss() {
	l := nn.NewCosineLoss("teacher", 1, 2)
	copy(l.Project.W.Value, []float32{1, 1})
	l.Targets = []float32{1, 0} // the teacher's direction is 45 degrees off
	loss := make([]float32, 1)
	err := l.Forward(loss, []float32{5}, &nn.Batch{B: 1, T: 1})
	fmt.Printf("%.4f %v\n", loss[0], err)
	// Output: 0.2929 <nil>
}
