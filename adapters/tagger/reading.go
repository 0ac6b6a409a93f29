package tagger

import (
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// A Reading is sentences on their way to tags. It is a text.Reader.
type Reading struct {
	Tags [][]Tag // of every word of every sentence, once its rows have been read; they are those of Predictor.Tag

	from      *Predictor
	sentences []*Sentence
	rows      []text.Row
	words     []Row // the same rows with their words
	of        []int // the sentence of each row
	v, z      []float32
	ids       []int32
}

// Begin lays sentences out for the model.
func (p *Predictor) Begin(sentences []*Sentence) *Reading {
	r := &Reading{Tags: make([][]Tag, len(sentences)), from: p, sentences: sentences}
	for i, s := range sentences {
		r.Tags[i] = make([]Tag, len(s.Words))
		for j := range r.Tags[i] {
			r.Tags[i][j].Label = outside
		}
		for _, row := range s.Rows(p.model, p.settings.MaxLength) {
			r.rows, r.words, r.of = append(r.rows, row.Row), append(r.words, row), append(r.of, i)
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
	p, row := r.from, r.words[i]
	r.ids = r.ids[:0]
	for _, t := range row.At {
		r.ids = append(r.ids, int32(t))
	}
	n, c, d := len(row.At), p.head.Out(), p.infer.Width()
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

// Entities joins the tags of every sentence, once all rows have been read; they are those of Predictor.Find.
func (r *Reading) Entities() [][]Entity {
	all := make([][]Entity, len(r.sentences))
	for i, s := range r.sentences {
		all[i] = r.from.group(s, r.Tags[i])
	}
	return all
}
