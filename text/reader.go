package text

import (
	"context"

	"github.com/fmkit/fmkit/shared/nn"
)

// A Reader is a piece of work that needs rows read: an adapter's question, texts to embed. Whoever has many of them may read the rows of several together, by
// EncodeMixed; what a Reader gets is the same.
type Reader interface {
	// Inference is what the rows are to be read by.
	Inference() *Inference
	Rows() []Row
	// Take takes the vectors x [1, T, D] of row i, valid until it returns and not to be changed. Every row comes once, in any order, one at a time.
	Take(i int, x []float32, b *nn.Batch) error
}

// Read reads the rows of r, at most size at once.
func Read(ctx context.Context, r Reader, size int) error {
	s := r.Inference()
	return s.Each(ctx, r.Rows(), size, func(x []float32, b *nn.Batch, at []int32) error {
		n := b.T * s.width
		for i, row := range at {
			one := nn.Batch{B: 1, T: b.T, Lengths: b.Lengths[i : i+1]}
			if err := r.Take(int(row), x[i*n:(i+1)*n], &one); err != nil {
				return err
			}
		}
		return nil
	})
}

// A Question is a Reader with what comes of it: an adapter's line of JSON on its way to an answer.
type Question struct {
	Reader
	Answer func() (any, error) // once every row has been read
}

// Ask reads the rows of q, at most size at once, and answers it.
func Ask(ctx context.Context, q *Question, size int) (any, error) {
	if err := Read(ctx, q, size); err != nil {
		return nil, err
	}
	return q.Answer()
}
