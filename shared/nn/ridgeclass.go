package nn

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
)

// RidgeClassifier fits l [C, D] to vectors x [N, D] of classes y [N] as scikit-learn's RidgeClassifier does: a RidgeRegression on targets of 1 for the own class and
// -1 for every other. Its outputs are no logits, so they are multiplied by the number that gives their softmax the least cross-entropy over the
// predictions that leave the vector out; that is part of l too, and changes no order of classes. x is overwritten.
func RidgeClassifier(l *Linear, x []float32, y []int32, penalty float64) (*RidgeFit, error) {
	n, c := len(y), l.Out()
	if _, err := countTargets(y, c); err != nil {
		return nil, fmt.Errorf("nn: ridge classifier: %w", err)
	}
	targets := make([]float32, n*c)
	for i := range targets {
		targets[i] = -1
	}
	for i, k := range y {
		if k == IgnoreLabel {
			return nil, fmt.Errorf("nn: ridge classifier: vector %d has no class", i)
		}
		targets[i*c+int(k)] = 1
	}
	f, err := RidgeRegression(l, x, targets, n, penalty)
	if err != nil {
		return nil, err
	}
	s := sharpness(f.LeftOut, y, n, c)
	kernels.Scale(l.W.Value, s)
	kernels.Scale(l.B.Value, s)
	return f, nil
}

// sharpness gives the factor, among 1, 2^(1/4), 2^(1/2), ... 64, with which z [N, C] as logits have the least cross-entropy.
func sharpness(z []float32, y []int32, n, c int) float32 {
	const step = 1.189207115002721 // 2^(1/4)
	logits, losses := make([]float32, n*c), make([]float32, n)
	best, least, factor := float32(1), math.Inf(1), 1.0
	for range 25 {
		copy(logits, z)
		kernels.Scale(logits, float32(factor))
		kernels.CrossEntropy(nil, losses, logits, y, 1, n, c)
		if loss := kernels.Sum(losses); loss < least {
			best, least = float32(factor), loss
		}
		factor = float64(factor * step)
	}
	return best
}

// RidgeLabels fits l [C, D] to vectors x [N, D] that may each have any number of C labels, y [N, C] of 0 and 1, as RidgeClassifier does for one class
// each: by targets of 1 and -1, and a number that gives the outputs' sigmoids the least cross-entropy over the predictions that leave the vector out. x is overwritten.
func RidgeLabels(l *Linear, x, y []float32, n int, penalty float64) (*RidgeFit, error) {
	targets := make([]float32, len(y))
	for i, v := range y {
		targets[i] = 2*v - 1
	}
	f, err := RidgeRegression(l, x, targets, n, penalty)
	if err != nil {
		return nil, err
	}
	pairs, yes := make([]float32, 2*len(y)), make([]int32, len(y))
	if err := binaryPairs(pairs, yes, f.LeftOut, y); err != nil {
		return nil, fmt.Errorf("nn: ridge labels: %w", err)
	}
	s := sharpness(pairs, yes, len(y), 2)
	kernels.Scale(l.W.Value, s)
	kernels.Scale(l.B.Value, s)
	return f, nil
}
