package qa

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
)

// Answers answers questions, by their identifiers.
func (p *Predictor) Answers(ctx context.Context, questions []data.Question) (map[string]string, error) {
	answers, _, err := answer(ctx, p, questions)
	return answers, err
}

// Evaluate answers questions and scores the answers; it returns those too, by the questions' identifiers.
func Evaluate(ctx context.Context, p *Predictor, questions []data.Question) (adapter.Scores, map[string]string, error) {
	answers, err := p.Answers(ctx, questions)
	if err != nil {
		return adapter.Scores{}, nil, err
	}
	s, err := Score(questions, answers)
	return s, answers, err
}

// answer gives the answer to each question and the score that there is none, by identifier.
func answer(ctx context.Context, p *Predictor, questions []data.Question) (answers map[string]string, noAnswer map[string]float64, err error) {
	inputs := make([]Input, len(questions))
	for i, q := range questions {
		inputs[i] = Input{q.Text, q.Context}
	}
	got, err := p.Answer(ctx, inputs)
	if err != nil {
		return nil, nil, err
	}
	answers, noAnswer = make(map[string]string, len(got)), make(map[string]float64, len(got))
	for i, g := range got {
		answers[questions[i].ID], noAnswer[questions[i].ID] = g.Answer, g.NoAnswer
	}
	return answers, noAnswer, nil
}

// Score compares answers by identifier, whoever gave them, with the accepted ones: exact_match and f1 by SQuAD's official rules, with
// their 95 % intervals. The rules of version 2.0 hold as soon as one question has no answer; then the questions with an answer and those without are scored
// apart too, as HasAns_exact, HasAns_f1, NoAns_exact and NoAns_f1, the official script's names.
func Score(questions []data.Question, answers map[string]string) (adapter.Scores, error) {
	s, err := ScoreItems(questions, answers)
	if err != nil {
		return adapter.Scores{}, err
	}
	out, err := adapter.MeanScores(s.N, map[string][]float64{"exact_match": s.ItemEM, "f1": s.ItemF1})
	if err != nil {
		return adapter.Scores{}, fmt.Errorf("qa: %w", err)
	}
	if !slices.ContainsFunc(questions, func(q data.Question) bool { return q.Impossible }) {
		return out, nil
	}
	for kind, has := range map[string]bool{"HasAns": true, "NoAns": false} {
		var em, f1 []float64
		for i, q := range questions {
			if len(q.Answers) > 0 == has {
				em, f1 = append(em, s.ItemEM[i]), append(f1, s.ItemF1[i])
			}
		}
		if len(em) == 0 {
			continue
		}
		part, err := adapter.MeanScores(len(em), map[string][]float64{kind + "_exact": em, kind + "_f1": f1})
		if err != nil {
			return adapter.Scores{}, fmt.Errorf("qa: %w", err)
		}
		maps.Copy(out.Values, part.Values)
		maps.Copy(out.Interval, part.Interval)
	}
	return out, nil
}

// ScoreItems is Score with the scores of every question.
func ScoreItems(questions []data.Question, answers map[string]string) (metrics.SQuADScores, error) {
	items, hard := items(questions)
	score := metrics.SQuAD
	if hard {
		score = metrics.SQuAD2
	}
	s, err := score(items, answers)
	if err != nil {
		return s, fmt.Errorf("qa: %w", err)
	}
	return s, nil
}

// items lists the accepted answers, and whether some question has none.
func items(questions []data.Question) (all []metrics.SQuADItem, hard bool) {
	for _, q := range questions {
		item := metrics.SQuADItem{ID: q.ID}
		for _, a := range q.Answers {
			item.Answers = append(item.Answers, a.Text)
		}
		hard = hard || q.Impossible
		all = append(all, item)
	}
	return all, hard
}

// Calibrate sets the predictor's threshold to the one with the best F1 on questions of which some have no answer, and where confidence is wanted and there are at least
// calibration.Least questions learns from them how sure its answers are: the chance that the best span is exactly an accepted one, given by how much its score exceeds that of
// no answer. Without questions that have no answer it changes nothing. It must not run beside Answer.
func Calibrate(ctx context.Context, p *Predictor, questions []data.Question, confidence bool) error {
	items, hard := items(questions)
	if !hard || !p.settings.NoAnswer {
		return nil
	}
	always := *p
	always.settings.NoAnswer = false
	answers, noAnswer, err := answer(ctx, &always, questions)
	if err != nil {
		return err
	}
	scores, err := metrics.SQuAD2(items, answers)
	if err != nil {
		return fmt.Errorf("qa: %w", err)
	}
	t, err := metrics.BestThreshold(items, answers, scores, noAnswer)
	if err != nil {
		return fmt.Errorf("qa: %w", err)
	}
	if confidence && len(items) >= calibration.Least {
		margins, right := make([]float64, len(items)), make([]bool, len(items))
		for i, q := range items {
			margins[i], right[i] = -noAnswer[q.ID], scores.ItemEM[i] == 1
		}
		if p.settings.Confidence, err = calibration.FitBinary(margins, right); err != nil {
			return fmt.Errorf("qa: %w", err)
		}
	}
	p.settings.Threshold = min(max(t.F1At, -math.MaxFloat32), math.MaxFloat32) // JSON has no infinities
	return nil
}
