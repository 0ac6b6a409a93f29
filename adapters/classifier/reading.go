package classifier

import (
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// A Reading is texts on their way to scores. It is a text.Reader.
type Reading struct {
	Judged []Judged // of every text, once its row has been read; they are those of Predictor.Judge

	from *Predictor
	rows []text.Row
}

// Begin lays texts out for the model.
func (p *Predictor) Begin(texts []string) *Reading {
	r := &Reading{Judged: make([]Judged, len(texts)), from: p, rows: make([]text.Row, len(texts))}
	for i, t := range texts {
		r.rows[i] = p.model.Row(t, p.settings.MaxLength)
	}
	return r
}

// Inference implements text.Reader.
func (r *Reading) Inference() *text.Inference { return r.from.infer }

// Rows implements text.Reader.
func (r *Reading) Rows() []text.Row { return r.rows }

// Take implements text.Reader.
func (r *Reading) Take(i int, x []float32, b *nn.Batch) error {
	p := r.from
	pooled, logits, scores := make([]float32, p.infer.Width()), make([]float32, len(p.labels)), make([]float32, len(p.labels))
	p.vectors(pooled, x, b)
	if err := p.score(logits, scores, pooled, 1); err != nil {
		return err
	}
	r.Judged[i] = p.settings.Judge(p.labels, logits, scores)
	return nil
}
