package main

import (
	"context"

	"github.com/fmkit/fmkit/adapters/tagger/baseline"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
)

// scoreTagBaseline scores an averaged perceptron that learns from --train.
func scoreTagBaseline(ctx context.Context, f *evalFlags) (adapter.Scores, error) {
	if err := oneOf("--baseline", f.baseline, "perceptron"); err != nil {
		return adapter.Scores{}, err
	}
	if f.train == "" {
		return adapter.Scores{}, usagef("eval tag: --baseline %s learns from --train, want a file", f.baseline)
	}
	examples, err := data.Collect(data.ReadTagged(f.train))
	if err != nil {
		return adapter.Scores{}, badData(err)
	}
	test, err := data.Collect(data.ReadTagged(f.data))
	if err != nil {
		return adapter.Scores{}, badData(err)
	}
	m, err := baseline.Fit(ctx, examples, baseline.Options{Seed: 1})
	if err != nil {
		return adapter.Scores{}, err
	}
	return m.Evaluate(test)
}
