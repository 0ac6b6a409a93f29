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
	R2        float64 // 1 minus the squared error over that of the mean (r2_score); of targets that are all alike 1 if they are met, else 0
	Pearson   float64 // correlation of the values (scipy.stats.pearsonr), NaN where one side is constant
	Spearman  float64 // correlation of the ranks, equal values sharing theirs (scipy.stats.spearmanr), NaN likewise
}

// ScoreRegression compares predictions with true values. It wants at least two of them, all finite.
func ScoreRegression(yTrue, yPred []float64) (Regression, error) {
	m, err := NewRegression(yTrue, yPred)
	if err != nil {
		return Regression{}, err
	}
	items := make([]int32, len(yTrue))
	for i := range items {
		items[i] = int32(i)
	}
	return Regression{RMSE: m.RMSE(items), MAE: m.MAE(items), R2: m.R2(items), Pearson: m.Pearson(items), Spearman: m.Spearman(items)}, nil
}

// RegressionItems gives each score for any of the items, such as those that a bootstrap draws.
type RegressionItems struct {
	yTrue, yPred []float64
	orders       [2][]int32 // items by rising value, true and predicted
	ranks        [2][]float64
	drawn        []int32
}

// NewRegression prepares items as ScoreRegression has them.
func NewRegression(yTrue, yPred []float64) (*RegressionItems, error) {
	if err := sameLength("regression", len(yTrue), len(yPred)); err != nil {
		return nil, err
	}
	n := len(yTrue)
	if n < 2 {
		return nil, fmt.Errorf("metrics: regression: got 1 value, want at least 2")
	}
	for i, y := range yTrue {
		if e := yPred[i] - y; math.IsNaN(e) || math.IsInf(e, 0) {
			return nil, fmt.Errorf("metrics: regression: item %d: got %g for %g, want finite numbers", i, yPred[i], y)
		}
	}
	m := &RegressionItems{yTrue: yTrue, yPred: yPred, drawn: make([]int32, n)}
	for side, values := range [][]float64{yTrue, yPred} {
		order := make([]int32, n)
		for i := range order {
			order[i] = int32(i)
		}
		slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(values[a], values[b]) })
		m.orders[side], m.ranks[side] = order, make([]float64, n)
	}
	return m, nil
}

// RMSE is the root of the mean squared error.
func (m *RegressionItems) RMSE(items []int32) float64 {
	return math.Sqrt(m.squared(items) / float64(len(items)))
}

func (m *RegressionItems) squared(items []int32) float64 {
	var sum float64
	for _, i := range items {
		e := m.yPred[i] - m.yTrue[i]
		sum += float64(e * e)
	}
	return sum
}

// MAE is the mean absolute error.
func (m *RegressionItems) MAE(items []int32) float64 {
	var sum float64
	for _, i := range items {
		sum += math.Abs(m.yPred[i] - m.yTrue[i])
	}
	return sum / float64(len(items))
}

// R2 is the coefficient of determination.
func (m *RegressionItems) R2(items []int32) float64 {
	mean, around := 0.0, 0.0
	for _, i := range items {
		mean += m.yTrue[i] / float64(len(items))
	}
	for _, i := range items {
		e := m.yTrue[i] - mean
		around += float64(e * e)
	}
	squared := m.squared(items)
	switch {
	case !m.constant(m.yTrue, items):
		return 1 - squared/around
	case squared == 0:
		return 1
	}
	return 0
}

// constant says whether all items have one value.
func (m *RegressionItems) constant(values []float64, items []int32) bool {
	for _, i := range items {
		if values[i] != values[items[0]] {
			return false
		}
	}
	return true
}

// Pearson is the correlation of the values, NaN where one side is constant.
func (m *RegressionItems) Pearson(items []int32) float64 {
	return m.correlation(m.yTrue, m.yPred, items)
}

// Spearman is the correlation of the ranks, NaN where one side is constant.
func (m *RegressionItems) Spearman(items []int32) float64 {
	clear(m.drawn)
	for _, i := range items {
		m.drawn[i]++
	}
	m.rank(0, m.yTrue)
	m.rank(1, m.yPred)
	return m.correlation(m.ranks[0], m.ranks[1], items)
}

// rank gives every item drawn its place, 1 the least; equal values share the mean of theirs.
func (m *RegressionItems) rank(side int, values []float64) {
	order, before := m.orders[side], 0
	for at := 0; at < len(order); {
		end, equal := at, 0
		for ; end < len(order) && values[order[end]] == values[order[at]]; end++ {
			equal += int(m.drawn[order[end]])
		}
		for _, i := range order[at:end] {
			m.ranks[side][i] = float64(before) + float64(equal+1)/2
		}
		at, before = end, before+equal
	}
}

func (m *RegressionItems) correlation(a, b []float64, items []int32) float64 {
	if m.constant(a, items) || m.constant(b, items) {
		return math.NaN()
	}
	var ma, mb, ab, aa, bb float64
	for _, i := range items {
		ma += a[i] / float64(len(items))
		mb += b[i] / float64(len(items))
	}
	for _, i := range items {
		x, y := a[i]-ma, b[i]-mb
		ab += float64(x * y)
		aa += float64(x * x)
		bb += float64(y * y)
	}
	return max(-1, min(1, ab/math.Sqrt(aa)/math.Sqrt(bb)))
}
