package train

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/fmkit/fmkit/adapters/assistant"
	"github.com/fmkit/fmkit/shared/data"
)

// calibrate finds the thresholds on dialogues that nothing was trained on.
//
//	out of scope  the smallest above which lie at most FalseAlarms (n+1) - 1 of n turns in scope: a further one is above it with at most that chance (split conformal
//	              prediction, Vovk et al., 2005)
//	intent        the smallest at which, of the n turns acted on, (wrong+1) / (n+1) is at most Risk (selective classification, Geifman and El-Yaniv, 2017, with the
//	              empirical risk and one error more); Never where there is none
//	answer        likewise with AnswerRisk, of turns that say which passages answer them; -1, every answer, where none says
func calibrate(ctx context.Context, parts assistant.Parts, dialogues []data.Dialogue, c Config) (assistant.Thresholds, error) {
	t := assistant.Thresholds{OutOfScope: assistant.Never, Answer: -1}
	a, err := assistant.New(parts, assistant.Settings{OutOfScope: c.OutOfScope, Thresholds: t})
	if err != nil {
		return t, err
	}
	var turns []data.DialogueTurn
	var messages []string
	for _, d := range dialogues {
		for _, turn := range d.Turns {
			turns, messages = append(turns, turn), append(messages, turn.Text)
		}
	}
	var heard []assistant.Heard
	for at := 0; at < len(messages); at += 256 {
		some, err := a.Hear(ctx, messages[at:min(at+256, len(messages))])
		if err != nil {
			return t, err
		}
		heard = append(heard, some...)
	}
	var inside []float64
	for i, turn := range turns {
		if turn.Intent != "" && turn.Intent != c.OutOfScope {
			inside = append(inside, heard[i].Outside)
		}
	}
	if c.FalseAlarms > 0 {
		if t.OutOfScope, err = falseAlarms(inside, c.FalseAlarms); err != nil {
			return t, err
		}
	}
	var intents, answers []scored
	for i, turn := range turns {
		h := &heard[i]
		if h.Outside > t.OutOfScope {
			continue
		}
		if turn.Intent != "" {
			intents = append(intents, scored{h.Confidence, h.Label != turn.Intent})
		}
		if turn.Answers != nil && h.Best != nil {
			answers = append(answers, scored{h.Best.Score, !slices.Contains(turn.Answers, h.Best.ID)})
		}
	}
	t.Intent = atRisk(intents, c.Risk)
	if len(answers) > 0 {
		t.Answer = atRisk(answers, c.AnswerRisk)
	}
	return t, nil
}

// falseAlarms gives the threshold that at most a rate of scores is above.
func falseAlarms(scores []float64, rate float64) (float64, error) {
	above := int(math.Floor(rate*float64(len(scores)+1))) - 1
	if above < 0 {
		return 0, fmt.Errorf("%w: got %d in scope, want at least %.0f for false_alarms %v", ErrFewTurns, len(scores), math.Ceil(1/rate)-1, rate)
	}
	if above >= len(scores) {
		return 0, nil
	}
	s := slices.Clone(scores)
	slices.Sort(s)
	return s[len(s)-1-above], nil
}

// A scored is a decision that can be right or wrong.
type scored struct {
	score float64
	wrong bool
}

// atRisk gives the smallest score at which, of the decisions with at least that score, (wrong+1) / (n+1) is at most rate.
func atRisk(all []scored, rate float64) float64 {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	best, wrong := float64(assistant.Never), 0
	for i, s := range all {
		if s.wrong {
			wrong++
		}
		if i+1 < len(all) && all[i+1].score == s.score {
			continue
		}
		if float64(wrong+1) <= rate*float64(i+2) {
			best = s.score
		}
	}
	return best
}
