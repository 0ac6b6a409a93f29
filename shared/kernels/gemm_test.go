package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// product is one matrix product of a test: operands, a destination between guards, and what the rules say it must hold.
type product struct {
	m, n, k       int
	a, at, b, bt  []float32 // a [M, K], at [K, M], b [K, N], bt [N, K]
	bias          []float32 // [N]
	start         []float32 // [M, N] what c holds before
	zero, acc, bi []float32 // chains from zero, from start, from bias
}

func random(r *rand.Rand, n int) []float32 {
	x := Make[float32](n)
	for i := range x {
		x[i] = r.Float32()*2 - 1
	}
	return x
}

func transpose(x []float32, rows, cols int) []float32 {
	y := make([]float32, len(x))
	for i := range rows {
		for j := range cols {
			y[j*rows+i] = x[i*cols+j]
		}
	}
	return y
}

func newProduct(m, n, k int) *product {
	r := rand.New(rand.NewPCG(uint64(m), uint64(n)<<32|uint64(k)))
	p := &product{m: m, n: n, k: k, a: random(r, m*k), b: random(r, k*n), bias: random(r, n), start: random(r, m*n)}
	p.at, p.bt = transpose(p.a, m, k), transpose(p.b, k, n)
	p.zero, p.acc, p.bi = make([]float32, m*n), make([]float32, m*n), make([]float32, m*n)
	for i := range m {
		for j := range n {
			z, s, t := float32(0), p.start[i*n+j], p.bias[j]
			for q := range k {
				x, y := p.a[i*k+q], p.b[q*n+j]
				z, s, t = fma32(x, y, z), fma32(x, y, s), fma32(x, y, t)
			}
			p.zero[i*n+j], p.acc[i*n+j], p.bi[i*n+j] = z, s, t
		}
	}
	return p
}

const guardValue = 12345.678

// check runs f on a destination between guards and compares it with want bit for bit.
func (p *product) check(t *testing.T, form string, want []float32, f func(c []float32)) {
	t.Helper()
	const guard = 40
	c := make([]float32, p.m*p.n+2*guard)
	for i := range c {
		c[i] = guardValue
	}
	in := c[guard : guard+p.m*p.n]
	copy(in, p.start)
	f(in[:len(in):len(in)])
	for i, v := range c {
		w := float32(guardValue)
		if i >= guard && i < guard+len(want) {
			w = want[i-guard]
		}
		if math.Float32bits(v) != math.Float32bits(w) {
			t.Fatalf("%s %d x %d x %d: element %d is %v, want %v", form, p.m, p.n, p.k, i-guard, v, w)
		}
	}
}

func (p *product) checkAll(t *testing.T) {
	t.Helper()
	m, n, k := p.m, p.n, p.k
	for _, acc := range []bool{false, true} {
		want := p.zero
		if acc {
			want = p.acc
		}
		p.check(t, "NN", want, func(c []float32) { MatMul(c, p.a, p.b, m, n, k, acc) })
		p.check(t, "NT", want, func(c []float32) { MatMulNT(c, p.a, p.bt, m, n, k, acc) })
		p.check(t, "TN", want, func(c []float32) { MatMulTN(c, p.at, p.b, m, n, k, acc) })
		p.check(t, "packed NN", want, func(c []float32) { PackNN(p.b, k, n).MatMul(c, p.a, m, acc) })
		p.check(t, "packed NT", want, func(c []float32) { PackNT(p.bt, n, k).MatMul(c, p.a, m, acc) })
	}
	p.check(t, "NT bias", p.bi, func(c []float32) { MatMulNTBias(c, p.a, p.bt, p.bias, m, n, k) })
	p.check(t, "packed bias", p.bi, func(c []float32) { PackNT(p.bt, n, k).MatMulBias(c, p.a, p.bias, m) })
}

// everyPath runs f as a subtest for each implementation and several numbers of workers.
func everyPath(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	was := Workers()
	defer SetWorkers(was)
	for _, workers := range []int{1, 2, 3, 5} {
		t.Run(fmt.Sprintf("%s-%d", Path(), workers), func(t *testing.T) {
			SetWorkers(workers)
			f(t)
		})
	}
	if avx512 {
		t.Run("avx2-2", func(t *testing.T) {
			defer forceAVX2()()
			SetWorkers(2)
			f(t)
		})
	}
	if avx2 {
		defer forcePlain()()
		t.Run("purego-2", func(t *testing.T) {
			SetWorkers(2)
			f(t)
		})
	}
}

func TestMatMulEqualsChains(t *testing.T) {
	var shapes []*product
	step := 1
	if testing.Short() {
		step = 5 // for the race detector and emulated processors
	}
	for m := 0; m < 41; m += step {
		for _, n := range []int{0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40} {
			shapes = append(shapes, newProduct(m, n, (m*7+n*3)%13))
		}
	}
	for n := range 41 {
		shapes = append(shapes, newProduct(n%7+1, n, n%5))
	}
	for _, k := range []int{0, 1, 2, 3, 4, 5, 8, 511, 512, 513, 1024, 1100} {
		shapes = append(shapes, newProduct(13, 35, k), newProduct(6, 16, k), newProduct(1, 1, k))
	}
	shapes = append(shapes, newProduct(130, 70, 33), newProduct(64, 128, 65), newProduct(7, 5, 2*depthBlock+3))
	shapes = append(shapes, newProduct(29, 8, depthBlock+5), newProduct(8, 96, 100), newProduct(14, 1024, 19), newProduct(3, 64, 33), newProduct(37, 96, 70)) // of low-rank changes
	everyPath(t, func(t *testing.T) {
		for _, p := range shapes {
			p.checkAll(t)
		}
	})
}
