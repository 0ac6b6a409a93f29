package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
)

// attentionCase is one call of Attention and its backward, operands with room between and after the heads.
type attentionCase struct {
	AttentionShape
	q, k, v, do []float32
}

// attentionTolerance bounds the float32 rounding of chains of up to 100 products of numbers below 1: 100 * 2^-24 * 4.
const attentionTolerance = 3e-5

func newAttentionCase(s AttentionShape) *attentionCase {
	if s.LdQ == 0 {
		s.LdQ, s.LdKV, s.LdO = s.H*s.K+3, s.H*s.K+5, s.H*s.K+1
	}
	if s.Scale == 0 {
		s.Scale = float32(1 / math.Sqrt(float64(max(s.K, 1))))
	}
	if s.Dropout > 0 {
		s.Keys = make([]uint64, s.B)
		for b := range s.Keys {
			s.Keys[b] = uint64(b)*977 + 5
		}
	}
	r := rand.New(rand.NewPCG(uint64(s.Tq*1000+s.Tk), uint64(s.K*100+s.H)))
	return &attentionCase{
		AttentionShape: s, q: random(r, s.B*s.Tq*s.LdQ), k: random(r, s.B*s.Tk*s.LdKV), v: random(r, s.B*s.Tk*s.LdKV),
		do: random(r, s.B*s.Tq*s.LdO),
	}
}

type attentionResult struct{ o, probs, dq, dk, dv []float32 }

func filled(n int) []float32 { return slices.Repeat([]float32{guardValue}, n) }

func (c *attentionCase) run() attentionResult {
	r := attentionResult{
		filled(len(c.do)), filled(c.B * c.H * c.Tq * c.Tk), filled(len(c.q)), filled(len(c.k)), filled(len(c.v)),
	}
	Attention(r.o, r.probs, c.q, c.k, c.v, &c.AttentionShape)
	AttentionBackward(r.dq, r.dk, r.dv, c.do, c.q, c.k, c.v, r.probs, &c.AttentionShape)
	return r
}

var attentionShapes = []AttentionShape{
	{B: 1, H: 1, K: 4, Tq: 1, Tk: 1},
	{B: 2, H: 3, K: 5, Tq: 7, Tk: 9},
	{B: 2, H: 2, K: 16, Tq: 17, Tk: 16, QLengths: []int32{17, 3}, KLengths: []int32{5, 16}},
	{B: 3, H: 1, K: 7, Tq: 5, Tk: 6, QLengths: []int32{0, 5, 2}, KLengths: []int32{6, 0, 1}},
	{B: 1, H: 2, K: 8, Tq: 50, Tk: 50, Causal: true},
	{B: 2, H: 2, K: 8, Tq: 9, Tk: 30, Causal: true, Offset: 21, KLengths: []int32{30, 25}},
	{B: 1, H: 1, K: 8, Tq: 10, Tk: 5, Causal: true, Offset: -4},
	{B: 1, H: 1, K: 6, Tq: 100, Tk: 100, Window: 10},
	{B: 1, H: 2, K: 6, Tq: 60, Tk: 75, Window: 7, Causal: true, Offset: 15},
	{B: 2, H: 2, K: 33, Tq: 12, Tk: 20, Dropout: 0.3},
	{B: 2, H: 2, K: 4, Tq: 60, Tk: 60, Dropout: 0.1, Window: 12, QLengths: []int32{50, 60}, KLengths: []int32{50, 60}},
	{B: 1, H: 1, K: 16, Tq: 100, Tk: 20, Window: 4}, // a group of queries that sees no key
	{B: 2, H: 1, K: 3, Tq: 60, Tk: 9, Window: 5, Dropout: 0.2, KLengths: []int32{9, 3}},
	{B: 2, H: 1, K: 3, Tq: 0, Tk: 4},
	{B: 2, H: 1, K: 3, Tq: 4, Tk: 0},
	{B: 0, H: 1, K: 3, Tq: 4, Tk: 4},
	{B: 1, H: 1, K: 0, Tq: 4, Tk: 4},
}

func name(s AttentionShape) string {
	return fmt.Sprintf("B%dH%dK%dTq%dTk%dCausal%vOffset%dWindow%dDropout%v", s.B, s.H, s.K, s.Tq, s.Tk, s.Causal, s.Offset, s.Window, s.Dropout)
}

// attend64 is attention by its formula in float64; it returns the sum of do*o, and o [B, H, Tq, K] when o isn't nil.
func (c *attentionCase) attend64(q, k, v []float64, o []float64) float64 {
	loss := 0.0
	for bh := range c.B * c.H {
		b, h := bh/c.H, bh%c.H
		tq, tk := c.lengths(b)
		for i := range tq {
			p := make([]float64, tk)
			sum := 0.0
			for j := range p {
				seen := (!c.Causal || j <= c.Offset+i) && (c.Window == 0 || max(c.Offset+i-j, j-c.Offset-i) <= c.Window/2)
				if !seen {
					continue
				}
				s := 0.0
				for d := range c.K {
					s += q[(b*c.Tq+i)*c.LdQ+h*c.K+d] * k[(b*c.Tk+j)*c.LdKV+h*c.K+d]
				}
				p[j] = math.Exp(s * float64(c.Scale))
				sum += p[j]
			}
			if sum == 0 {
				continue
			}
			for j := range p {
				p[j] /= sum
				if c.Dropout > 0 {
					if dropped(mixKey(c.Keys[b], uint64(h)<<32|uint64(i)), uint32(j), dropThreshold(c.Dropout)) {
						p[j] = 0
					}
					p[j] /= 1 - float64(c.Dropout)
				}
			}
			for d := range c.K {
				y := 0.0
				for j := range p {
					y += p[j] * v[(b*c.Tk+j)*c.LdKV+h*c.K+d]
				}
				loss += y * float64(c.do[(b*c.Tq+i)*c.LdO+h*c.K+d])
				if o != nil {
					o[(bh*c.Tq+i)*c.K+d] = y
				}
			}
		}
	}
	return loss
}

// TestAttentionFormula compares outputs with the formula and gradients with its central differences.
func TestAttentionFormula(t *testing.T) {
	const step = 1e-4 // the differences are of float64: the error is about step^2
	for _, s := range attentionShapes {
		t.Run(name(s), func(t *testing.T) {
			c := newAttentionCase(s)
			r := c.run()
			q, k, v := kerneltest.Widen(c.q), kerneltest.Widen(c.k), kerneltest.Widen(c.v)
			want := make([]float64, c.B*c.H*c.Tq*c.K)
			c.attend64(q, k, v, want)
			head := c.H * c.K
			for i := range c.B * c.Tq {
				for x := range c.LdO {
					got := float64(r.o[i*c.LdO+x])
					if x >= head {
						if got != float64(float32(guardValue)) {
							t.Fatalf("o: wrote %v between rows", got)
						}
						continue
					}
					w := want[((i/c.Tq*c.H+x/c.K)*c.Tq+i%c.Tq)*c.K+x%c.K]
					if !(math.Abs(got-w) <= attentionTolerance) {
						t.Fatalf("o of position %d, %d: got %v, want %v", i, x, got, w)
					}
				}
			}
			gradient := func(label string, x []float64, got []float32, ld int) {
				for i := range x {
					g := float64(got[i])
					if i%ld >= head {
						if g != float64(float32(guardValue)) {
							t.Fatalf("%s: wrote %v between rows", label, g)
						}
						continue
					}
					if c.Tq*c.Tk > 2000 && i%17 != 0 || testing.Short() && i%23 != 0 {
						continue // a sample is enough of the large ones
					}
					w := kerneltest.Derivative(func() float64 { return c.attend64(q, k, v, nil) }, &x[i], step)
					if !(math.Abs(g-w) <= attentionTolerance) {
						t.Fatalf("%s %d: got %v, want %v", label, i, g, w)
					}
				}
			}
			gradient("dq", q, r.dq, c.LdQ)
			gradient("dk", k, r.dk, c.LdKV)
			gradient("dv", v, r.dv, c.LdKV)
		})
	}
}

func wantBits(t *testing.T, label string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: element %d is %v, want %v", label, i, got[i], want[i])
		}
	}
}

func (r attentionResult) equal(t *testing.T, want attentionResult) {
	t.Helper()
	wantBits(t, "o", r.o, want.o)
	wantBits(t, "probs", r.probs, want.probs)
	wantBits(t, "dq", r.dq, want.dq)
	wantBits(t, "dk", r.dk, want.dk)
	wantBits(t, "dv", r.dv, want.dv)
}

func TestAttentionSameBitsEverywhere(t *testing.T) {
	shapes := slices.Clone(attentionShapes)
	for _, n := range []int{15, 31, 32, 33, 47, 48, 49, 97} {
		shapes = append(shapes, AttentionShape{B: 1, H: 5, K: 16, Tq: n, Tk: n + 2, Dropout: 0.1},
			AttentionShape{B: 2, H: 2, K: 20, Tq: n + 1, Tk: n, Causal: n%2 == 0, QLengths: []int32{int32(n), 1}, KLengths: []int32{1, int32(n)}})
	}
	var want []attentionResult
	everyPath(t, func(t *testing.T) {
		for i, s := range shapes {
			r := newAttentionCase(s).run()
			if i == len(want) {
				want = append(want, r)
			}
			r.equal(t, want[i])
		}
	})
}

// TestAttentionPadding puts samples alone and into a padded batch whose padding is NaN: no valid bit may change.
func TestAttentionPadding(t *testing.T) {
	nan := float32(math.NaN())
	for _, s := range attentionShapes {
		if s.B == 0 {
			continue
		}
		t.Run(name(s), func(t *testing.T) {
			wide := s
			wide.Tq, wide.Tk = s.Tq+21, s.Tk+37
			if wide.QLengths == nil {
				wide.QLengths = slices.Repeat([]int32{int32(s.Tq)}, s.B)
			}
			if wide.KLengths == nil {
				wide.KLengths = slices.Repeat([]int32{int32(s.Tk)}, s.B)
			}
			c := newAttentionCase(wide)
			for b := range c.B {
				tq, tk := c.lengths(b)
				fill := func(x []float32, t, valid, ld int) {
					for i := (b*t + valid) * ld; i < (b+1)*t*ld; i++ {
						x[i] = nan
					}
				}
				fill(c.q, c.Tq, tq, c.LdQ)
				fill(c.do, c.Tq, tq, c.LdO)
				fill(c.k, c.Tk, tk, c.LdKV)
				fill(c.v, c.Tk, tk, c.LdKV)
			}
			r := c.run()
			for b := range c.B {
				one := *c
				tq, tk := c.lengths(b)
				one.B, one.Tq, one.Tk, one.QLengths, one.KLengths = 1, tq, tk, nil, nil
				if c.Keys != nil {
					one.Keys = c.Keys[b:]
				}
				cut := func(x []float32, t, valid, ld int) []float32 { return x[b*t*ld:][:valid*ld] }
				one.q, one.do = cut(c.q, c.Tq, tq, c.LdQ), cut(c.do, c.Tq, tq, c.LdO)
				one.k, one.v = cut(c.k, c.Tk, tk, c.LdKV), cut(c.v, c.Tk, tk, c.LdKV)
				w := one.run()
				wantBits(t, "o", cut(r.o, c.Tq, tq, c.LdO), w.o)
				wantBits(t, "dq", cut(r.dq, c.Tq, tq, c.LdQ), w.dq)
				wantBits(t, "dk", cut(r.dk, c.Tk, tk, c.LdKV), w.dk)
				wantBits(t, "dv", cut(r.dv, c.Tk, tk, c.LdKV), w.dv)
				for i := tq; i < c.Tq; i++ {
					for x := range c.H * c.K {
						if r.o[(b*c.Tq+i)*c.LdO+x] != 0 || r.dq[(b*c.Tq+i)*c.LdQ+x] != 0 {
							t.Fatalf("query %d is padding and not 0", i)
						}
					}
				}
				for j := tk; j < c.Tk; j++ {
					for x := range c.H * c.K {
						if r.dk[(b*c.Tk+j)*c.LdKV+x] != 0 || r.dv[(b*c.Tk+j)*c.LdKV+x] != 0 {
							t.Fatalf("key %d is padding and not 0", j)
						}
					}
				}
			}
			without := filled(len(c.do))
			Attention(without, nil, c.q, c.k, c.v, &c.AttentionShape)
			wantBits(t, "o without probs", without, r.o)
		})
	}
}

func TestAttentionAllocatesNothing(t *testing.T) {
	c := newAttentionCase(AttentionShape{B: 2, H: 4, K: 16, Tq: 64, Tk: 64, Dropout: 0.1})
	r := c.run()
	got := testing.AllocsPerRun(20, func() {
		Attention(r.o, nil, c.q, c.k, c.v, &c.AttentionShape)
		Attention(r.o, r.probs, c.q, c.k, c.v, &c.AttentionShape)
		AttentionBackward(r.dq, r.dk, r.dv, c.do, c.q, c.k, c.v, r.probs, &c.AttentionShape)
	})
	if got > 0 {
		t.Errorf("got %v allocations a run, want 0", got)
	}
}
