package kerneltest

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// Rows are the row, column and elementwise kernels of one implementation, with the contracts of package kernels.
type Rows struct {
	MulAdd            func(y, a, b []float32)
	Sum               func(x []float32) float64
	ColumnSum         func(dst, x []float32, n, c int)
	LayerNorm         func(y, mean, rstd, x, gamma, beta []float32, n, d int, eps float32)
	LayerNormBackward func(dx, dgamma, dbeta, dy, x, gamma, mean, rstd []float32, n, d int, acc bool)
	SoftmaxBackward   func(dx, dy, y []float32, n, c int, acc bool)
}

// sizes are row lengths below, at and past one and several vectors.
var sizes = []int{1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 257}

// CheckRows holds the kernels to the canonical arithmetic in every bit: chains of fused multiply-adds, row sums in 16
// lanes by element index and one tree, column sums as ascending chains. The fused multiply-add of the suite is its own,
// by exact numbers of any length.
func CheckRows(t *testing.T, k Rows) {
	const n = 9 // rows
	for _, c := range sizes {
		x, y, z, gamma, beta := normals(1, n*c), normals(2, n*c), normals(3, n*c), normals(4, c), normals(5, c)

		want := clone(z)
		for i := range want {
			want[i] = fma(x[i], y[i], want[i])
		}
		got := clone(z)
		k.MulAdd(got, x, y)
		equal(t, fmt.Sprint("MulAdd ", c), got, want)

		var lanes [16]float64
		for i, v := range x {
			lanes[i%16] += float64(v)
		}
		for half := 8; half > 0; half /= 2 {
			for l := range half {
				lanes[l] += lanes[l+half]
			}
		}
		if s := k.Sum(x); math.Float64bits(s) != math.Float64bits(lanes[0]) {
			t.Fatalf("Sum %d: got %v, want %v", c, s, lanes[0])
		}

		want, got = clone(beta), clone(beta)
		for i := range n {
			for j := range want {
				want[j] += x[i*c+j]
			}
		}
		k.ColumnSum(got, x, n, c)
		equal(t, fmt.Sprint("ColumnSum ", c), got, want)

		checkLayerNorm(t, k, n, c, x, y, gamma, beta)

		dx := make([]float32, n*c)
		want = clone(dx)
		for i := range n {
			dy, p := z[i*c:(i+1)*c], y[i*c:(i+1)*c]
			dot := lanes16(c, func(j int, s float32) float32 { return fma(dy[j], p[j], s) })
			for j := range dy {
				d := dy[j] - dot
				want[i*c+j] = p[j] * d
			}
		}
		k.SoftmaxBackward(dx, z, y, n, c, false)
		equal(t, fmt.Sprint("SoftmaxBackward ", c), dx, want)
	}
}

func checkLayerNorm(t *testing.T, k Rows, n, d int, x, dy, gamma, beta []float32) {
	const eps = 1e-5
	y, mean, rstd, dx := make([]float32, n*d), make([]float32, n), make([]float32, n), make([]float32, n*d)
	wantY, wantMean, wantRstd, wantDx := clone(y), clone(mean), clone(rstd), clone(dx)
	dgamma, dbeta := clone(gamma), clone(beta)
	wantDgamma, wantDbeta := clone(gamma), clone(beta)
	for i := range n {
		row, g := x[i*d:(i+1)*d], dy[i*d:(i+1)*d]
		m := lanes16(d, func(j int, s float32) float32 { return s + row[j] }) / float32(d)
		q := lanes16(d, func(j int, s float32) float32 { c := row[j] - m; return fma(c, c, s) }) / float32(d)
		r := 1 / float32(math.Sqrt(float64(q+eps)))
		hat := func(j int) float32 { c := row[j] - m; return float32(c * r) }
		scaled := func(j int) float32 { return float32(g[j] * gamma[j]) }
		a := lanes16(d, func(j int, s float32) float32 { return s + scaled(j) }) / float32(d)
		b := lanes16(d, func(j int, s float32) float32 { return fma(scaled(j), hat(j), s) }) / float32(d)
		wantMean[i], wantRstd[i] = m, r
		for j := range row {
			wantY[i*d+j] = fma(hat(j), gamma[j], beta[j])
			wantDx[i*d+j] = fma(-hat(j), b, scaled(j)-a) * r
			wantDgamma[j] = fma(g[j], hat(j), wantDgamma[j])
			wantDbeta[j] += g[j]
		}
	}
	k.LayerNorm(y, mean, rstd, x, gamma, beta, n, d, eps)
	k.LayerNormBackward(dx, dgamma, dbeta, dy, x, gamma, mean, rstd, n, d, false)
	for _, c := range []struct {
		name      string
		got, want []float32
	}{
		{"y", y, wantY},
		{"mean", mean, wantMean},
		{"rstd", rstd, wantRstd},
		{"dx", dx, wantDx},
		{"dgamma", dgamma, wantDgamma},
		{"dbeta", dbeta, wantDbeta},
	} {
		equal(t, fmt.Sprintf("LayerNorm %d: %s", d, c.name), c.got, c.want)
	}
}

// lanes16 runs add over elements 0 to n-1, element j on lane j mod 16, and adds the lanes by the canonical tree.
func lanes16(n int, add func(j int, lane float32) float32) float32 {
	var s [16]float32
	for j := range n {
		s[j%16] = add(j, s[j%16])
	}
	for half := 8; half > 0; half /= 2 {
		for l := range half {
			s[l] += s[l+half]
		}
	}
	return s[0]
}

// fma returns a b + c rounded once, through exact numbers. It is for finite operands and results that aren't zero.
func fma(a, b, c float32) float32 {
	exact := func(x float32) *big.Float { return new(big.Float).SetPrec(600).SetFloat64(float64(x)) }
	p := exact(a)
	p.Mul(p, exact(b)).Add(p, exact(c))
	r, _ := p.Float32()
	return r
}

// normals returns n numbers of the standard normal distribution.
func normals(key uint64, n int) []float32 {
	s, x := random.New(key), make([]float32, n)
	for i := range x {
		x[i] = float32(s.Normal())
	}
	return x
}

func clone(x []float32) []float32 { return append([]float32(nil), x...) }

func equal(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%s: element %d of %d is %v, want %v", what, i, len(want), got[i], want[i])
		}
	}
}
