package document

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/text"
)

// errCalibrate is wrapped in ErrSettings.
var errCalibrate = errors.New("calibrate: want standing questions, a part that leaves some without an answer, and documents whose answers are known, of which some have none")

// Calibrate chooses the threshold of no answer with the best F1 on the standing questions of documents whose answers are known. A whole document has more places for a wrong answer
// than the paragraph that questions are learnt on, so it wants another threshold. It changes nothing: the result is for Settings.Threshold.
func (a *Analyzer) Calibrate(ctx context.Context, documents []data.Document) (float64, error) {
	var items []metrics.SQuADItem
	answers, noAnswer := map[string]string{}, map[string]float64{}
	none := 0
	for i, d := range documents {
		r, err := a.Begin(d.Text)
		if err != nil {
			return 0, fmt.Errorf("document: document %d: %w", i, err)
		}
		if r.answers == nil {
			break
		}
		if err := text.Read(ctx, r.answers, batch); err != nil {
			return 0, err
		}
		got := r.answers.Answers()[len(r.questions)-len(a.settings.Questions):]
		for j, q := range a.settings.Questions {
			accepted, ok := d.Answers[q.Question]
			if !ok || len(got[j].NBest) == 0 {
				continue
			}
			if len(accepted) == 0 {
				none++
			}
			id := strconv.Itoa(i) + "-" + strconv.Itoa(j)
			items = append(items, metrics.SQuADItem{ID: id, Answers: accepted})
			answers[id], noAnswer[id] = got[j].NBest[0].Answer, got[j].NoAnswer
		}
	}
	if none == 0 || none == len(items) || !a.parts.Answers.Settings().NoAnswer {
		return 0, fmt.Errorf("document: %w: %w", ErrSettings, errCalibrate)
	}
	scores, err := metrics.SQuAD2(items, answers)
	if err != nil {
		return 0, fmt.Errorf("document: calibrate: %w", err)
	}
	t, err := metrics.BestThreshold(items, answers, scores, noAnswer)
	if err != nil {
		return 0, fmt.Errorf("document: calibrate: %w", err)
	}
	return min(max(t.F1At, -math.MaxFloat32), math.MaxFloat32), nil // JSON has no infinities
}
