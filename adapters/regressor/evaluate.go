package regressor

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
)

// Evaluate scores the predictor on texts whose labels are numbers: rmse, mae, r2, pearson and spearman with their 95 % intervals over texts.
func Evaluate(ctx context.Context, p *Predictor, examples []data.Labelled) (adapter.Scores, error) {
	texts := make([]string, len(examples))
	for i, e := range examples {
		texts[i] = e.Text
	}
	got, err := p.Predict(ctx, texts)
	if err != nil {
		return adapter.Scores{}, err
	}
	return Score(examples, got)
}

// Score compares numbers, whoever gave them, with the examples'. A correlation that is undefined, where one side is constant, counts as 0.
func Score(examples []data.Labelled, got []float64) (adapter.Scores, error) {
	want, err := Numbers(examples)
	if err != nil {
		return adapter.Scores{}, err
	}
	m, err := metrics.NewRegression(want, got)
	if err != nil {
		return adapter.Scores{}, fmt.Errorf("regressor: %w", err)
	}
	out := adapter.Scores{N: len(want), Values: map[string]float64{}, Interval: map[string][2]float64{}}
	for name, statistic := range map[string]func(items []int32) float64{
		"rmse": m.RMSE, "mae": m.MAE, "r2": m.R2,
		"pearson":  func(items []int32) float64 { return defined(m.Pearson(items)) },
		"spearman": func(items []int32) float64 { return defined(m.Spearman(items)) },
	} {
		i, err := metrics.BootstrapFunc(len(want), adapter.BootstrapSeed, statistic)
		if err != nil {
			return adapter.Scores{}, fmt.Errorf("regressor: %s: %w", name, err)
		}
		out.Values[name], out.Interval[name] = i.Mean, [2]float64{i.Low, i.High}
	}
	return out, nil
}

func defined(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// Numbers gives those that the examples' labels are.
func Numbers(examples []data.Labelled) ([]float64, error) {
	all := make([]float64, len(examples))
	for i, e := range examples {
		v, err := strconv.ParseFloat(strings.TrimSpace(e.Label), 64)
		if err != nil || math.IsNaN(v) || math.Abs(v) > math.MaxFloat32 {
			return nil, fmt.Errorf("regressor: label %d: got %.40q, want a finite number", i, e.Label)
		}
		all[i] = v
	}
	return all, nil
}
