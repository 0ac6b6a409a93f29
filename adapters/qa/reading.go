package qa

import (
	"slices"

	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// A Reading is questions on their way to answers. It is a text.Reader.
type Reading struct {
	from         *Predictor
	texts        []*Context
	windows      []Window
	rows         []text.Row
	starts, ends [][]float32 // of every token of every window
	z            []float32
}

// Begin lays questions and contexts out for the model.
func (p *Predictor) Begin(inputs []Input) (*Reading, error) {
	r := &Reading{from: p, texts: make([]*Context, len(inputs))}
	for i, in := range inputs {
		var err error
		if r.texts[i], err = NewContext(p.model, in.Context); err != nil {
			return nil, err
		}
		ws, err := Windows(p.model, in.Question, r.texts[i], p.settings)
		if err != nil {
			return nil, err
		}
		for _, w := range ws {
			w.ContextIndex = i
			r.windows = append(r.windows, w)
			r.rows = append(r.rows, text.Row{IDs: w.IDs, Types: w.Types})
		}
	}
	r.starts, r.ends = make([][]float32, len(r.rows)), make([][]float32, len(r.rows))
	return r, nil
}

// Inference implements text.Reader.
func (r *Reading) Inference() *text.Inference { return r.from.infer }

// Rows implements text.Reader.
func (r *Reading) Rows() []text.Row { return r.rows }

// Take implements text.Reader.
func (r *Reading) Take(i int, x []float32, b *nn.Batch) error {
	n := b.Length(0)
	r.z = slices.Grow(r.z[:0], 2*n)[:2*n]
	if err := r.from.head.Logits(r.z, x, n); err != nil {
		return err
	}
	r.starts[i], r.ends[i] = make([]float32, n), make([]float32, n)
	for t := range n {
		r.starts[i][t], r.ends[i][t] = r.z[2*t], r.z[2*t+1]
	}
	return nil
}

// Answers gives those of Predictor.Answer, once all rows have been read.
func (r *Reading) Answers() []Prediction {
	answers, s := make([]Prediction, len(r.texts)), &r.from.settings
	for from := 0; from < len(r.windows); {
		i, to := r.windows[from].ContextIndex, from
		for to < len(r.windows) && r.windows[to].ContextIndex == i {
			to++
		}
		spans, null := best(r.windows[from:to], r.starts[from:to], r.ends[from:to], s.MaxAnswer, s.NBest)
		answers[i] = r.from.prediction(r.texts[i], spans, null)
		from = to
	}
	for i := range answers {
		if answers[i].NBest == nil && s.Confidence != nil { // a text without a token
			answers[i].Verdict = &calibration.Verdict{Verdict: calibration.Abstain, Why: calibration.NoAnswer}
		}
	}
	return answers
}
