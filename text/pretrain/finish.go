package pretrain

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
)

// finish does to trained weights what the recipe wants done before they are stored, and sets their digest: the one of the file as it is read back.
func finish(ctx context.Context, c Config, t *task, co *tokens, res *Result) error {
	whitened := c.CoOccurrence != nil && c.CoOccurrence.Whiten > 0
	if !whitened && !c.Half {
		return nil
	}
	if whitened {
		var head *nn.LMHead
		if t.lm != nil {
			head = t.lm.head
		}
		if err := centre(ctx, t.model, head, co.train, c); err != nil {
			return err
		}
	}
	params := t.Params()
	tensors := make([]checkpoint.Tensor, len(params))
	for i, p := range params {
		tensors[i] = checkpoint.Tensor{Name: p.Name, Shape: p.Shape, Data: p.Value}
	}
	if c.Half {
		if err := checkpoint.RoundTensors(tensors); err != nil {
			return fmt.Errorf("pretrain: %w", err)
		}
	}
	res.Digest = checkpoint.Digest(tensors)
	return nil
}
