package document

import (
	"context"
	"fmt"
	"strconv"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/summarizer/extractive"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
)

// An outcome is what one document counts.
type outcome struct {
	typed, right int // documents whose type is known, and found
	entities     metrics.EntityCounts
	items        []metrics.SQuADItem // standing questions whose answers are known
	answers      map[string]string
	em, f1       float64 // sums over items
}

// Evaluate reads documents and scores what is known of each: type_accuracy; entities_precision, _recall and _f1 of exact places; rouge1, rouge2, rougeL and rougeLsum of summaries; and
// answers_exact_match and _f1 of the standing questions by the rules of SQuAD 2.0. n counts documents, over which the 95 % intervals are drawn. What no document knows, or
// no part finds, isn't scored; nothing at all is an error that wraps metrics.ErrEmpty.
func Evaluate(ctx context.Context, a *Analyzer, documents []data.Document) (adapter.Scores, error) {
	out := adapter.Scores{N: len(documents), Values: map[string]float64{}, Interval: map[string][2]float64{}}
	all := make([]outcome, len(documents))
	var summarized []data.Summary
	var extracts []string
	for i, d := range documents {
		got, err := a.Analyze(ctx, d.Text)
		if err != nil {
			return out, fmt.Errorf("document: document %d: %w", i, err)
		}
		if err := all[i].count(i, &d, got, a.settings.Questions); err != nil {
			return out, err
		}
		if got.Summary != nil && len(d.Targets) > 0 {
			var sentences []string
			for _, s := range got.Segments.Sentences {
				sentences = append(sentences, d.Text[s.StartByte:s.EndByte])
			}
			summarized = append(summarized, data.Summary{Source: d.Text, Targets: d.Targets})
			extracts = append(extracts, extractive.Join(sentences, got.Summary.Sentences))
		}
	}
	if len(extracts) > 0 {
		s, err := summarizer.Score(summarized, extracts)
		if err != nil {
			return out, err
		}
		for name, v := range s.Values {
			out.Values[name], out.Interval[name] = v, s.Interval[name]
		}
	}
	if err := score(&out, all); err != nil {
		return out, err
	}
	if len(out.Values) == 0 {
		return out, fmt.Errorf("document: evaluate: nothing that is known of the documents is found by a part: %w", metrics.ErrEmpty)
	}
	return out, nil
}

// count compares what was found in document i with what is known.
func (o *outcome) count(i int, d *data.Document, got *Document, asked []Question) error {
	if got.Type != nil && d.Type != "" {
		o.typed = 1
		if got.Type.Label == d.Type {
			o.right = 1
		}
	}
	if got.Entities != nil && d.Entities != nil {
		want := map[data.DocumentEntity]bool{}
		for _, e := range d.Entities {
			want[e] = true
		}
		o.entities.Want, o.entities.Got = len(d.Entities), len(got.Entities)
		for _, e := range got.Entities {
			if want[data.DocumentEntity{Group: e.Group, Start: e.Start, End: e.End}] {
				o.entities.Right++
			}
		}
	}
	o.answers = map[string]string{}
	for j, q := range asked {
		if accepted, ok := d.Answers[q.Question]; ok {
			id := strconv.Itoa(i) + "-" + strconv.Itoa(j)
			o.items = append(o.items, metrics.SQuADItem{ID: id, Answers: accepted})
			o.answers[id] = got.Answers[j].Answer
		}
	}
	if len(o.items) == 0 {
		return nil
	}
	s, err := metrics.SQuAD2(o.items, o.answers)
	if err != nil {
		return fmt.Errorf("document: document %d: %w", i, err)
	}
	for j := range o.items {
		o.em, o.f1 = o.em+s.ItemEM[j], o.f1+s.ItemF1[j]
	}
	return nil
}

// score adds up what documents count, over draws of documents for the intervals.
func score(out *adapter.Scores, all []outcome) error {
	ratio := func(of func(o *outcome) (part, whole float64)) func([]int32) float64 {
		return func(items []int32) float64 {
			part, whole := 0.0, 0.0
			for _, i := range items {
				p, w := of(&all[i])
				part, whole = part+p, whole+w
			}
			if whole == 0 {
				return 0
			}
			return part / whole
		}
	}
	typed, entities, questions := 0, 0, 0
	for _, o := range all {
		typed, entities, questions = typed+o.typed, entities+o.entities.Want+o.entities.Got, questions+len(o.items)
	}
	for _, m := range []struct {
		name  string
		known int
		of    func(o *outcome) (part, whole float64)
	}{
		{"type_accuracy", typed, func(o *outcome) (float64, float64) { return float64(o.right), float64(o.typed) }},
		{"entities_precision", entities, func(o *outcome) (float64, float64) { return float64(o.entities.Right), float64(o.entities.Got) }},
		{"entities_recall", entities, func(o *outcome) (float64, float64) { return float64(o.entities.Right), float64(o.entities.Want) }},
		{"entities_f1", entities, func(o *outcome) (float64, float64) {
			return float64(2 * o.entities.Right), float64(o.entities.Want + o.entities.Got)
		}},
		{"answers_exact_match", questions, func(o *outcome) (float64, float64) { return o.em, float64(len(o.items)) }},
		{"answers_f1", questions, func(o *outcome) (float64, float64) { return o.f1, float64(len(o.items)) }},
	} {
		if m.known == 0 {
			continue
		}
		i, err := metrics.BootstrapFunc(len(all), adapter.BootstrapSeed, ratio(m.of))
		if err != nil {
			return fmt.Errorf("document: %s: %w", m.name, err)
		}
		out.Values[m.name], out.Interval[m.name] = i.Mean, [2]float64{i.Low, i.High}
	}
	return nil
}
