package finetune

import (
	"context"

	"github.com/fmkit/fmkit/shared/nn"
)

// A source is the beginning of a chain, up to what the head's layers read: the model's vectors [B, T, D], or [B, D] where the head pools them.
type source[B any] struct {
	layers []nn.Sublayer
	lay    func(b *batch[B]) error // sets what the batch has besides its rows
	feed   func(b *batch[B])       // hands it to the layers
}

// tuned is a source whose model learns.
func tuned[M Base[M], B any](m M, head *Head, rows Rows[M, B]) source[B] {
	layers, feed := rows.Chain(m)
	if head.Pooling != "" {
		layers = append(layers, &nn.Pool{Pooling: head.Pooling, D: m.Width()})
	}
	return source[B]{layers, laid(rows), func(b *batch[B]) { feed(b.input) }}
}

// still is a source whose model doesn't change, so a row gives the same vectors in every epoch and batch.
func still[M Base[M], B any](ctx context.Context, m M, head *Head, rows Rows[M, B], c Config) (source[B], error) {
	if head.Pooling == "" {
		f := newFrozen(m, rows)
		return source[B]{[]nn.Sublayer{f}, f.lay, func(b *batch[B]) { f.batch = b }}, nil
	}
	x, err := vectors(ctx, m, head.Pooling, rows, c.Batch, nil)
	if err != nil {
		return source[B]{}, err
	}
	s := &stored{x: x, d: m.Width()}
	lay := func(b *batch[B]) error { b.nn.T = 1; return nil }
	return source[B]{[]nn.Sublayer{s}, lay, func(b *batch[B]) { s.rows = b.rows }}, nil
}

// laid lays rows out.
func laid[M, B any](rows Rows[M, B]) func(b *batch[B]) error {
	return func(b *batch[B]) (err error) {
		b.input, err = rows.Lay(&b.nn, b.rows)
		return err
	}
}
