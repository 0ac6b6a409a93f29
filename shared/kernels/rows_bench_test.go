package kernels

import (
	"fmt"
	"testing"
)

// BenchmarkRows times every row and elementwise kernel at the shapes of a training step: 32 texts of 128 tokens, model
// size 256, hidden size 1024, 614 predicted tokens of a vocabulary of 8192. The bytes are those that must be read and
// written once; ns/element is per element of the result.
func BenchmarkRows(b *testing.B) {
	const n, d, f, vocabulary, p = 4096, 256, 1024, 8192, 614
	a := &arena{seed: 1}
	wide := func() []float32 { return a.slice(n*f, func(i int) float32 { return float32(i%1000)/200 - 2.5 }) }
	x, y, z, w := wide(), wide(), wide(), wide()
	logits, dlogits := wide()[:n*f/8192*8192], make([]float32, p*vocabulary)
	logits = append(logits, logits...)[:p*vocabulary]
	gamma, beta, mean, rstd := a.normal(d), a.normal(d), make([]float32, n), make([]float32, n)
	dgamma, dbeta := make([]float32, f), make([]float32, d)
	loss, targets, ids, keys := make([]float32, n), make([]int32, n), make([]int32, n), make([]uint64, n)
	for i := range n {
		ids[i], targets[i], keys[i] = int32(i*7919%vocabulary), int32(i%vocabulary), uint64(i)*0x9e3779b97f4a7c15
	}
	table := make([]float32, vocabulary*d)
	cos, sin, positions := make([]float32, n*32), make([]float32, n*32), make([]int32, n)
	AddLayerNorm(y, z, mean, rstd, x, w, gamma, beta, n, d, 1e-5)
	step := AdamWStep{LR: 1e-9, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: 0.01, Correction1: 0.1, Correction2: 0.001, GradScale: 1}
	var sink float64
	for _, c := range []struct {
		name            string
		elements, moves int // results; floats read and written per result
		run             func()
	}{
		{"LayerNorm", n * d, 2, func() { LayerNorm(y, mean, rstd, x, gamma, beta, n, d, 1e-5) }},
		{"AddLayerNorm", n * d, 4, func() { AddLayerNorm(y, z, mean, rstd, x, w, gamma, beta, n, d, 1e-5) }},
		{"LayerNormBackward", n * d, 5, func() { LayerNormBackward(z, dgamma[:d], dbeta, y, x, gamma, mean, rstd, n, d, false) }},
		{"LayerNormBackwardInput", n * d, 3, func() { LayerNormBackward(z, nil, nil, y, x, gamma, mean, rstd, n, d, false) }},
		{"GELU", n * f, 2, func() { GELU(y, x) }},
		{"GELUBackward", n * f, 3, func() { GELUBackward(z, y, x) }},
		{"GELUTanh", n * f, 2, func() { GELUTanh(y, x) }},
		{"GELUTanhBackward", n * f, 3, func() { GELUTanhBackward(z, y, x) }},
		{"SiLU", n * f, 2, func() { SiLU(y, x) }},
		{"TanhForward", n * f, 2, func() { TanhForward(y, x) }},
		{"ReLU", n * f, 2, func() { ReLU(y, x) }},
		{"Softmax128", n * d, 2, func() { Softmax(y, x, n*d/128, 128) }},
		{"SoftmaxBackward128", n * d, 3, func() { SoftmaxBackward(z, y, x, n*d/128, 128, false) }},
		{"CrossEntropy", p * vocabulary, 2, func() { CrossEntropy(dlogits, loss, logits, targets, 1e-3, p, vocabulary) }},
		{"CrossEntropyLoss", p * vocabulary, 1, func() { CrossEntropy(nil, loss, logits, targets, 1e-3, p, vocabulary) }},
		{"Gather", n * d, 2, func() { Gather(y, table, ids, d) }},
		{"GatherAdd", n * d, 3, func() { GatherAdd(y, table, ids, d) }},
		{"ScatterAdd", n * d, 3, func() { ScatterAdd(table, x, ids, d) }},
		{"Dropout", n * d, 2, func() { Dropout(y, x, keys, 0.1, n, d) }},
		{"ColumnSumD", n * d, 1, func() { ColumnSum(dbeta, x, n, d) }},
		{"ColumnSumF", n * f, 1, func() { ColumnSum(dgamma, x, n, f) }},
		{"Add", n * d, 3, func() { Add(y[:n*d], x) }},
		{"Rotary", n * d, 2, func() { Rotary(x, positions, n, 4, 64, 256, cos, sin, false) }},
		{"AdamW", n * f, 7, func() { AdamW(x, y, z, w, step) }},
		{"SumSquares", n * f, 1, func() { sink += SumSquares(x) }},
	} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", c.name, workers), func(b *testing.B) {
				was := Workers()
				SetWorkers(workers)
				defer SetWorkers(was)
				b.SetBytes(int64(4 * c.elements * c.moves))
				for b.Loop() {
					c.run()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(c.elements), "ns/element")
			})
		}
	}
}
