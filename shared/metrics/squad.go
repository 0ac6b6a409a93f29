package metrics

import (
	"fmt"
	"math"
	"sort"
	"strings"
)

// A SQuADItem is a question's identifier with its accepted answers; no answers means that it can't be answered (SQuAD 2.0).
type SQuADItem struct {
	ID      string
	Answers []string
}

// SQuADScores are exact match and F1, the mean over items and each item's own.
type SQuADScores struct {
	N, Missing     int // questions; those without a prediction, which count as wrong
	ExactMatch, F1 float64
	ItemEM, ItemF1 []float64 // [N], in the order given
}

// SQuAD scores predictions by identifier, as the official script for version 1.1: the best over the accepted answers after
// NormalizeAnswer. A missing prediction counts as wrong.
func SQuAD(items []SQuADItem, predictions map[string]string) (SQuADScores, error) {
	return squadScores(items, predictions, squadF1, func(it SQuADItem) ([]string, error) {
		if len(it.Answers) == 0 {
			return nil, fmt.Errorf("metrics: SQuAD: question %q has no answers, want at least one", it.ID)
		}
		return it.Answers, nil
	})
}

// SQuAD2 scores as the official script for version 2.0: an empty prediction says that there is no answer, and that is right where
// there is none. Answers that are empty after normalisation don't count.
func SQuAD2(items []SQuADItem, predictions map[string]string) (SQuADScores, error) {
	return squadScores(items, predictions, squad2F1, func(it SQuADItem) ([]string, error) {
		var answers []string
		for _, a := range it.Answers {
			if NormalizeAnswer(a) != "" {
				answers = append(answers, a)
			}
		}
		if answers == nil {
			answers = []string{""}
		}
		return answers, nil
	})
}

func squadScores(items []SQuADItem, predictions map[string]string, f1 func(a, b string) float64,
	accepted func(SQuADItem) ([]string, error),
) (SQuADScores, error) {
	s := SQuADScores{N: len(items), ItemEM: make([]float64, len(items)), ItemF1: make([]float64, len(items))}
	if len(items) == 0 {
		return s, fmt.Errorf("metrics: SQuAD: %w", ErrEmpty)
	}
	for i, it := range items {
		answers, err := accepted(it)
		if err != nil {
			return s, err
		}
		p, ok := predictions[it.ID]
		if !ok {
			s.Missing++
			continue
		}
		p = NormalizeAnswer(p)
		for _, a := range answers {
			a = NormalizeAnswer(a)
			if a == p {
				s.ItemEM[i] = 1
			}
			s.ItemF1[i] = max(s.ItemF1[i], f1(a, p))
		}
	}
	s.ExactMatch, s.F1 = Mean(s.ItemEM), Mean(s.ItemF1)
	return s, nil
}

// squadF1 is the token overlap of two normalised answers: 2 common / (tokens of both).
func squadF1(a, b string) float64 {
	x, y := strings.Fields(a), strings.Fields(b)
	left := make(map[string]int, len(x))
	for _, t := range x {
		left[t]++
	}
	same := 0
	for _, t := range y {
		if left[t] > 0 {
			left[t]--
			same++
		}
	}
	if same == 0 {
		return 0
	}
	p, r := float64(same)/float64(len(y)), float64(same)/float64(len(x))
	return 2 * p * r / (p + r)
}

// squad2F1 is squadF1, but 1 when neither has a token.
func squad2F1(a, b string) float64 {
	if a == "" && b == "" {
		return 1
	}
	return squadF1(a, b)
}

// A Threshold is the best place to stop answering.
type Threshold struct {
	ExactMatch, ExactMatchAt float64 // the best score, and where noAnswer > at means no answer
	F1, F1At                 float64
}

// BestThreshold finds the thresholds on noAnswer, the score by identifier that a question has no answer, which give the best exact match
// and F1 when every question scored above its threshold is answered by "" (the official script's best_exact and best_f1). scores are
// those that SQuAD2 gave for items and predictions. A question without a score of noAnswer is always answered; one without a prediction
// is always wrong. Of questions with equal scores all or none are answered. Where it is best to answer none that has a score, the threshold is minus infinity; the official script says 0
// then, which answers those with scores up to 0.
func BestThreshold(items []SQuADItem, predictions map[string]string, scores SQuADScores, noAnswer map[string]float64) (Threshold, error) {
	if len(items) != scores.N || len(items) == 0 {
		return Threshold{}, fmt.Errorf("metrics: threshold: got scores of %d items, want %d", scores.N, len(items))
	}
	var best Threshold
	best.ExactMatch, best.ExactMatchAt = bestThreshold(items, predictions, scores.ItemEM, noAnswer)
	best.F1, best.F1At = bestThreshold(items, predictions, scores.ItemF1, noAnswer)
	return best, nil
}

// bestThreshold moves the threshold up past one group of equal scores at a time, from answering nothing that has a score.
func bestThreshold(items []SQuADItem, predictions map[string]string, item []float64, noAnswer map[string]float64) (best, at float64) {
	type step struct{ score, gain float64 }
	var steps []step
	var now float64
	at = math.Inf(-1)
	for i, it := range items {
		prediction, predicted := predictions[it.ID]
		score, scored := noAnswer[it.ID]
		switch {
		case !predicted:
		case !scored:
			now += item[i]
		case len(it.Answers) > 0:
			steps = append(steps, step{score, item[i]})
		case prediction == "":
			now++
		default: // an answer where there is none, even one that normalises to nothing
			now++
			steps = append(steps, step{score, -1})
		}
	}
	sort.SliceStable(steps, func(a, b int) bool { return steps[a].score < steps[b].score })
	best = now
	for i, s := range steps {
		now += s.gain
		if i+1 < len(steps) && steps[i+1].score == s.score {
			continue
		}
		if now > best {
			best, at = now, s.score
		}
	}
	return best / float64(len(items)), at
}
