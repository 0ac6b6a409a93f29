package finetune

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/text"
)

// regress fits the head by logistic regression to the vectors that the model gives before it is tuned. It is done anew by a run that is resumed.
func regress(ctx context.Context, model *text.Model, head Head, rows []text.Row, c Config) error {
	if head.Regress == nil {
		return fmt.Errorf("%w: logistic: the task's head has no classes of whole texts", ErrConfig)
	}
	t := newTask(&Fitted{Model: model}, head, rows, c)
	infer, d := model.Snapshot(), model.Width()
	x := kernels.Make[float32](len(rows) * d)
	for step := range (len(rows) + c.Batch - 1) / c.Batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := t.Batch(step, 0)
		if err != nil {
			return err
		}
		b.nn.Train, b.nn.Keys = false, nil
		y, pooled := make([]float32, b.nn.B*b.nn.T*d), make([]float32, b.nn.B*d)
		if err := infer.Encode(y, b.ids, b.types, &b.nn); err != nil {
			return fmt.Errorf("finetune: logistic: %w", err)
		}
		head.Pooling.Forward(pooled, y, &b.nn, d)
		for i, r := range b.rows {
			copy(x[int(r)*d:], pooled[i*d:(i+1)*d])
		}
	}
	if err := head.Regress(x); err != nil {
		return fmt.Errorf("finetune: logistic: %w", err)
	}
	return nil
}
