package train

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// fit trains the span head, and the model under it unless the method is head.
func fit(ctx context.Context, base *text.Model, questions []data.Question, c Config, o finetune.Options) (*finetune.Fitted[*text.Model], *qa.Predictor, error) {
	noAnswer := false
	for _, q := range questions {
		noAnswer = noAnswer || q.Impossible
	}
	s, err := c.settings(base, noAnswer)
	if err != nil {
		return nil, nil, err
	}
	windows, err := windows(base, questions, s, c.Unanswered)
	if err != nil {
		return nil, nil, err
	}
	rows := make([]text.Row, len(windows))
	for i, w := range windows {
		rows[i] = text.Row{IDs: w.IDs, Types: w.Types}
	}
	loss := qa.NewSpanLoss(base.Width(), c.Seed)
	head := finetune.Head{
		Layers: []nn.Sublayer{loss},
		Target: func(rows []int32) {
			loss.Starts, loss.Ends = loss.Starts[:0], loss.Ends[:0]
			for _, r := range rows {
				loss.Starts = append(loss.Starts, int32(windows[r].Start))
				loss.Ends = append(loss.Ends, int32(windows[r].End))
			}
		},
	}
	f, err := finetune.Fit(ctx, base, head, base.TuningRows(rows), c.Config, o)
	if err != nil {
		return nil, nil, err
	}
	p, err := qa.New(f.Model, loss.Outputs, s)
	return f, p, err
}

// settings fits the configuration to the model.
func (c *Config) settings(base *text.Model, noAnswer bool) (qa.Settings, error) {
	s := qa.Settings{
		MaxLength: base.Length(c.MaxLength), Stride: c.Stride,
		MaxAnswer: c.MaxAnswer, NBest: c.NBest, NoAnswer: noAnswer,
	}
	s.MaxQuestion = min(c.MaxQuestion, s.MaxLength/2)
	s.MaxAnswer = min(s.MaxAnswer, s.MaxLength)
	if s.Stride == 0 {
		s.Stride = (s.MaxLength - s.MaxQuestion - 3) / 3
	}
	if err := s.Validate(base.Length(0)); err != nil {
		return s, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
	}
	return s, nil
}

// windows lays out every question, with its first answer marked. A window without the answer asks for position 0.
func windows(base *text.Model, questions []data.Question, s qa.Settings, unanswered bool) ([]qa.Window, error) {
	var all []qa.Window
	contexts := map[string]*qa.Context{}
	for _, q := range questions {
		c := contexts[q.Context]
		if c == nil {
			var err error
			if c, err = qa.NewContext(base, q.Context); err != nil {
				return nil, err
			}
			contexts[q.Context] = c
		}
		ws, err := qa.Windows(base, q.Text, c, s)
		if err != nil {
			return nil, err
		}
		for _, w := range ws {
			if len(q.Answers) > 0 {
				c.Mark(&w, q.Answers[0].Start, q.Answers[0].End)
			}
			if w.HoldsAnswer || unanswered {
				all = append(all, w)
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("qa: %w: no window of %d questions to train on", data.ErrEmpty, len(questions))
	}
	return all, nil
}
