package metrics

import (
	"fmt"
	"math"
)

// checkProbabilities wants p [N, C] to be probabilities of c classes and yTrue [N] to be among them.
func checkProbabilities(name string, yTrue []int, p []float64, c int) error {
	if c < 2 || len(p)%c != 0 {
		return fmt.Errorf("metrics: %s: got %d probabilities, want a multiple of the %d classes, 2 at least", name, len(p), c)
	}
	if err := sameLength(name, len(yTrue), len(p)/c); err != nil {
		return err
	}
	for i, v := range p {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("metrics: %s: item %d: got a probability of %v, want 0 to 1", name, i/c, v)
		}
	}
	for i, y := range yTrue {
		if y < 0 || y >= c {
			return fmt.Errorf("metrics: %s: item %d: got class %d, want 0 to %d", name, i, y, c-1)
		}
	}
	return nil
}

// LogLoss is the mean of -log of the probability of the true class (log_loss). p [N, C] has a row for each item, yTrue its class; a probability is taken to be at
// least the float64 epsilon and at most 1 less it, as there.
func LogLoss(yTrue []int, p []float64, c int) (float64, error) {
	if err := checkProbabilities("log loss", yTrue, p, c); err != nil {
		return 0, err
	}
	const eps = 0x1p-52
	var sum float64
	for i, y := range yTrue {
		sum -= math.Log(min(max(p[i*c+y], eps), 1-eps))
	}
	return sum / float64(len(yTrue)), nil
}

// Brier is the score of every item's probabilities, half the squared distance from the truth, 0 to 1: their mean is brier_score_loss with scale_by_half (Brier,
// "Verification of forecasts expressed in terms of probability", 1950). p [N, C] has a row for each item; a class of -1 is none of them.
func Brier(yTrue []int, p []float64, c int) ([]float64, error) {
	known := make([]int, len(yTrue))
	for i, y := range yTrue {
		known[i] = max(y, 0)
	}
	if err := checkProbabilities("Brier score", known, p, c); err != nil {
		return nil, err
	}
	items := make([]float64, len(yTrue))
	for i, y := range yTrue {
		var sum float64
		for j, v := range p[i*c : (i+1)*c] {
			if j == y {
				v = 1 - v
			}
			sum += float64(v * v)
		}
		if y < 0 {
			sum++ // the class that isn't there had a probability of 0
		}
		items[i] = sum / 2
	}
	return items, nil
}

// ECE is the expected calibration error: over bins of equal width of the confidence, the mean distance of a bin's accuracy from its mean confidence, weighed by its
// items (Guo et al., "On calibration of modern neural networks", 2017, equation 3). A bin has its upper edge, as in scikit-learn's calibration_curve.
func ECE(confidence []float64, correct []bool, bins int) (float64, error) {
	if err := checkConfidence("ECE", confidence, correct); err != nil {
		return 0, err
	}
	if bins < 1 {
		return 0, fmt.Errorf("metrics: ECE: got %d bins, want at least 1", bins)
	}
	sum, right := make([]float64, bins), make([]int, bins)
	for i, v := range confidence {
		b := min(max(int(math.Ceil(float64(v*float64(bins))))-1, 0), bins-1)
		sum[b] += v
		if correct[i] {
			right[b]++
		}
	}
	var total float64
	for b := range sum {
		total += math.Abs(float64(right[b]) - sum[b])
	}
	return total / float64(len(confidence)), nil
}

func checkConfidence(name string, confidence []float64, correct []bool) error {
	if err := sameLength(name, len(correct), len(confidence)); err != nil {
		return err
	}
	for i, v := range confidence {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("metrics: %s: item %d: got a confidence of %v, want 0 to 1", name, i, v)
		}
	}
	return nil
}
