package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// lengths are the sizes that every kernel is tried at: all up to beyond the widest sweep, and some odd larger ones.
func lengths() []int {
	var all []int
	for n := range 71 {
		all = append(all, n)
	}
	return append(all, 127, 255, 256, 257, 1000)
}

const guard = float32(-12345.678) // a value that no kernel writes

// An arena hands out slices that start at odd places, with guards on both sides.
type arena struct {
	t      *testing.T
	blocks [][]float32
	lens   []int
	starts []int
	seed   uint64
}

// slice returns n elements made by f, between guards, at an unaligned start.
func (a *arena) slice(n int, f func(i int) float32) []float32 {
	start := 8 + len(a.blocks)%7 + 1
	b := make([]float32, start+n+16)
	for i := range b {
		b[i] = guard
	}
	s := b[start : start+n : start+n]
	for i := range s {
		s[i] = f(i)
	}
	a.blocks, a.lens, a.starts = append(a.blocks, b), append(a.lens, n), append(a.starts, start)
	return s
}

// normal returns n numbers of roughly a normal distribution.
func (a *arena) normal(n int) []float32 {
	return a.slice(n, func(int) float32 { return a.draw() })
}

func (a *arena) draw() float32 {
	s := float32(-6)
	for range 12 {
		a.seed++
		s += float32(mixKey(a.seed, 7)>>40) * 0x1p-24
	}
	return s
}

// special returns n numbers among which are the special ones.
func (a *arena) special(n int) []float32 {
	inf := float32(math.Inf(1))
	values := []float32{
		0, float32(math.Copysign(0, -1)), 1, -1, inf, -inf, float32(math.NaN()), 1e-45, -1e-45, 1e-39, -3e-39, 1.1754944e-38,
		math.MaxFloat32, -math.MaxFloat32, 88.7, -87.336545, -87.33655, -87.33653, 100, -100, 0.625, -0.62499994, 13, -13.3, 5, -5,
	}
	return a.slice(n, func(i int) float32 {
		if i%3 == 2 {
			return a.draw()
		}
		return values[(i+int(a.seed))%len(values)]
	})
}

// check fails the test when a guard was written.
func (a *arena) check(what string) {
	a.t.Helper()
	for k, b := range a.blocks {
		for i, v := range b {
			if (i < a.starts[k] || i >= a.starts[k]+a.lens[k]) && v != guard {
				a.t.Fatalf("%s: slice %d of %d elements: wrote at %d", what, k, a.lens[k], i-a.starts[k])
			}
		}
	}
}

// equalBits fails the test unless got and want are equal to the bit; one NaN is as good as another.
func equalBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && !(got[i] != got[i] && want[i] != want[i]) {
			t.Fatalf("%s: element %d of %d is %v (%#x), want %v (%#x)", what, i, len(want),
				got[i], math.Float32bits(got[i]), want[i], math.Float32bits(want[i]))
		}
	}
}

// A variant calls one kernel on slices from make, for a size n, and returns everything it wrote.
type variant struct {
	name string
	run  func(a *arena, make func(n int) []float32, n int) [][]float32
}

func copies(s ...[]float32) [][]float32 {
	for i := range s {
		s[i] = slices.Clone(s[i])
	}
	return s
}

func unary(name string, f func(y, x []float32)) variant {
	return variant{name, func(a *arena, make func(int) []float32, n int) [][]float32 {
		x, y := make(n), make(n)
		f(y, x)
		z := slices.Clone(x)
		f(x, x) // in place
		if !slices.Equal(fmtBits(x), fmtBits(y)) {
			a.t.Fatalf("%s in place differs", name)
		}
		return copies(y, z)
	}}
}

func fmtBits(x []float32) []uint32 {
	b := make([]uint32, len(x))
	for i, v := range x {
		if b[i] = math.Float32bits(v); v != v {
			b[i] = 0x7fc00000
		}
	}
	return b
}

func binary(name string, f func(dx, dy, x []float32)) variant {
	return variant{name, func(a *arena, make func(int) []float32, n int) [][]float32 {
		x, dy, dx := make(n), make(n), make(n)
		f(dx, dy, x)
		f(dy, dy, x) // in place
		if !slices.Equal(fmtBits(dx), fmtBits(dy)) {
			a.t.Fatalf("%s in place differs", name)
		}
		return copies(dx)
	}}
}

// variants covers every row and elementwise kernel. Matrices have a few rows of n, or n rows of few columns.
func variants() []variant {
	step := AdamWStep{LR: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: 0.01, Correction1: 0.19, Correction2: 0.002, GradScale: 0.5}
	all := []variant{
		unary("GELU", GELU), unary("GELUTanh", GELUTanh), unary("SiLU", SiLU), unary("ReLU", ReLU), unary("TanhForward", TanhForward),
		binary("GELUBackward", GELUBackward), binary("GELUTanhBackward", GELUTanhBackward), binary("SiLUBackward", SiLUBackward),
		binary("ReLUBackward", ReLUBackward), binary("TanhBackward", TanhBackward), binary("Mul", Mul),
		{"Add", func(a *arena, make func(int) []float32, n int) [][]float32 {
			x, y := make(n), make(n)
			Add(y, x)
			return copies(y)
		}},
		{"Scale", func(a *arena, make func(int) []float32, n int) [][]float32 {
			x := make(n)
			Scale(x, 0.3)
			return copies(x)
		}},
		{"AddScaled", func(a *arena, make func(int) []float32, n int) [][]float32 {
			x, y := make(n), make(n)
			AddScaled(y, x, -0.7)
			return copies(y)
		}},
		{"MulAdd", func(a *arena, make func(int) []float32, n int) [][]float32 {
			x, b, y := make(n), make(n), make(n)
			MulAdd(y, x, b)
			return copies(y)
		}},
		{"Softmax", func(a *arena, make func(int) []float32, n int) [][]float32 {
			x, y := make(3*n), make(3*n)
			Softmax(y, x, 3, n)
			return copies(y)
		}},
		{"CrossEntropy", func(a *arena, make func(int) []float32, n int) [][]float32 {
			if n == 0 {
				return nil
			}
			x, dx, loss, loss2 := make(3*n), make(3*n), make(3), make(3)
			targets := []int32{0, IgnoreTarget, int32(n - 1)}
			CrossEntropy(dx, loss, x, targets, 0.25, 3, n)
			CrossEntropy(nil, loss2, x, targets, 0.25, 3, n)
			return copies(dx, loss, loss2)
		}},
		{"Dropout", func(a *arena, make func(int) []float32, n int) [][]float32 {
			x, y := make(3*n), make(3*n)
			Dropout(y, x, []uint64{1, 1 << 50, math.MaxUint64}, 0.1, 3, n)
			Dropout(x, x, []uint64{9, 8, 7}, 0.9, 3, n)
			return copies(y, x)
		}},
		{"GatherScatter", func(a *arena, make func(int) []float32, n int) [][]float32 {
			table, y, z := make(5*n), make(4*n), make(4*n)
			ids := []int32{4, 0, 2, 0}
			Gather(y, table, ids, n)
			GatherAdd(z, table, ids, n)
			ids[1] = -1
			ScatterAdd(table, z, ids, n)
			return copies(table, y, z)
		}},
		{"ColumnSum", func(a *arena, make func(int) []float32, n int) [][]float32 {
			x, dst, tall := make(3*n), make(n), make(5)
			ColumnSum(dst, x, 3, n)
			ColumnSum(tall, make(5*n), n, 5)
			return copies(dst, tall)
		}},
		{"Rotary", func(a *arena, make func(int) []float32, n int) [][]float32 {
			k := 2 * (n / 4)
			x, cos, sin := make(3*(2*k+1)), make(4*k/2), make(4*k/2)
			Rotary(x, []int32{3, 0, 1}, 3, 2, k, 2*k+1, cos, sin, false)
			y := slices.Clone(x)
			Rotary(x, []int32{1, 2, 1}, 3, 2, k, 2*k+1, cos, sin, true)
			return copies(x, y)
		}},
		{"AdamW", func(a *arena, make func(int) []float32, n int) [][]float32 {
			p, m, v, g := make(n), make(n), make(n), make(n)
			for i, x := range v {
				v[i] = abs(x)
			}
			AdamW(p, m, v, g, step)
			return copies(p, m, v)
		}},
		{"Sum", func(a *arena, make func(int) []float32, n int) [][]float32 {
			x := make(n)
			s, q := math.Float64bits(Sum(x)), math.Float64bits(SumSquares(x))
			return [][]float32{floats64(s), floats64(q)}
		}},
	}
	for _, acc := range []bool{false, true} {
		all = append(all, variant{fmt.Sprint("SoftmaxBackward ", acc), func(a *arena, make func(int) []float32, n int) [][]float32 {
			y, dy, dx := make(3*n), make(3*n), make(3*n)
			SoftmaxBackward(dx, dy, y, 3, n, acc)
			return copies(dx)
		}})
		all = append(all, variant{fmt.Sprint("LayerNorm ", acc), func(a *arena, make func(int) []float32, n int) [][]float32 {
			x, r, y, gamma, beta, mean, rstd := make(7*n), make(7*n), make(7*n), make(n), make(n), make(7), make(7)
			dy, dx, dgamma, dbeta := make(7*n), make(7*n), make(n), make(n)
			LayerNorm(y, nil, nil, x, gamma, beta, 7, n, 1e-5)
			z := slices.Clone(y)
			if acc {
				beta = nil
			}
			AddLayerNorm(y, x, mean, rstd, x, r, gamma, beta, 7, n, 1e-5)
			LayerNormBackward(dx, dgamma, dbeta, dy, x, gamma, mean, rstd, 7, n, acc)
			LayerNormBackward(nil, dgamma, nil, dy, x, gamma, mean, rstd, 7, n, acc)
			LayerNormBackward(nil, nil, dbeta, dy, x, gamma, mean, rstd, 7, n, acc)
			return copies(y, z, x, mean, rstd, dx, dgamma, dbeta)
		}})
	}
	return all
}

// floats64 splits 64 bits into two exact float32; one NaN stays as good as another.
func floats64(u uint64) []float32 {
	if f := math.Float64frombits(u); f != f {
		return []float32{float32(math.NaN())}
	}
	return []float32{float32(u >> 48), float32(u >> 32 & 0xffff), float32(u >> 16 & 0xffff), float32(u & 0xffff)}
}

// TestSameBits holds the assembly to plain Go, in every bit, at every length, at unaligned starts, with special values,
// and both to the ends of their slices.
func TestSameBits(t *testing.T) {
	if Path() == "purego" {
		t.Skip("no assembly in this build")
	}
	for _, v := range variants() {
		t.Run(v.name, func(t *testing.T) {
			for _, n := range lengths() {
				for _, special := range []bool{false, true} {
					run := func() [][]float32 {
						a := &arena{t: t, seed: uint64(n)}
						f := a.normal
						if special {
							f = a.special
						}
						out := v.run(a, f, n)
						a.check(v.name)
						return out
					}
					got := run()
					restore := forcePlain()
					want := run()
					restore()
					for k := range want {
						equalBits(t, fmt.Sprintf("%s n %d special %v result %d", v.name, n, special, k), got[k], want[k])
					}
				}
			}
		})
	}
}

// TestWorkers holds every kernel to the same bits for 1, 2 and 5 workers.
func TestWorkers(t *testing.T) {
	defer SetWorkers(Workers())
	for _, v := range variants() {
		n := 50021
		if v.name == "LayerNorm true" || v.name == "LayerNorm false" {
			n = 40001
		}
		if Path() == "purego" {
			n = 17001
		}
		var want [][]float32
		for _, w := range []int{1, 2, 5} {
			SetWorkers(w)
			a := &arena{t: t, seed: 3}
			got := v.run(a, a.normal, n)
			a.check(v.name)
			if w == 1 {
				want = got
			}
			for k := range want {
				equalBits(t, fmt.Sprintf("%s, %d workers, result %d", v.name, w, k), got[k], want[k])
			}
		}
	}
}
