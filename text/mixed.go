package text

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/nn"
)

// Base is the inference whose weights s has: s itself, or the one whose weights it shares.
func (s *Inference) Base() *Inference {
	if s.base == nil {
		return s
	}
	return s.base
}

// Check refuses a row that the model can't read.
func (s *Inference) Check(r Row) error {
	if len(r.IDs) == 0 || len(r.IDs) > s.positions {
		return fmt.Errorf("text: row has %d tokens, want 1 to %d", len(r.IDs), s.positions)
	}
	return nil
}

// EncodeMixed encodes rows side by side in one batch, row i by of[i], which all have one Base, and hands over every row's vectors x [1, T, D] with the layout of that row
// alone. They are valid until each returns. What a row gets is what of[i] alone gives it, to the bit.
func EncodeMixed(ctx context.Context, of []*Inference, rows []Row, each func(i int, x []float32, b *nn.Batch)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(of) != len(rows) || len(rows) == 0 {
		return fmt.Errorf("text: got %d inferences for %d rows, want as many and at least one", len(of), len(rows))
	}
	base := of[0].Base()
	buf := base.buffers.Get().(*buffers)
	defer base.buffers.Put(buf)
	buf.of, buf.order = buf.of[:0], buf.order[:0]
	defer func() { clear(buf.of) }()
	for i, r := range rows {
		if err := base.Check(r); err != nil {
			return fmt.Errorf("%w (row %d)", err, i)
		}
		buf.of, buf.order = append(buf.of, of[i].encoder), append(buf.order, int32(i))
	}
	b := buf.fill(rows, buf.order, base.pad, base.positions)
	x := base.room(buf, &b)
	if err := base.embedding.Infer(x, buf.ids, buf.types, &b); err != nil {
		return err
	}
	if err := base.encoder.ForwardMixed(x, x, &b, buf.of); err != nil {
		return err
	}
	size := b.T * base.width
	for i := range rows {
		each(i, x[i*size:(i+1)*size], &nn.Batch{B: 1, T: b.T, Lengths: b.Lengths[i : i+1]})
	}
	return nil
}
