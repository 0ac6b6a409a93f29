package kernels

import (
	"fmt"
	"math"
	"testing"
)

// TestAdamW compares one step with the update in float64.
func TestAdamW(t *testing.T) {
	const n = 300
	const tolerance = 3e-7 // a few roundings of numbers of size 1
	for _, s := range []AdamWStep{
		{LR: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: 0.01, Correction1: 0.1, Correction2: 0.001, GradScale: 1},
		{LR: 0.1, Beta1: 0.5, Beta2: 0.75, Eps: 1e-3, Correction1: 0.9, Correction2: 0.8, GradScale: 0.01},
	} {
		p, m, v, g := numbers(1, n), numbers(2, n), numbers(3, n), numbers(4, n)
		var wantP, wantM, wantV []float64
		for i := range p {
			v[i] *= v[i]
			d := float64(g[i]) * float64(s.GradScale)
			first := float64(m[i])*float64(s.Beta1) + d*(1-float64(s.Beta1))
			second := float64(v[i])*float64(s.Beta2) + d*d*(1-float64(s.Beta2))
			q := float64(p[i]) * (1 - float64(s.LR)*float64(s.WeightDecay))
			q -= float64(s.LR) / float64(s.Correction1) * first / (math.Sqrt(second/float64(s.Correction2)) + float64(s.Eps))
			wantP, wantM, wantV = append(wantP, q), append(wantM, first), append(wantV, second)
		}
		AdamW(p, m, v, g, s)
		near(t, "p", p, wantP, tolerance)
		near(t, "m", m, wantM, tolerance)
		near(t, "v", v, wantV, tolerance)
	}
}

func ExampleAdamW() {
	p, m, v, g := []float32{1, 1}, make([]float32, 2), make([]float32, 2), []float32{4, -0.25}
	AdamW(p, m, v, g, AdamWStep{LR: 0.5, Beta1: 0.5, Beta2: 0.5, Correction1: 0.5, Correction2: 0.5, GradScale: 1})
	fmt.Printf("%.3f\n", p) // a first step has the size of LR
	// Output: [0.500 1.500]
}
