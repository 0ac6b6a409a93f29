package pretrain

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// TestJacobi: the eigenvectors are orthonormal, and with the eigenvalues they give the matrix again.
func TestJacobi(t *testing.T) {
	const tolerance = 1e-12 // of some thousand float64 rotations
	const left = 1e-8       // of the matrix's size: what jacobi leaves off the diagonal is at most 1e-9 of it
	for name, make64 := range map[string]func(r *random.Stream, i, j int) float64{
		"random":      func(r *random.Stream, _, _ int) float64 { return r.Normal() },
		"zeros":       func(*random.Stream, int, int) float64 { return 0 },
		"ones":        func(*random.Stream, int, int) float64 { return 1 },
		"identity":    func(_ *random.Stream, i, j int) float64 { return float64(1 - min(1, i-j)) },
		"of two ends": func(r *random.Stream, i, j int) float64 { return r.Normal() * math.Pow(10, -float64(i+j)/3) },
	} {
		for _, k := range []int{1, 2, 3, 16, 33} {
			r := random.New(uint64(k))
			a := make([]float64, k*k)
			for i := range k {
				for j := range i + 1 {
					a[i*k+j] = make64(r, i, j)
					a[j*k+i] = a[i*k+j]
				}
			}
			was := slices.Clone(a)
			basis := jacobi(a, k)
			scale := 0.0
			for _, v := range was {
				scale = max(scale, math.Abs(v))
			}
			for i := range k {
				for j := range k {
					var product, entry float64
					for l := range k {
						product += basis[i*k+l] * basis[j*k+l]
						entry += basis[l*k+i] * a[l*k+l] * basis[l*k+j]
					}
					want := 0.0
					if i == j {
						want = 1
					}
					if math.Abs(product-want) > tolerance || math.Abs(entry-was[i*k+j]) > left*float64(k)*scale || i != j && math.Abs(a[i*k+j]) > left*float64(k)*scale {
						t.Fatalf("%s of %d: at %d, %d eigenvectors' product %g, matrix %g, want %g and %g; %g is left", name, k, i, j, product, entry, want, was[i*k+j], a[i*k+j])
					}
				}
			}
		}
	}
}

// TestGram knows the decomposition: columns of given lengths at right angles, turned.
func TestGram(t *testing.T) {
	const n = 4
	x := []float32{
		3, 4, 0,
		-3, 4, 0,
		3, 4, 0,
		-3, 4, 0,
	}
	values, vectors := gram(x, n, 3)
	for j, want := range []float64{64, 36, 0} {
		if math.Abs(values[j]-want) > 1e-9 {
			t.Errorf("eigenvalue %d: got %g, want %g", j, values[j], want)
		}
		for i := range 3 {
			is := math.Abs(vectors[i*3+j])
			want := 0.0
			if i == [3]int{1, 0, 2}[j] {
				want = 1
			}
			if math.Abs(is-want) > 1e-9 {
				t.Errorf("eigenvector %d: got %v in columns", j, vectors)
			}
		}
	}
}

// TestOrthonormal: a basis of the columns' span; what has vanished becomes zeros.
func TestOrthonormal(t *testing.T) {
	const n, k = 40, 6
	r := random.New(3)
	x := make([]float32, n*k)
	for i := range n {
		for j := range k - 1 {
			x[i*k+j] = float32(r.Normal())
		}
		x[i*k+k-1] = x[i*k] + x[i*k+1] // no direction of its own
	}
	was := slices.Clone(x)
	orthonormal(x, n, k)
	for a := range k {
		for b := range k {
			sum, want := 0.0, 0.0
			for i := range n {
				sum += float64(x[i*k+a]) * float64(x[i*k+b])
			}
			if a == b && a < k-1 {
				want = 1
			}
			if math.Abs(sum-want) > 1e-5 {
				t.Errorf("columns %d and %d: product %g, want %g", a, b, sum, want)
			}
		}
	}
	// Every column lies in the span: it is the sum of its projections.
	for b := range k {
		for i := range n {
			sum := 0.0
			for a := range k {
				along := 0.0
				for l := range n {
					along += float64(x[l*k+a]) * float64(was[l*k+b])
				}
				sum += along * float64(x[i*k+a])
			}
			if math.Abs(sum-float64(was[i*k+b])) > 1e-4 {
				t.Fatalf("column %d leaves the span: got %g, want %g", b, sum, was[i*k+b])
			}
		}
	}
}

// svdGolden is what numpy says of a matrix.
type svdGolden struct {
	V        int       `json:"v"`
	D        int       `json:"d"`
	Power    float64   `json:"power"`
	Matrix   []float32 `json:"matrix"`   // [V, V]
	Values   []float64 `json:"values"`   // [V]
	Products []float64 `json:"products"` // [V, V] of the rows of the D scaled vectors
}

// TestTruncated holds the vectors to numpy's, and their bits to one another for any number of workers.
func TestTruncated(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	raw, err := os.ReadFile("testdata/svd.json")
	if err != nil {
		t.Fatal(err)
	}
	var g svdGolden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	var first []float32
	for _, workers := range []int{1, 2, 5} {
		kernels.SetWorkers(workers)
		got := truncated(g.Matrix, g.V, g.V, g.D, g.Power, 1)
		if first == nil {
			first = got
		} else if !slices.Equal(got, first) {
			t.Errorf("%d workers: the bits differ", workers)
		}
	}
	// The gap between the last singular value taken and the first one left is small, so that direction has turned a little.
	tolerance := 1e-3 * g.Values[0]
	for i := range g.V {
		for j := range g.V {
			sum := 0.0
			for d := range g.D {
				sum += float64(first[i*g.D+d]) * float64(first[j*g.D+d])
			}
			if math.Abs(sum-g.Products[i*g.V+j]) > tolerance {
				t.Fatalf("product of rows %d and %d: got %g, want %g", i, j, sum, g.Products[i*g.V+j])
			}
		}
	}
	for d := range g.D { // the columns are at right angles, of length S^power, the largest first
		for e := range d + 1 {
			sum, want := 0.0, 0.0
			for i := range g.V {
				sum += float64(first[i*g.D+d]) * float64(first[i*g.D+e])
			}
			if d == e {
				want = math.Pow(g.Values[d], 2*g.Power)
			}
			if math.Abs(sum-want) > 1e-3*g.Values[d] {
				t.Errorf("product of columns %d and %d: got %g, want %g", d, e, sum, want)
			}
		}
	}
}

// TestTruncatedOfLowRank: a matrix of rank 2 gives two vectors and zeros.
func TestTruncatedOfLowRank(t *testing.T) {
	const v, d = 24, 4
	m := make([]float32, v*v)
	for i := range v {
		for j := range v {
			m[i*v+j] = float32(i%2*(j%2)*4 + (1-i%2)*(1-j%2)) // two blocks of ones, one of them four times as large
		}
	}
	got := truncated(m, v, v, d, 1, 7)
	for i := range v {
		row := got[i*d : (i+1)*d]
		want := [2]float64{float64(i%2) * 4 * math.Sqrt(v/2), float64(1-i%2) * math.Sqrt(v/2)}
		for j, x := range row {
			w := 0.0
			if j < 2 {
				w = want[j]
			}
			if math.Abs(math.Abs(float64(x))-w) > 1e-3 {
				t.Fatalf("row %d: got %v, want %v up to signs", i, row, want)
			}
		}
	}
}
