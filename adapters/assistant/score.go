package assistant

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/metrics"
)

// A measure is a score that is a ratio of two sums over turns.
type measure struct {
	name       string
	over, each func(o *Outcome) float64 // what a turn adds below and above the line
}

// measures are the scores besides AUROC. Those that no turn has anything to say about are left out.
//
//	accuracy       right intents, of turns whose intent is known, over or not
//	slot_f1        micro average over entities
//	recall@1       of turns that passages are known to answer, those whose nearest passage is one
//	coverage       of turns whose intent is known, those that are not escalated
//	risk           of those, the ones with a wrong intent, or answered by a passage that is known not to answer
//	false_alarms   of turns in scope, those that are called out of scope
func measures(outside string) []measure {
	known := func(o *Outcome) float64 { return number(o.Known.Intent != "") }
	covered := func(o *Outcome) float64 { return number(o.Known.Intent != "" && !o.Escalated) }
	inside := func(o *Outcome) float64 { return number(o.Known.Intent != "" && o.Known.Intent != outside) }
	asked := func(o *Outcome) float64 { return number(len(o.Known.Answers) > 0) }
	return []measure{
		{"accuracy", known, func(o *Outcome) float64 { return known(o) * number(o.Intent == o.Known.Intent) }},
		{"slot_f1", func(o *Outcome) float64 { return float64(o.Slots.Want + o.Slots.Got) }, func(o *Outcome) float64 { return float64(2 * o.Slots.Right) }},
		{"recall@1", asked, func(o *Outcome) float64 { return asked(o) * number(slices.Contains(o.Known.Answers, o.Passage)) }},
		{"coverage", known, covered},
		{"risk", covered, func(o *Outcome) float64 { return covered(o) * number(o.Wrong()) }},
		{"false_alarms", inside, func(o *Outcome) float64 { return inside(o) * number(outside != "" && o.Intent == outside) }},
	}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Wrong says whether a turn was taken for another intent than its own, or answered by a passage that is known not to answer.
func (o *Outcome) Wrong() bool {
	return o.Known.Intent != "" && o.Intent != o.Known.Intent || o.Answered && o.Known.Answers != nil && !slices.Contains(o.Known.Answers, o.Passage)
}

// Score gives n, the number of turns, accuracy, slot_f1, recall@1, coverage, risk, false_alarms and out_of_scope_AUROC, as far as what is known allows, with 95 % intervals
// over whole dialogues, whose turns are alike. outside is the label of turns out of scope.
func Score(all []Outcome, outside string) (adapter.Scores, error) {
	s := adapter.Scores{N: len(all), Values: map[string]float64{}, Interval: map[string][2]float64{}}
	if len(all) == 0 {
		return s, fmt.Errorf("assistant: %w", metrics.ErrEmpty)
	}
	for _, m := range measures(outside) {
		above, below := m.sums(all)
		if err := ratioOf(&s, m.name, [][2][]float64{{above, below}}); err != nil {
			return s, err
		}
	}
	if outside == "" {
		return s, nil
	}
	var yTrue []bool
	var yScore []float64
	in := 0
	for i := range all {
		if l := all[i].Known.Intent; l != "" {
			yTrue, yScore = append(yTrue, l == outside), append(yScore, all[i].Outside)
			if l != outside {
				in++
			}
		}
	}
	if in > 0 && in < len(yTrue) {
		i, err := metrics.BootstrapRank(yTrue, yScore, adapter.BootstrapSeed, (*metrics.Ranking).ROCAUC)
		if err != nil {
			return s, fmt.Errorf("assistant: %w", err)
		}
		s.Values["out_of_scope_AUROC"], s.Interval["out_of_scope_AUROC"] = i.Mean, [2]float64{i.Low, i.High}
	}
	return s, nil
}

// sums gives what every dialogue adds above and below the line.
func (m *measure) sums(all []Outcome) (above, below []float64) {
	for i := range all {
		o := &all[i]
		if i == 0 || o.Dialogue != all[i-1].Dialogue {
			above, below = append(above, 0), append(below, 0)
		}
		above[len(above)-1] += m.each(o)
		below[len(below)-1] += m.over(o)
	}
	return above, below
}

// ratioOf puts the ratio of two sums over dialogues, above and below the line, into s, or, of two pairs, the difference of theirs. A draw with nothing below the line counts 0.
func ratioOf(s *adapter.Scores, name string, pairs [][2][]float64) error {
	for _, p := range pairs {
		total := 0.0
		for _, v := range p[1] {
			total += v
		}
		if total == 0 {
			return nil // nothing is known
		}
	}
	i, err := metrics.BootstrapFunc(len(pairs[0][0]), adapter.BootstrapSeed, func(items []int32) float64 {
		value, sign := 0.0, 1.0
		for _, p := range pairs {
			above, below := 0.0, 0.0
			for _, at := range items {
				above, below = above+p[0][at], below+p[1][at]
			}
			if below > 0 {
				value += float64(sign * (above / below))
			}
			sign = -1
		}
		return value
	})
	if err != nil {
		return fmt.Errorf("assistant: %s: %w", name, err)
	}
	s.Values[name], s.Interval[name] = i.Mean, [2]float64{i.Low, i.High}
	return nil
}

// Compare gives the scores of a cheap way on the same turns as NAME_accuracy, NAME_slot_f1 and NAME_recall@1, and gain_accuracy, gain_slot_f1 and gain_recall@1: how much more
// those of the assistant are, dialogues drawn alike for both.
func Compare(s *adapter.Scores, assistant, cheap []Outcome, names map[string]string, outside string) error {
	if len(assistant) != len(cheap) {
		return fmt.Errorf("assistant: compare: got %d and %d turns, want as many", len(assistant), len(cheap))
	}
	for _, m := range measures(outside) {
		name := names[m.name]
		if name == "" {
			continue
		}
		a, b := [2][]float64{}, [2][]float64{}
		a[0], a[1] = m.sums(assistant)
		b[0], b[1] = m.sums(cheap)
		if err := ratioOf(s, name+"_"+m.name, [][2][]float64{b}); err != nil {
			return err
		}
		if err := ratioOf(s, "gain_"+m.name, [][2][]float64{a, b}); err != nil {
			return err
		}
	}
	return nil
}
