package baseline

import (
	"fmt"
	"math"
	"slices"
)

// OneVsRest fits a model for each label of texts that may have any number of them, and scores other texts: the labels that occur, sorted, and for every text and label
// a number in [0, 1], from a half on where the model says yes. [N, C].
func OneVsRest(texts []string, truths [][]string, others []string, o Options) (labels []string, scores []float64, err error) {
	if len(texts) != len(truths) || len(texts) == 0 {
		return nil, nil, fmt.Errorf("baseline: one against the rest: got %d texts and labels of %d, want as many and at least one", len(texts), len(truths))
	}
	if err := o.Validate(); err != nil {
		return nil, nil, err
	}
	for _, t := range truths {
		labels = append(labels, t...)
	}
	slices.Sort(labels)
	labels = slices.Compact(labels)
	if len(labels) == 0 {
		return nil, nil, fmt.Errorf("baseline: one against the rest: no text has a label")
	}
	v, err := FitVectorizer(texts, o.filled().Features)
	if err != nil {
		return nil, nil, err
	}
	x, queries := v.Transform(texts), v.Transform(others)
	scores = make([]float64, len(others)*len(labels))
	answers := make([]string, len(texts))
	for c, l := range labels {
		has := 0
		for i, t := range truths {
			answers[i] = "no"
			if slices.Contains(t, l) {
				answers[i] = "yes"
				has++
			}
		}
		if has == len(texts) {
			for i := range others {
				scores[i*len(labels)+c] = 1
			}
			continue
		}
		m, err := fit(v, x, answers, o)
		if err != nil {
			return nil, nil, fmt.Errorf("baseline: label %q: %w", l, err)
		}
		for i := range others {
			d := m.decision(queries.Row(i)) // no, yes
			scores[i*len(labels)+c] = 1 / (1 + math.Exp(d[0]-d[1]))
		}
	}
	return labels, scores, nil
}
