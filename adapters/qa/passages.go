package qa

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/data"
)

// MaxPassages bounds the passages that one question is asked of.
const MaxPassages = 1000

// Best is the number of the answer to give of those to one question from several passages: the one whose best span has most over "no answer" in its own passage, the
// first of equals. A passage is compared with its own "no answer" because scores of different passages are not on one scale (Clark and Gardner, "Simple and
// effective multi-paragraph reading comprehension", 2018). The question has no answer where the best passage's exceeds the threshold, so none exists in any. It wants one
// answer at least.
func Best(answers []Prediction) int {
	best := 0
	for i := range answers {
		if len(answers[i].NBest) > 0 && (len(answers[best].NBest) == 0 || answers[i].NoAnswer < answers[best].NoAnswer) {
			best = i
		}
	}
	return best
}

// AnswerAny answers a question from the one of several passages that answers it best, and says which by its number. Without passages it is an error that wraps
// data.ErrEmpty. The answer doesn't depend on the order of passages that differ in what they have over "no answer".
func (p *Predictor) AnswerAny(ctx context.Context, question string, contexts []string) (Prediction, int, error) {
	inputs, err := asked(question, contexts)
	if err != nil {
		return Prediction{}, 0, err
	}
	answers, err := p.Answer(ctx, inputs)
	if err != nil {
		return Prediction{}, 0, err
	}
	best := Best(answers)
	return answers[best], best, nil
}

// asked pairs a question with every passage.
func asked(question string, contexts []string) ([]Input, error) {
	if n := len(contexts); n == 0 || n > MaxPassages {
		reason := data.ErrTooLong
		if n == 0 {
			reason = data.ErrEmpty
		}
		return nil, fmt.Errorf("qa: contexts: %w: got %d, want 1 to %d", reason, n, MaxPassages)
	}
	inputs := make([]Input, len(contexts))
	for i, c := range contexts {
		inputs[i] = Input{question, c}
	}
	return inputs, nil
}
