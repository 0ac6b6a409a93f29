package tagger

import (
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// A Reading is sentences on their way to tags. It is a text.Reader.
type Reading struct {
	Tags [][]Tag // of every word of every sentence, once all rows have been read; they are those of Predictor.Tag

	from      *Predictor
	sentences []*Sentence
	laid      []Row
	rows      []text.Row
	of        []int     // the sentence of each row
	ids       []int32   // of words' first tokens, positions in the row
	v, z      []float32 // [words, D] and [words, C]
}

// Begin lays sentences out for the model.
func (p *Predictor) Begin(sentences []*Sentence) *Reading {
	r := &Reading{from: p, sentences: sentences, Tags: make([][]Tag, len(sentences))}
	for i, s := range sentences {
		r.Tags[i] = make([]Tag, len(s.Words))
		for j := range r.Tags[i] {
			r.Tags[i][j].Label = outside
		}
		for _, row := range s.Rows(p.model, p.settings.MaxLength) {
			r.laid, r.rows, r.of = append(r.laid, row), append(r.rows, row.Row), append(r.of, i)
		}
	}
	return r
}

// Inference implements text.Reader.
func (r *Reading) Inference() *text.Inference { return r.from.infer }

// Rows implements text.Reader.
func (r *Reading) Rows() []text.Row { return r.rows }

// Take implements text.Reader.
func (r *Reading) Take(i int, x []float32, _ *nn.Batch) error {
	p := r.from
	c, d, row := p.head.Out(), p.infer.Width(), &r.laid[i]
	r.ids = r.ids[:0]
	for _, t := range row.At {
		r.ids = append(r.ids, int32(t))
	}
	n := len(r.ids)
	kernels.Grow(&r.v, n*d)
	kernels.Gather(r.v, x, r.ids, d) // [words, D]
	if err := p.head.Logits(kernels.Grow(&r.z, n*c), r.v, n); err != nil {
		return err
	}
	p.head.Scores.Apply(r.z, n, c)
	for j, w := range row.Words {
		r.Tags[r.of[i]][w] = p.best(r.z[j*c : (j+1)*c])
	}
	return nil
}

// Entities gives those of Predictor.Find, once all rows have been read.
func (r *Reading) Entities() [][]Entity {
	all := make([][]Entity, len(r.sentences))
	for i, s := range r.sentences {
		all[i] = r.from.group(s, r.Tags[i])
	}
	return all
}
