package metrics

import (
	"fmt"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/random"
)

// Resamples is how often a bootstrap draws: the ends of its interval are then sure to about 2 % of its width.
const Resamples = 10000

// An Interval is the 95 % percentile interval of a mean (Efron and Tibshirani, An introduction to the bootstrap, 1993, chapter 13).
type Interval struct{ Mean, Low, High float64 }

// Bootstrap gives the interval of the mean of values, which are one for each item (or each run), drawn anew by seed.
func Bootstrap(values []float64, seed uint64) (Interval, error) {
	return BootstrapFunc(len(values), seed, func(items []int32) float64 {
		var s float64
		for _, i := range items {
			s += values[i]
		}
		return s / float64(len(items))
	})
}

// BootstrapFunc gives the interval of any statistic of n items. statistic gets the numbers of the items drawn, each from 0 to n-1, and is called
// first with every item once. It should not keep them.
func BootstrapFunc(n int, seed uint64, statistic func(items []int32) float64) (Interval, error) {
	if n == 0 {
		return Interval{}, fmt.Errorf("metrics: bootstrap: %w", ErrEmpty)
	}
	items := make([]int32, n)
	for i := range items {
		items[i] = int32(i)
	}
	mean := statistic(items)
	key := random.Key(seed, "metrics.bootstrap")
	draws := make([]float64, Resamples)
	for d := range draws {
		draw(items, n, random.Mix(key, uint64(d)))
		draws[d] = statistic(items)
	}
	return interval(mean, draws)
}

// PairedBootstrap gives the interval of the mean of a minus the mean of b for two systems run with the same seeds on the same items:
// a and b are [seeds][items]. Seeds and items are drawn anew, both systems alike, so that the interval covers other seeds and other
// items. It excludes zero when the difference is significant at 5 %.
func PairedBootstrap(a, b [][]float64, seed uint64) (Interval, error) {
	seeds := len(a)
	if seeds == 0 || len(a[0]) == 0 {
		return Interval{}, fmt.Errorf("metrics: paired bootstrap: %w", ErrEmpty)
	}
	if len(b) != seeds {
		return Interval{}, fmt.Errorf("metrics: paired bootstrap: got %d and %d seeds, want as many", seeds, len(b))
	}
	n := len(a[0])
	diff := make([][]float64, seeds)
	var mean float64
	for s := range a {
		if len(a[s]) != n || len(b[s]) != n {
			return Interval{}, fmt.Errorf("metrics: paired bootstrap: seed %d: got %d and %d items, want %d", s, len(a[s]), len(b[s]), n)
		}
		diff[s] = make([]float64, n)
		for i := range n {
			diff[s][i] = a[s][i] - b[s][i]
		}
		mean += Mean(diff[s]) / float64(seeds)
	}
	key := random.Key(seed, "metrics.paired")
	picked, items := make([]int32, seeds), make([]int32, n)
	draws := make([]float64, Resamples)
	weight := make([]float64, n)
	for d := range draws {
		k := random.Mix(key, uint64(d))
		draw(picked, seeds, random.Mix(k, 0))
		draw(items, n, random.Mix(k, 1))
		clear(weight)
		for _, i := range items {
			weight[i]++
		}
		var sum float64
		for _, s := range picked {
			for i, w := range weight {
				sum += w * diff[s][i]
			}
		}
		draws[d] = sum / float64(seeds*n)
	}
	return interval(mean, draws)
}

// draw fills dst with numbers below n, with replacement.
func draw(dst []int32, n int, key uint64) {
	for i := range dst {
		// The high bits scaled: biased by less than n/2^32, far below the noise of drawing.
		dst[i] = int32(random.Mix(key, uint64(i)) >> 32 * uint64(n) >> 32)
	}
}

func interval(mean float64, draws []float64) (Interval, error) {
	slices.Sort(draws)
	if math.IsNaN(mean) || math.IsNaN(draws[0]) {
		return Interval{}, fmt.Errorf("metrics: bootstrap: the statistic is NaN")
	}
	return Interval{Mean: mean, Low: quantile(draws, 0.025), High: quantile(draws, 0.975)}, nil
}

// quantile interpolates between sorted values as numpy does by default.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
