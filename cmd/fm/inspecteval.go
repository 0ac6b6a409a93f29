package main

import (
	"context"
	"fmt"
	"image"
	"io"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/inspector/baseline"
	"github.com/fmkit/fmkit/vision/dataset"
)

// inspect scores an inspector on good and defective pictures.
func (f *evalFlags) inspect(cmd *cobra.Command, c *console) error {
	if err := need(cmd, "data"); err != nil {
		return err
	}
	if (f.adapter == "") == (f.baseline == "") || f.predictions != "" {
		return usagef("eval inspect: want one of --adapter and --baseline")
	}
	set, err := dataset.Open(f.data)
	if err != nil {
		return badData(err)
	}
	var s *inspector.Scores
	if f.baseline != "" {
		s, err = inspectBaseline(cmd.Context(), f.baseline, set.Items)
	} else {
		var station *inspector.Station
		if station, err = openStation(cmd.Context(), c, f.adapter, f.base); err != nil {
			return err
		}
		s, err = inspector.Evaluate(cmd.Context(), station, inspector.Tests(set.Items))
	}
	if err != nil {
		return badData(err)
	}
	return c.answer(s, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, s)
		return err
	})
}

// inspectBaseline scores a way without a model: pca, principal components of patches of the good pictures.
func inspectBaseline(ctx context.Context, name string, items []dataset.Item) (*inspector.Scores, error) {
	if name != "pca" {
		return nil, usagef("eval inspect: --baseline %q, want pca", name)
	}
	grays := func(items []dataset.Item) (all []*image.Gray, err error) {
		for g, err := range dataset.Load(ctx, items, dataset.LoadOptions{}, func(_ int, m *image.NRGBA) (*image.Gray, error) { return inspector.Gray(m), nil }) {
			if err != nil {
				return nil, err
			}
			all = append(all, g.Value)
		}
		return all, nil
	}
	good, err := grays(inspector.Nominal(items))
	if err != nil {
		return nil, err
	}
	p, err := baseline.FitPCA(good, baseline.Options{})
	if err != nil {
		return nil, err
	}
	tests := inspector.Tests(items)
	pictures, err := grays(tests)
	if err != nil {
		return nil, err
	}
	scores := make([]float64, len(tests))
	for i, m := range pictures {
		if scores[i], _, err = p.Score(m); err != nil {
			return nil, fmt.Errorf("%s: %w", tests[i].ID, err)
		}
	}
	return inspector.ScorePictures(dataset.Labels(tests), scores)
}
