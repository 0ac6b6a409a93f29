package kernels

import "testing"

// TestNoGarbage holds every row and elementwise kernel to no allocation in steady state, alone and with a second worker.
func TestNoGarbage(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget")
	}
	const n, d = 64, 600 // more than one part's worth
	x, y, z, w := numbers(1, n*d), numbers(2, n*d), numbers(3, n*d), numbers(4, n*d)
	gamma, mean, rstd, loss := numbers(5, d), make([]float32, n), make([]float32, n), make([]float32, n)
	dgamma, dbeta, ids, keys := make([]float32, d), make([]float32, d), make([]int32, n), make([]uint64, n)
	step := AdamWStep{LR: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Correction1: 0.1, Correction2: 0.1, GradScale: 1}
	AddLayerNorm(y, z, mean, rstd, x, w, gamma, gamma, n, d, 1e-5)
	defer SetWorkers(Workers())
	for _, workers := range []int{1, 2} {
		SetWorkers(workers)
		for _, c := range []struct {
			name string
			run  func()
		}{
			{"AddLayerNorm", func() { AddLayerNorm(y, z, mean, rstd, x, w, gamma, gamma, n, d, 1e-5) }},
			{"LayerNormBackward", func() { LayerNormBackward(z, dgamma, dbeta, y, x, gamma, mean, rstd, n, d, false) }},
			{"LayerNormBackward without beta", func() { LayerNormBackward(z, dgamma, nil, y, x, gamma, mean, rstd, n, d, true) }},
			{"GELU", func() { GELU(y, x) }},
			{"GELUBackward", func() { GELUBackward(z, y, x) }},
			{"Softmax", func() { Softmax(y, x, n, d) }},
			{"SoftmaxBackward", func() { SoftmaxBackward(z, y, x, n, d, false) }},
			{"CrossEntropy", func() { CrossEntropy(y, loss, x, ids, 1, n, d) }},
			{"GatherAdd", func() { GatherAdd(y, x, ids, d) }},
			{"ScatterAdd", func() { ScatterAdd(z, y, ids, d) }},
			{"Dropout", func() { Dropout(y, x, keys, 0.1, n, d) }},
			{"ColumnSum", func() { ColumnSum(dbeta, x, n, d) }},
			{"AdamW", func() { AdamW(x, y, z, w, step) }},
			{"SumSquares", func() { SumSquares(x) }},
		} {
			if got := testing.AllocsPerRun(20, c.run); got != 0 {
				t.Errorf("%s allocates %v times a call with %d workers", c.name, got, workers)
			}
		}
	}
}
