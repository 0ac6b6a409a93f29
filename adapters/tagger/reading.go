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
	rows      []Row
	inputs    []text.Row
	of        []int // of each row, its sentence
	ids       []int32
	v, z      []float32
}

// Begin lays sentences out for the model. A word of characters that the tokenizer drops is outside, with a score of 0.
func (p *Predictor) Begin(sentences []*Sentence) *Reading { return p.BeginWindows(sentences, 0) }

// BeginWindows is Begin for long texts, whose rows have up to overlap tokens in common: Sentence.Windows.
func (p *Predictor) BeginWindows(sentences []*Sentence, overlap int) *Reading {
	r := &Reading{Tags: make([][]Tag, len(sentences)), from: p, sentences: sentences}
	for i, s := range sentences {
		r.Tags[i] = make([]Tag, len(s.Words))
		for j := range r.Tags[i] {
			r.Tags[i][j].Label = outside
		}
		for _, row := range s.Windows(p.model, p.settings.MaxLength, overlap) {
			r.rows, r.inputs, r.of = append(r.rows, row), append(r.inputs, row.Row), append(r.of, i)
		}
	}
	return r
}

// Inference implements text.Reader.
func (r *Reading) Inference() *text.Inference { return r.from.infer }

// Rows implements text.Reader.
func (r *Reading) Rows() []text.Row { return r.inputs }

// Take implements text.Reader.
func (r *Reading) Take(i int, x []float32, _ *nn.Batch) error {
	row, c, d := &r.rows[i], r.from.head.Out(), r.from.infer.Width()
	r.ids = r.ids[:0]
	for _, t := range row.At {
		r.ids = append(r.ids, int32(t))
	}
	n := len(r.ids)
	kernels.Gather(kernels.Grow(&r.v, n*d), x, r.ids, d) // [words, D]
	scores := kernels.Grow(&r.z, n*c)
	if err := r.from.head.Logits(scores, r.v, n); err != nil {
		return err
	}
	r.from.head.Scores.Apply(scores, n, c)
	for _, w := range row.Words {
		r.Tags[r.of[i]][w] = r.from.best(scores[:c])
		scores = scores[c:]
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

// Sentences gives those that are read.
func (r *Reading) Sentences() []*Sentence { return r.sentences }
