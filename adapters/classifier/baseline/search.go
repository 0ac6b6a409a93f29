package baseline

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/random"
)

// A Trial is the accuracy of some options on the development split.
type Trial struct {
	Options  Options `json:"options"`
	Accuracy float64 `json:"accuracy"`
}

// Grid is the set of options to choose from: words, words with pairs, and both with runs of characters, each with three values of C.
func Grid(kind Kind) []Options {
	var all []Options
	for _, f := range []Features{
		{WordMin: 1, WordMax: 1, Sublinear: true},
		{WordMin: 1, WordMax: 2, Sublinear: true},
		{WordMin: 1, WordMax: 2, CharMin: 2, CharMax: 5, Sublinear: true},
	} {
		for _, c := range []float64{0.1, 1, 10} {
			all = append(all, Options{Kind: kind, C: c, Features: f})
		}
	}
	return all
}

// Search fits every options of the grid on the training texts and scores it on the development texts. The trials are in the order of the
// grid; best is the number of the first with the highest accuracy.
func Search(texts, labels, devTexts, devLabels []string, grid []Options) (trials []Trial, best int, err error) {
	if len(grid) == 0 {
		return nil, 0, fmt.Errorf("baseline: search: the grid is empty")
	}
	if len(devTexts) != len(devLabels) || len(devTexts) == 0 {
		return nil, 0, fmt.Errorf("baseline: search: got %d development texts and %d labels, want as many and at least one", len(devTexts), len(devLabels))
	}
	type fitted struct {
		v      *Vectorizer
		x, dev *Sparse
	}
	matrices := map[Features]fitted{}
	for i, o := range grid {
		if err := check(texts, labels, o); err != nil {
			return nil, 0, err
		}
		f := o.Features.filled()
		m, ok := matrices[f]
		if !ok {
			v, err := FitVectorizer(texts, f)
			if err != nil {
				return nil, 0, err
			}
			m = fitted{v, v.Transform(texts), v.Transform(devTexts)}
			matrices[f] = m
		}
		model, err := fit(m.v, m.x, labels, o)
		if err != nil {
			return nil, 0, err
		}
		predicted := make([]string, len(devTexts))
		for j := range devTexts {
			predicted[j] = model.labels[argmax(model.decision(m.dev.Row(j)))]
		}
		accuracy, err := metrics.Accuracy(devLabels, predicted)
		if err != nil {
			return nil, 0, err
		}
		trials = append(trials, Trial{model.options, accuracy})
		if accuracy > trials[best].Accuracy {
			best = i
		}
	}
	return trials, best, nil
}

// smallSet is the number of texts below which one development split is too noisy to choose by, and how many are averaged then.
const (
	smallSet    = 3000
	smallSplits = 5
)

// FitBest holds back a seeded fifth of every class, chooses from the grid by accuracy on it, and fits the choice on all texts. Of fewer than
// 3,000 texts it averages the accuracy over five such splits.
func FitBest(texts, labels []string, grid []Options, seed uint64) (*Model, []Trial, error) {
	if len(texts) != len(labels) {
		return nil, nil, fmt.Errorf("baseline: got %d texts and %d labels, want as many", len(texts), len(labels))
	}
	splits := 1
	if len(texts) < smallSet {
		splits = smallSplits
	}
	var mean []Trial
	for s := range splits {
		train, held := data.SplitStratified(labels, 0.2, random.Mix(seed, uint64(s)))
		trials, _, err := Search(data.Pick(texts, train), data.Pick(labels, train), data.Pick(texts, held), data.Pick(labels, held), grid)
		if err != nil {
			return nil, nil, err
		}
		if mean == nil {
			mean = make([]Trial, len(trials))
		}
		for i, t := range trials {
			mean[i].Options = t.Options
			mean[i].Accuracy += t.Accuracy / float64(splits)
		}
	}
	best := 0
	for i, t := range mean {
		if t.Accuracy > mean[best].Accuracy {
			best = i
		}
	}
	m, err := Fit(texts, labels, mean[best].Options)
	return m, mean, err
}
