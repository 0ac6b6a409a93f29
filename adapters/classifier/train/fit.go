package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// fit trains a head, and the model under it unless the method is head.
func fit(ctx context.Context, base *text.Model, examples []data.Labelled, c Config, o finetune.Options) (*finetune.Fitted[*text.Model], *classifier.Predictor, error) {
	names := classes(examples)
	if len(names) < 2 {
		return nil, nil, fmt.Errorf("classifier: got the labels %q, want at least 2", names)
	}
	pooling, err := nn.ParsePooling(c.Pooling)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
	}
	length := base.Length(c.MaxLength)
	rows, targets := make([]text.Row, len(examples)), make([]int32, len(examples))
	for i, e := range examples {
		rows[i] = base.Row(e.Text, length)
		at, _ := slices.BinarySearch(names, e.Label)
		targets[i] = int32(at)
	}
	loss := classifier.NewHead(base.Width(), len(names))
	for _, p := range loss.Params() {
		p.Init(c.Seed)
	}
	var layers []nn.Sublayer
	if c.Normalize {
		layers = append(layers, &nn.Unit{D: base.Width()})
	}
	head := finetune.Head{
		Pooling: pooling,
		Layers:  append(layers, loss),
		Target: func(rows []int32) {
			loss.Labels = loss.Labels[:0]
			for _, r := range rows {
				loss.Labels = append(loss.Labels, targets[r])
			}
		},
		Regress: func(x []float32) error {
			if c.Normalize {
				nn.UnitRows(x, len(rows), base.Width())
			}
			return nn.LogisticRegression(loss.Linear, x, targets, c.Logistic)
		},
	}
	f, err := finetune.Fit(ctx, base, head, base.TuningRows(rows), c.Config, o)
	if err != nil {
		return nil, nil, err
	}
	f.Labels = names
	p, err := classifier.New(f.Model, loss.Linear, names, classifier.Settings{MaxLength: length, Pooling: c.Pooling, Normalize: c.Normalize})
	return f, p, err
}

// classes lists the classes of examples, sorted.
func classes(examples []data.Labelled) []string {
	all := labels(examples)
	slices.Sort(all)
	return slices.Compact(all)
}
