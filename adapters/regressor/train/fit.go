package train

import (
	"context"
	"fmt"
	"math"

	"github.com/fmkit/fmkit/adapters/regressor"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// fit trains the head, and the model under it unless the method is head.
func fit(ctx context.Context, base *text.Model, examples []data.Labelled, c Config, o finetune.Options) (*finetune.Fitted[*text.Model], *regressor.Predictor, error) {
	pooling, err := nn.ParsePooling(c.Pooling)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
	}
	numbers, err := regressor.Numbers(examples)
	if err != nil {
		return nil, nil, err
	}
	n, length := len(examples), base.Length(c.MaxLength)
	if n < 2 {
		return nil, nil, fmt.Errorf("regressor: got %d examples, want at least 2", n)
	}
	s := regressor.Settings{MaxLength: length, Pooling: c.Pooling, Normalize: c.Normalize, Mean: metrics.Mean(numbers), Deviation: deviation(numbers)}
	if s.Deviation == 0 {
		return nil, nil, fmt.Errorf("regressor: all %d numbers are %g: nothing to learn", n, numbers[0])
	}
	rows, targets := make([]text.Row, n), make([]float32, n)
	for i, e := range examples {
		rows[i], targets[i] = base.Row(e.Text, length), float32((numbers[i]-s.Mean)/s.Deviation)
	}
	loss := regressor.NewLoss(base.Width())
	var layers []nn.Sublayer
	if c.Normalize {
		layers = append(layers, &nn.Unit{D: base.Width()})
	}
	f, err := finetune.Fit(ctx, base, finetune.Head{
		Pooling: pooling,
		Layers:  append(layers, loss),
		Closed:  true,
		Target: func(rows []int32) {
			loss.Targets = loss.Targets[:0]
			for _, r := range rows {
				loss.Targets = append(loss.Targets, targets[r])
			}
		},
		Regress: func(x []float32) error {
			if c.Normalize {
				nn.UnitRows(x, n, base.Width())
			}
			_, err := nn.RidgeRegression(loss.Linear, x, targets, n, c.Penalty)
			return err
		},
	}, base.TuningRows(rows), c.Config, o)
	if err != nil {
		return nil, nil, err
	}
	p, err := regressor.New(f.Model, loss.Linear, s)
	return f, p, err
}

// deviation is the standard deviation of numbers around their mean.
func deviation(numbers []float64) float64 {
	mean, sum := metrics.Mean(numbers), 0.0
	for _, v := range numbers {
		sum += float64((v - mean) * (v - mean))
	}
	return math.Sqrt(sum / float64(len(numbers)))
}
