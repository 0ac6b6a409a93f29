package adapter

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/metrics"
)

// BootstrapSeed is the seed of the intervals of scores, so that an evaluation gives the same ones again.
const BootstrapSeed = 1

// MeanScores gives the mean of every metric over items, one value an item, with its bootstrap interval. No items are an error that wraps
// metrics.ErrEmpty.
func MeanScores(n int, items map[string][]float64) (Scores, error) {
	if n == 0 {
		return Scores{}, fmt.Errorf("adapter: scores: %w", metrics.ErrEmpty)
	}
	s := Scores{N: n, Values: map[string]float64{}, Interval: map[string][2]float64{}}
	for name, values := range items {
		if len(values) != n {
			return Scores{}, fmt.Errorf("adapter: %s: got %d items, want %d", name, len(values), n)
		}
		i, err := metrics.Bootstrap(values, BootstrapSeed)
		if err != nil {
			return Scores{}, fmt.Errorf("adapter: %s: %w", name, err)
		}
		s.Values[name], s.Interval[name] = i.Mean, [2]float64{i.Low, i.High}
	}
	return s, nil
}
