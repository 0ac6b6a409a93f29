package text

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// An Entity is the label of one token, as Hugging Face's token-classification pipeline gives it: offsets count code points.
type Entity struct {
	Entity    string  `json:"entity"`
	Score     float64 `json:"score"`
	Index     int     `json:"index"` // of the token in its row
	Word      string  `json:"word"`  // the token as the vocabulary spells it
	Start     int     `json:"start"`
	End       int     `json:"end"`
	StartByte int     `json:"-"`
	EndByte   int     `json:"-"`
}

// A TokenClassifier labels tokens with the head of a checkpoint. It is safe for concurrent use.
type TokenClassifier struct {
	model *Model
	infer *Inference
	head  *Head
}

// NewTokenClassifier makes a predictor of a model as it is now and its head.
func NewTokenClassifier(m *Model, h *Head) (*TokenClassifier, error) {
	if h.Task != TaskTokenClassify {
		return nil, fmt.Errorf("text: head: got one for %s, want %s", h.Task, TaskTokenClassify)
	}
	return &TokenClassifier{model: m, infer: m.Snapshot(), head: h}, nil
}

// Predict returns, for every text, the tokens whose best label isn't O, in order. Texts longer than the model reads are cut.
func (p *TokenClassifier) Predict(ctx context.Context, texts []string) ([][]Entity, error) {
	rows, spans := make([]Row, len(texts)), make([][]tokenizer.Span, len(texts))
	for i, t := range texts {
		e, err := p.model.Tokenizer.EncodePlain(t)
		if err != nil {
			return nil, fmt.Errorf("text: text %d: %w", i, err)
		}
		f := &p.model.single
		spans[i] = e.Offsets[:min(len(e.IDs), p.model.Length(0)-len(f.Before)-len(f.After))]
		rows[i].IDs = slices.Concat(f.Before, e.IDs[:len(spans[i])], f.After)
	}
	all := make([][]Entity, len(texts))
	c := p.head.Out()
	var z []float32
	err := p.infer.Each(ctx, rows, headBatch, func(x []float32, b *nn.Batch, at []int32) error {
		n := b.B * b.T
		if cap(z) < n*c {
			z = make([]float32, n*c)
		}
		z = z[:n*c]
		if err := p.head.Logits(z, x, n); err != nil {
			return err
		}
		p.head.Scores.Apply(z, n, c)
		for i, r := range at {
			all[r] = p.entities(texts[r], rows[r].IDs, spans[r], z[i*b.T*c:])
		}
		return nil
	})
	return all, err
}

// entities reads the scores z [T, C] of one text.
func (p *TokenClassifier) entities(text string, ids []int32, spans []tokenizer.Span, z []float32) []Entity {
	points := tokenizer.CodePoints(text, spans)
	c, first := p.head.Out(), len(p.model.single.Before)
	all := []Entity{}
	for t, s := range spans {
		row := z[(first+t)*c : (first+t+1)*c]
		best := 0
		for j, v := range row {
			if v > row[best] {
				best = j
			}
		}
		if p.head.Labels[best] == "O" {
			continue
		}
		all = append(all, Entity{
			Entity: p.head.Labels[best], Score: float64(row[best]), Index: first + t, Word: p.model.Tokenizer.Token(ids[first+t]),
			Start: points[t].Start, End: points[t].End, StartByte: s.Start, EndByte: s.End,
		})
	}
	return all
}
