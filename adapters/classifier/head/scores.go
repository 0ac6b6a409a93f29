package head

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/metrics"
)

// ScoreLabels compares labels, the true ones first, whoever predicted them: accuracy and macro_f1 with their 95 % intervals.
func ScoreLabels(want, got []string) (adapter.Scores, error) {
	correct, err := metrics.Correct(want, got)
	if err != nil {
		return adapter.Scores{}, fmt.Errorf("classifier: %w", err)
	}
	s, err := adapter.MeanScores(len(want), map[string][]float64{"accuracy": correct})
	if err != nil {
		return adapter.Scores{}, fmt.Errorf("classifier: %w", err)
	}
	macro, err := metrics.MacroF1(want, got)
	if err != nil {
		return adapter.Scores{}, fmt.Errorf("classifier: %w", err)
	}
	i, err := macroInterval(want, got)
	if err != nil {
		return adapter.Scores{}, fmt.Errorf("classifier: %w", err)
	}
	s.Values["macro_f1"], s.Interval["macro_f1"] = macro, [2]float64{i.Low, i.High}
	return s, nil
}

// macroInterval bootstraps macro F1 over items. It counts by class number, for a resample takes 10,000 turns.
func macroInterval(want, got []string) (metrics.Interval, error) {
	number := map[string]int{}
	index := func(labels []string) []int {
		all := make([]int, len(labels))
		for i, l := range labels {
			n, ok := number[l]
			if !ok {
				n = len(number)
				number[l] = n
			}
			all[i] = n
		}
		return all
	}
	w, g := index(want), index(got)
	type counts struct{ both, want, got int }
	tally := make([]counts, len(number))
	return metrics.BootstrapFunc(len(want), adapter.BootstrapSeed, func(items []int32) float64 {
		clear(tally)
		for _, i := range items {
			tally[w[i]].want++
			tally[g[i]].got++
			if w[i] == g[i] {
				tally[w[i]].both++
			}
		}
		sum, classes := 0.0, 0
		for _, t := range tally {
			if t.want+t.got > 0 {
				sum += 2 * float64(t.both) / float64(t.want+t.got)
				classes++
			}
		}
		return sum / float64(classes)
	})
}
