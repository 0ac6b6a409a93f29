package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/multilabel"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// startThreshold is where a label counts before a threshold has been chosen.
const startThreshold = 0.5

// fit trains the head, and the model under it unless the method is head. The labels that occur, sorted, are those that it knows.
func fit(ctx context.Context, base *text.Model, examples []data.Labelled, c Config, o finetune.Options) (*finetune.Fitted[*text.Model], *multilabel.Predictor, error) {
	pooling, err := nn.ParsePooling(c.Pooling)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
	}
	var labels []string
	for _, e := range examples {
		labels = append(labels, data.SplitLabels(e.Label)...)
	}
	slices.Sort(labels)
	if labels = slices.Compact(labels); len(labels) == 0 {
		return nil, nil, fmt.Errorf("multilabel: %w: no text has a label", data.ErrEmpty)
	}
	width, length, n := len(labels), base.Length(c.MaxLength), len(examples)
	rows, targets := make([]text.Row, n), make([]float32, n*width)
	for i, e := range examples {
		rows[i] = base.Row(e.Text, length)
		for _, l := range data.SplitLabels(e.Label) {
			k, _ := slices.BinarySearch(labels, l)
			targets[i*width+k] = 1
		}
	}
	loss := multilabel.NewLoss(base.Width(), width)
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
				loss.Targets = append(loss.Targets, targets[int(r)*width:(int(r)+1)*width]...)
			}
		},
		Regress: func(x []float32) error {
			if c.Normalize {
				nn.UnitRows(x, n, base.Width())
			}
			_, err := nn.RidgeLabels(loss.Linear, x, targets, n, c.Penalty)
			return err
		},
	}, base.TuningRows(rows), c.Config, o)
	if err != nil {
		return nil, nil, err
	}
	f.Labels = labels
	p, err := multilabel.New(f.Model, loss.Linear, labels, multilabel.Settings{MaxLength: length, Pooling: c.Pooling, Normalize: c.Normalize, Threshold: startThreshold})
	return f, p, err
}
