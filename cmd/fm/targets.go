package main

import (
	"context"

	"github.com/fmkit/fmkit/adapters/classifier/baseline"
	"github.com/fmkit/fmkit/adapters/multilabel"
	multilabeltrain "github.com/fmkit/fmkit/adapters/multilabel/train"
	"github.com/fmkit/fmkit/adapters/regressor"
	regresstrain "github.com/fmkit/fmkit/adapters/regressor/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
)

// multilabel puts the flags that are set into a recipe.
func (f *taskFlags) multilabel(c *multilabeltrain.Config) {
	f.columns(&c.TextColumn, &c.LabelColumn)
}

// regress puts the flags that are set into a recipe.
func (f *taskFlags) regress(c *regresstrain.Config) { f.columns(&c.TextColumn, &c.LabelColumn) }

func (f *taskFlags) columns(text, label *string) {
	if f.textColumn != "" {
		*text = f.textColumn
	}
	if f.labelColumn != "" {
		*label = f.labelColumn
	}
}

// baselineTexts reads what a TF-IDF baseline learns from and what it is scored on.
func (f *evalFlags) baselineTexts(task string, o data.LabelledOptions) (train, test []data.Labelled, err error) {
	if err := oneOf("--baseline", f.baseline, "tfidf"); err != nil {
		return nil, nil, err
	}
	if f.train == "" {
		return nil, nil, usagef("eval %s: --baseline %s learns from --train, want a file", task, f.baseline)
	}
	f.columns(&o.Text, &o.Label)
	if train, err = data.Collect(data.ReadLabelled(f.train, o)); err != nil {
		return nil, nil, badData(err)
	}
	if test, err = data.Collect(data.ReadLabelled(f.data, o)); err != nil {
		return nil, nil, badData(err)
	}
	return train, test, nil
}

// scoreMultilabelBaseline scores TF-IDF with a linear SVM for each label against the rest.
func scoreMultilabelBaseline(_ context.Context, f *evalFlags) (adapter.Scores, error) {
	train, test, err := f.baselineTexts(multilabel.Task, data.LabelledOptions{Many: true})
	if err != nil {
		return adapter.Scores{}, err
	}
	truths := make([][]string, len(train))
	for i, e := range train {
		truths[i] = data.SplitLabels(e.Label)
	}
	labels, scores, err := baseline.OneVsRest(textsOf(train), truths, textsOf(test), baseline.Options{Features: baseline.Grid(baseline.SVM)[0].Features})
	if err != nil {
		return adapter.Scores{}, err
	}
	return multilabel.ScoreLabels(test, labels, scores, 0.5)
}

// scoreRegressBaseline scores TF-IDF with ridge regression.
func scoreRegressBaseline(_ context.Context, f *evalFlags) (adapter.Scores, error) {
	train, test, err := f.baselineTexts(regressor.Task, data.LabelledOptions{Number: true})
	if err != nil {
		return adapter.Scores{}, err
	}
	numbers, err := regressor.Numbers(train)
	if err != nil {
		return adapter.Scores{}, err
	}
	m, err := baseline.FitRidge(textsOf(train), numbers, baseline.Grid(baseline.SVM)[0].Features, 1)
	if err != nil {
		return adapter.Scores{}, err
	}
	return regressor.Score(test, m.PredictAll(textsOf(test)))
}

// textsOf lists the texts of examples.
func textsOf(examples []data.Labelled) []string {
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = e.Text
	}
	return all
}
