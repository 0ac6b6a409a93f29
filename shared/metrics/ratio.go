package metrics

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/random"
)

// A Ratio is what one item adds to a score that is a quotient of two sums over items. An accuracy has 0 or 1 over 1, a mean its value over 1, a micro F1 twice
// the entities that are right over those wanted and got.
type Ratio struct{ Num, Den float64 }

// Ratios gives a mean's ratios: every value over 1.
func Ratios(values []float64) []Ratio {
	all := make([]Ratio, len(values))
	for i, v := range values {
		all[i] = Ratio{v, 1}
	}
	return all
}

// Score is the quotient of the sums, 0 where the lower one is 0.
func Score(items []Ratio) float64 {
	var num, den float64
	for _, r := range items {
		num += r.Num
		den += r.Den
	}
	return quotient(num, den)
}

func quotient(num, den float64) float64 {
	if den == 0 {
		return 0
	}
	return num / den
}

// A Resampled is the score of one system and what it comes to over Resamples draws of seeds and items. Those of systems that were run with as many seeds on
// as many items are paired: draw by draw they have drawn the same ones, so whatever is computed draw by draw, such as a difference, has its interval.
type Resampled struct {
	Mean  float64   // of the seeds' scores: the sum over all seeds and items
	Draws []float64 // [Resamples]
}

// Resample scores a system that was run with some seeds on the same items, which are [seeds][items], by the draws of PairedBootstrap.
func Resample(items [][]Ratio, seed uint64) (Resampled, error) {
	seeds := len(items)
	if seeds == 0 || len(items[0]) == 0 {
		return Resampled{}, fmt.Errorf("metrics: resample: %w", ErrEmpty)
	}
	n := len(items[0])
	var all []Ratio
	for s, row := range items {
		if len(row) != n {
			return Resampled{}, fmt.Errorf("metrics: resample: seed %d: got %d items, want %d", s, len(row), n)
		}
		all = append(all, row...)
	}
	r := Resampled{Mean: Score(all), Draws: make([]float64, Resamples)}
	key := random.Key(seed, "metrics.paired")
	picked, drawn, times, weight := make([]int32, seeds), make([]int32, n), make([]float64, seeds), make([]float64, n)
	for d := range r.Draws {
		k := random.Mix(key, uint64(d))
		draw(picked, seeds, random.Mix(k, 0))
		draw(drawn, n, random.Mix(k, 1))
		tally(times, picked)
		tally(weight, drawn)
		var num, den float64
		for s, t := range times {
			if t == 0 {
				continue
			}
			var a, b float64
			for i, w := range weight {
				a += float64(w * items[s][i].Num)
				b += float64(w * items[s][i].Den)
			}
			num += float64(t * a)
			den += float64(t * b)
		}
		r.Draws[d] = quotient(num, den)
	}
	return r, nil
}

// tally sets times to how often each number occurs.
func tally(times []float64, drawn []int32) {
	clear(times)
	for _, i := range drawn {
		times[i]++
	}
}

// Minus is the difference of two systems, which must be paired.
func (r Resampled) Minus(o Resampled) Resampled {
	d := Resampled{Mean: r.Mean - o.Mean, Draws: make([]float64, len(r.Draws))}
	for i := range d.Draws {
		d.Draws[i] = r.Draws[i] - o.Draws[i]
	}
	return d
}

// Interval is the 95 % percentile interval.
func (r Resampled) Interval() (Interval, error) {
	return interval(r.Mean, append([]float64(nil), r.Draws...))
}
