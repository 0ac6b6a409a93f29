package summarizer

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// A Reading is documents on their way to summaries. It is a text.Reader.
type Reading struct {
	from               *Predictor
	options            Options
	documents          [][]string
	scores             [][]float64 // of every sentence of every document
	rows               []text.Row
	laid               []Row
	owner              []int // of each row, its document
	vectors, inputs, z []float32
}

// Begin lays documents out for the model.
func (p *Predictor) Begin(inputs []Input, o Options) *Reading {
	documents := make([][]string, len(inputs))
	for i, in := range inputs {
		documents[i] = in.Split()
	}
	r := p.begin(documents)
	r.options = o.or(p.settings.Options)
	return r
}

func (p *Predictor) begin(documents [][]string) *Reading {
	r := &Reading{from: p, documents: documents, scores: make([][]float64, len(documents))}
	for i, sentences := range documents {
		r.scores[i] = make([]float64, len(sentences))
		for _, row := range Rows(p.model, sentences, p.settings) {
			r.rows = append(r.rows, text.Row{IDs: row.IDs})
			r.laid = append(r.laid, row)
			r.owner = append(r.owner, i)
		}
	}
	return r
}

// Inference implements text.Reader.
func (r *Reading) Inference() *text.Inference { return r.from.infer }

// Rows implements text.Reader.
func (r *Reading) Rows() []text.Row { return r.rows }

// Take implements text.Reader.
func (r *Reading) Take(i int, x []float32, b *nn.Batch) error {
	row, d := &r.laid[i], r.from.infer.Width()
	n, spans := len(row.Spans), [][]Span{row.Spans}
	v, in := kernels.Grow(&r.vectors, n*d), kernels.Grow(&r.inputs, n*(d+places))
	pool(v, x, spans, b.T, d)
	nn.UnitRows(v, n, d)
	join(in, v, spans, d)
	if err := r.from.head.Forward(kernels.Grow(&r.z, n), in, n, b); err != nil {
		return err
	}
	for j, z := range r.z[:n] {
		r.scores[r.owner[i]][row.First+j] = sigmoid(z)
	}
	return nil
}

// Summaries gives those of Predictor.Summarize, once all rows have been read.
func (r *Reading) Summaries() ([]Summary, error) {
	all := make([]Summary, len(r.documents))
	for i, sentences := range r.documents {
		var err error
		if all[i], err = summary(sentences, r.scores[i], r.options); err != nil {
			return nil, fmt.Errorf("summarizer: document %d: %w", i, err)
		}
	}
	return all, nil
}
