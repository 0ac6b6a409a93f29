package multilabel

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
)

// Evaluate scores the predictor on texts with labels joined by "|": micro_f1, macro_f1, subset_accuracy and mAP with their 95 % intervals over texts. A label
// that the predictor doesn't know is one that it never finds.
func Evaluate(ctx context.Context, p *Predictor, examples []data.Labelled) (adapter.Scores, error) {
	scores, err := p.Scores(ctx, texts(examples))
	if err != nil {
		return adapter.Scores{}, err
	}
	return ScoreLabels(examples, p.labels, scores, p.settings.Threshold)
}

func texts(examples []data.Labelled) []string {
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = e.Text
	}
	return all
}

// ScoreLabels compares scores [N, C] of labels, whoever gave them, with the examples' labels.
func ScoreLabels(examples []data.Labelled, labels []string, scores []float64, threshold float64) (adapter.Scores, error) {
	want, values, all := lay(examples, labels, scores)
	got := make([]bool, len(want))
	for i, v := range values {
		got[i] = v >= threshold && v > unknown
	}
	if _, err := metrics.ScoreMultiLabel(want, got, values, len(all)); err != nil {
		return adapter.Scores{}, fmt.Errorf("multilabel: %w", err)
	}
	m := metrics.NewMultiLabel(want, got, values, len(all))
	out := adapter.Scores{N: len(examples), Values: map[string]float64{}, Interval: map[string][2]float64{}}
	for name, statistic := range map[string]func(items []int32) float64{
		"micro_f1": m.MicroF1, "macro_f1": m.MacroF1, "subset_accuracy": m.Subset,
		"mAP": func(items []int32) float64 { v, _ := m.MAP(items); return v }, // which has no NaN
	} {
		i, err := metrics.BootstrapFunc(len(examples), adapter.BootstrapSeed, statistic)
		if err != nil {
			return adapter.Scores{}, fmt.Errorf("multilabel: %s: %w", name, err)
		}
		out.Values[name], out.Interval[name] = i.Mean, [2]float64{i.Low, i.High}
	}
	return out, nil
}

// unknown is the score of labels that nobody scores, below every other.
const unknown = -1

// lay gives truths and scores [N, C] of the labels and, behind them, of those that only examples have.
func lay(examples []data.Labelled, labels []string, scores []float64) (want []bool, values []float64, all []string) {
	all = slices.Clone(labels)
	at := map[string]int{}
	for i, l := range labels {
		at[l] = i
	}
	truths := make([][]string, len(examples))
	for i, e := range examples {
		truths[i] = data.SplitLabels(e.Label)
		for _, l := range truths[i] {
			if _, ok := at[l]; !ok {
				at[l] = len(all)
				all = append(all, l)
			}
		}
	}
	want, values = make([]bool, len(examples)*len(all)), make([]float64, len(examples)*len(all))
	for i, of := range truths {
		row := values[i*len(all) : (i+1)*len(all)]
		for k := copy(row, scores[i*len(labels):(i+1)*len(labels)]); k < len(row); k++ {
			row[k] = unknown
		}
		for _, l := range of {
			want[i*len(all)+at[l]] = true
		}
	}
	return want, values, all
}

// Calibrate chooses the threshold among 0.05, 0.06, ... 0.95 that gives the best micro F1 on examples, of equal ones the nearest to a half.
func (p *Predictor) Calibrate(ctx context.Context, examples []data.Labelled) error {
	scores, err := p.Scores(ctx, texts(examples))
	if err != nil {
		return err
	}
	want, values, all := lay(examples, p.labels, scores)
	best, from := -1.0, 0
	for percent := 5; percent <= 95; percent++ {
		both, either := 0, 0
		for i, v := range values {
			got := v >= float64(percent)/100
			if got && want[i] {
				both++
			}
			if got {
				either++
			}
			if want[i] {
				either++
			}
		}
		f := 2 * float64(both) / float64(max(either, 1))
		if f > best || f == best && abs(percent-50) < abs(from-50) {
			best, from = f, percent
		}
	}
	if len(all) > 0 && len(examples) > 0 {
		p.settings.Threshold = float64(from) / 100
	}
	return nil
}

func abs(v int) int { return max(v, -v) }
