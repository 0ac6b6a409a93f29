package metrics

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A Regression has the scores of predicted numbers.
type Regression struct {
	RMSE, MAE float64 // root of the mean squared and mean absolute error, in the targets' unit
	R2        float64 // 1 minus the squared error over that of the mean (r2_score); 0 of targets that are all alike, 1 if they are met
	Pearson   float64 // correlation of the values (scipy.stats.pearsonr), NaN where one side is constant
	Spearman  float64 // correlation of the ranks, equal values sharing theirs (scipy.stats.spearmanr), NaN likewise
}

// ScoreRegression compares predictions with true values. It wants at least two of them, all finite.
func ScoreRegression(yTrue, yPred []float64) (Regression, error) {
	if err := sameLength("regression", len(yTrue), len(yPred)); err != nil {
		return Regression{}, err
	}
	n := len(yTrue)
	if n < 2 {
		return Regression{}, fmt.Errorf("metrics: regression: got 1 value, want at least 2")
	}
	mean := Mean(yTrue)
	var squared, absolute, around float64
	for i, y := range yTrue {
		e := yPred[i] - y
		if math.IsNaN(e) || math.IsInf(e, 0) {
			return Regression{}, fmt.Errorf("metrics: regression: item %d: got %g for %g, want finite numbers", i, yPred[i], y)
		}
		squared += float64(e * e)
		absolute += math.Abs(e)
		around += float64((y - mean) * (y - mean))
	}
	r := Regression{RMSE: math.Sqrt(squared / float64(n)), MAE: absolute / float64(n), Pearson: Pearson(yTrue, yPred), Spearman: Pearson(ranks(yTrue), ranks(yPred))}
	switch {
	case around > 0:
		r.R2 = 1 - squared/around
	case squared == 0:
		r.R2 = 1
	}
	return r, nil
}

// Pearson is the correlation of a and b, which are as long; NaN where one of them is constant.
func Pearson(a, b []float64) float64 {
	ma, mb := Mean(a), Mean(b)
	var ab, aa, bb float64
	for i := range a {
		x, y := a[i]-ma, b[i]-mb
		ab += float64(x * y)
		aa += float64(x * x)
		bb += float64(y * y)
	}
	return max(-1, min(1, ab/math.Sqrt(aa)/math.Sqrt(bb)))
}

// ranks gives every value its place, 1 the least; equal ones share the mean of theirs.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	all := make([]float64, len(values))
	for at := 0; at < len(order); {
		end := at
		for end < len(order) && values[order[end]] == values[order[at]] {
			end++
		}
		for _, i := range order[at:end] {
			all[i] = float64(at+end+1) / 2
		}
		at = end
	}
	return all
}
