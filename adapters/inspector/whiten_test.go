package inspector

import (
	"math"
	"slices"
	"testing"
)

func TestInverseCholesky(t *testing.T) {
	const d = 9
	x := noise(4 * d * d)
	a := make([]float64, d*d)
	for i := range d {
		for j := range d {
			for k := range 4 * d {
				a[i*d+j] += float64(x[k*d+i]) * float64(x[k*d+j])
			}
		}
	}
	inverse := slices.Clone(a)
	if err := inverseCholesky(inverse, d); err != nil {
		t.Fatal(err)
	}
	for i := range d { // L^-1 A L^-T = 1
		for j := range d {
			var s float64
			for k := range d {
				for l := range d {
					s += inverse[i*d+k] * a[k*d+l] * inverse[j*d+l]
				}
			}
			want := 0.0
			if i == j {
				want = 1
			}
			if math.Abs(s-want) > 1e-9 || j > i && inverse[i*d+j] != 0 {
				t.Fatalf("%d, %d: got %g, want %g", i, j, s, want)
			}
		}
	}
	if err := inverseCholesky(make([]float64, 4), 2); err == nil {
		t.Error("zeros have a root")
	}
}

// TestWhitening: good vectors come to mean 0 and covariance 1, however they are correlated, and vectors that are all one to nothing.
func TestWhitening(t *testing.T) {
	const n, d = 5000, 3
	x := noise(n * d)
	for i := range n {
		r := x[i*d : (i+1)*d]
		r[1] = 3*r[0] + 0.1*r[1] + 5
		r[2] = 20*r[2] - r[0]
	}
	w, err := fitWhitening(x, n, d, 1e-9)
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float32, n*d)
	w.apply(y, slices.Clone(x), n)
	for i := range d {
		for j := range d {
			var mean, product float64
			for k := range n {
				mean += float64(y[k*d+i]) / n
				product += float64(y[k*d+i]) * float64(y[k*d+j]) / n
			}
			want := 0.0
			if i == j {
				want = 1
			}
			if math.Abs(mean) > 1e-3 || math.Abs(product-want) > 1e-2 {
				t.Errorf("%d, %d: mean %g, covariance %g, want 0 and %g", i, j, mean, product, want)
			}
		}
	}
	one := []float32{1, 2, 3, 1, 2, 3}
	if w, err = fitWhitening(one, 2, d, 0.1); err != nil {
		t.Fatal(err)
	}
	w.apply(y[:6], one, 2)
	for _, v := range y[:6] {
		if v != 0 {
			t.Errorf("one vector alone: got %v", y[:6])
		}
	}
}
