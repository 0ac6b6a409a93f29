package main

import (
	"context"
	"fmt"
	"image"
	"io"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/inspector/baseline"
	inspecttrain "github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/shared/adapter"
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
		var j judge
		if j, _, err = openJudge(cmd.Context(), c, f.adapter, f.base); err != nil {
			return err
		}
		s, err = inspectScores(cmd.Context(), j, set.Items)
	}
	if err != nil {
		return badData(err)
	}
	return c.answer(s, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, s)
		return err
	})
}

// inspectScores scores an inspector of either kind.
func inspectScores(ctx context.Context, j judge, items []dataset.Item) (*inspector.Scores, error) {
	switch j := j.(type) {
	case *inspector.Detector:
		c, err := inspecttrain.ParseConfig(j.Passport().Recipe)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", adapter.ErrPassport, err)
		}
		if items, err = inspecttrain.Unseen(ctx, j, items); err != nil {
			return nil, err
		}
		return inspecttrain.Evaluate(ctx, j, items, c.IoU)
	case station:
		return inspector.Evaluate(ctx, j.Station, j.Unseen(inspector.Tests(items)))
	}
	return nil, fmt.Errorf("eval inspect: got an inspector of type %T", j)
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
