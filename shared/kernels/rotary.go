package kernels

// Rotary turns, in place, the pairs (x[j], x[j+K/2]) of each of the H heads of each of the N rows of x by the angle
// whose cosine and sine the tables cos and sin [P, K/2] hold for the row's position; inverse turns back, which is also
// the backward. Head h of row i starts at x[i*ld+h*k]. It panics when k is odd or a position is outside the tables.
//
// Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021, in the layout of GPT-NeoX, where
// the halves of a head are paired.
func Rotary(x []float32, positions []int32, n, h, k, ld int, cos, sin []float32, inverse bool) {
	if k%2 != 0 {
		panic("kernels: Rotary: head size is odd")
	}
	if len(positions) < n || n > 0 && len(x) < (n-1)*ld+h*k {
		panic("kernels: Rotary: slice too short")
	}
	for _, p := range positions[:n] {
		if p < 0 || (int(p)+1)*k/2 > min(len(cos), len(sin)) {
			panic("kernels: Rotary: position out of range")
		}
	}
	rotaries.run(rotaryRows, rotaryArgs{x, positions, h, k, ld, cos, sin, inverse}, n, h*k, 1)
}

type rotaryArgs struct {
	x         []float32
	positions []int32
	h, k, ld  int
	cos, sin  []float32
	inverse   bool
}

var rotaries ranger[rotaryArgs]

func rotaryRows(a *rotaryArgs, lo, hi int) {
	half := a.k / 2
	for i := lo; i < hi; i++ {
		from := int(a.positions[i]) * half
		cos, sin := a.cos[from:from+half], a.sin[from:from+half]
		for h := range a.h {
			x := a.x[i*a.ld+h*a.k : i*a.ld+(h+1)*a.k]
			if a.inverse {
				turn(x[half:], x[:half], cos, sin)
			} else {
				turn(x[:half], x[half:], cos, sin)
			}
		}
	}
}

// turnPlain is turn in plain Go: it turns the pairs (a, b), from a towards b.
func turnPlain(a, b, cos, sin []float32) {
	for j, c := range cos {
		u, v, s := a[j], b[j], sin[j]
		a[j] = fma32(u, c, -float32(v*s))
		b[j] = fma32(v, c, float32(u*s))
	}
}
