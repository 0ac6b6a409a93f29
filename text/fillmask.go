package text

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// headBatch is how many texts the predictors of heads encode at once.
const headBatch = 16

// A Fill is a token for a mask, as Hugging Face's fill-mask pipeline gives it.
type Fill struct {
	Score    float64 `json:"score"`
	Token    int32   `json:"token"`
	TokenStr string  `json:"token_str"`
	Sequence string  `json:"sequence"`
}

// A FillMask guesses masked tokens with the masked-language head of a checkpoint. It is safe for concurrent use.
type FillMask struct {
	model *Model
	infer *Inference
	head  *Head
	mask  int32
	back  int // how far before a mask the vector stands that tells its token
}

// NewFillMask makes a predictor of a model as it is now and its head.
func NewFillMask(m *Model, h *Head) (*FillMask, error) {
	if h.Task != TaskFillMask {
		return nil, fmt.Errorf("text: head: got one for %s, want %s", h.Task, TaskFillMask)
	}
	mask := m.Tokenizer.Roles().Mask
	if mask < 0 {
		return nil, fmt.Errorf("text: %w: it has no mask token", ErrTokenizer)
	}
	p := &FillMask{model: m, infer: m.Snapshot(), head: h, mask: mask}
	if slices.Contains(m.Config.Objectives, ObjectiveShifted) {
		p.back = 1
	}
	return p, nil
}

// Mask is the token that stands for a missing one in a text, such as [MASK].
func (p *FillMask) Mask() string { return p.model.Tokenizer.Token(p.mask) }

// Predict returns the top best tokens for every mask of every text, best first, each mask by itself.
func (p *FillMask) Predict(ctx context.Context, texts []string, top int) ([][][]Fill, error) {
	rows := make([]Row, len(texts))
	for i, t := range texts {
		rows[i] = p.model.Row(t, p.model.Length(0))
		if !slices.Contains(rows[i].IDs, p.mask) {
			return nil, fmt.Errorf("text: text %d: got no %s, want at least one", i, p.Mask())
		}
	}
	all := make([][][]Fill, len(texts))
	v, d := p.head.Out(), p.infer.Width()
	z := make([]float32, v)
	err := p.infer.Each(ctx, rows, headBatch, func(x []float32, b *nn.Batch, at []int32) error {
		for i, r := range at {
			for t, id := range rows[r].IDs {
				if id != p.mask {
					continue
				}
				from := (i*b.T + max(0, t-p.back)) * d
				if err := p.head.Logits(z, x[from:from+d], 1); err != nil {
					return err
				}
				kernels.Softmax(z, z, 1, v)
				all[r] = append(all[r], p.best(z, rows[r].IDs, t, top))
			}
		}
		return nil
	})
	return all, err
}

// best picks the top tokens of probabilities z [V] for position at of ids.
func (p *FillMask) best(z []float32, ids []int32, at, top int) []Fill {
	order := make([]int32, len(z))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		switch {
		case z[a] > z[b]:
			return -1
		case z[a] < z[b]:
			return 1
		}
		return 0
	})
	filled := slices.Clone(ids)
	var all []Fill
	for _, id := range order[:min(max(top, 1), len(order))] {
		filled[at] = id
		all = append(all, Fill{
			Score: float64(z[id]), Token: id, TokenStr: p.model.Tokenizer.Decode([]int32{id}, false), Sequence: p.model.Tokenizer.Decode(filled, true),
		})
	}
	return all
}
