package nn_test

import (
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
	"github.com/fmkit/fmkit/shared/nn"
)

// TestUnit holds rows of length 1 and their gradients to a float64 reference, zeros among them.
func TestUnit(t *testing.T) {
	const rows, d = 5, 19
	x, weight := normals(1, rows, d, 3), normals(2, rows, d)
	f := func(x []float64) float64 {
		var loss float64
		for i := range rows {
			var dot, squares float64
			for j := range d {
				v := x[i*d+j]
				dot, squares = dot+v*float64(weight[i*d+j]), squares+v*v
			}
			if squares > 0 {
				loss += dot / math.Sqrt(squares)
			}
		}
		return loss
	}
	u, b := &nn.Unit{D: d}, &nn.Batch{B: rows, T: 7}
	y, dx := make([]float32, rows*d), normals(3, rows, d)
	if err := u.Forward(y, x, b); err != nil {
		t.Fatal(err)
	}
	var got float64
	for i, v := range y {
		got += float64(v) * float64(weight[i])
	}
	if want := f(kerneltest.Widen(x)); math.Abs(got-want) > lossTolerance*max(1, math.Abs(want)) {
		t.Errorf("got %.8g, reference %.8g", got, want)
	}
	if err := u.Backward(dx, append([]float32(nil), weight...), x, y, b); err != nil {
		t.Fatal(err)
	}
	checkRows(t, dx, x, d, f, gradTolerance)

	again := append([]float32(nil), x...)
	nn.UnitRows(again, rows, d)
	for i, v := range again {
		if math.Float32bits(v) != math.Float32bits(y[i]) {
			t.Fatalf("value %d: in place %g, by the layer %g", i, v, y[i])
		}
	}
	if err := u.Forward(y, x[:d], b); err == nil {
		t.Error("one row for five: no error")
	}
}
