package finetune

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// vectors gives the pooled vectors [N, D] that m makes of all rows in their order, as they are or, where key isn't nil, each varied by its own key.
func vectors[M Base[M], B any](ctx context.Context, m M, pooling nn.Pooling, rows Rows[M, B], size int, key *uint64) ([]float32, error) {
	lengths, encode, d := rows.Lengths(), rows.Encoder(m), m.Width()
	x := kernels.Make[float32](len(lengths) * d)
	var y, pooled []float32
	for _, chosen := range data.Buckets(lengths, size, 0, 0) {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		l := nn.Batch{B: len(chosen), Train: key != nil}
		for _, r := range chosen {
			if l.Train {
				l.Keys = append(l.Keys, random.Mix(*key, uint64(r)))
			}
		}
		b, err := rows.Lay(&l, chosen)
		if err != nil {
			return nil, err
		}
		l.Train, l.Keys = false, nil // for what encodes
		kernels.Grow(&y, l.B*l.T*d)
		kernels.Grow(&pooled, l.B*d)
		if err := encode(y, b, &l); err != nil {
			return nil, fmt.Errorf("finetune: vectors: %w", err)
		}
		pooling.Forward(pooled, y, &l, d)
		for i, r := range chosen {
			copy(x[int(r)*d:], pooled[i*d:(i+1)*d])
		}
	}
	return x, nil
}

// stored is a source of vectors that were made before.
type stored struct {
	x    []float32 // [N, D]
	d    int
	rows []int32 // of the batch
}

// Name implements nn.Sublayer.
func (s *stored) Name() string { return "stored" }

// Params implements nn.Sublayer.
func (s *stored) Params() []*nn.Param { return nil }

// Shape implements nn.Sublayer.
func (s *stored) Shape(b *nn.Batch) []int { return []int{b.B, s.d} }

// Forward implements nn.Sublayer: y [B, D].
func (s *stored) Forward(y, _ []float32, _ *nn.Batch) error {
	kernels.Gather(y, s.x, s.rows, s.d)
	return nil
}

// Backward implements nn.Sublayer.
func (s *stored) Backward(_, _, _, _ []float32, _ *nn.Batch) error { return nil }
