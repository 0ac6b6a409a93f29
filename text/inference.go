package text

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// An Inference is an immutable snapshot of a model that only reads. It is safe for concurrent use; training the model
// further doesn't change it.
type Inference struct {
	embedding *nn.Embedding
	encoder   *backbone.Inference
	width     int
	positions int
	tokenizer *tokenizer.Tokenizer
	buffers   sync.Pool  // of *buffers
	readings  sync.Pool  // of *Reading
	base      *Inference // whose weights these are; nil: its own

	single tokenizer.Frame
	pad    int32
}

// buffers of one batch.
type buffers struct {
	hidden     []float32 // [B, T, D]
	ids, types []int32   // [B, T]
	lengths    []int32   // [B]

	of    []*backbone.Inference // [B], of EncodeMixed
	order []int32               // [B], likewise
}

// Snapshot copies and packs the weights as they are now; a frozen model has made its only one already.
func (m *Model) Snapshot() *Inference {
	if m.frozen != nil {
		return m.frozen.infer
	}
	if m.base != nil {
		if s := m.beside(); s != nil {
			return s
		}
	}
	s := &Inference{
		embedding: m.Embedding.Clone(), encoder: m.Encoder.Snapshot(),
		width: m.Config.Hidden, positions: m.Config.MaxPositions,
		tokenizer: m.Tokenizer, single: m.single, pad: m.pad,
	}
	s.buffers.New = func() any { return new(buffers) }
	return s
}

// Width is D, the size of a token's vector.
func (s *Inference) Width() int { return s.width }

// Each encodes rows in batches of at most size rows of like length, shortest first, and hands over each batch's vectors x [B, T, D] with the numbers of
// its rows. x and b are valid until each returns. What a row gets doesn't depend on the rows beside it. It stops at the
// end of ctx and at the first error.
func (s *Inference) Each(ctx context.Context, rows []Row, size int, each func(x []float32, b *nn.Batch, rows []int32) error) error {
	order := make([]int32, len(rows))
	for i, r := range rows {
		order[i] = int32(i)
		if err := s.Check(r); err != nil {
			return fmt.Errorf("%w (row %d)", err, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(len(rows[a].IDs), len(rows[b].IDs)) })
	buf := s.buffers.Get().(*buffers)
	defer s.buffers.Put(buf)
	for len(order) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(size, len(order))
		b := buf.fill(rows, order[:n], s.pad, s.positions)
		x, err := s.hidden(buf, &b)
		if err != nil {
			return err
		}
		if err := each(x, &b, order[:n]); err != nil {
			return err
		}
		order = order[n:]
	}
	return nil
}

// Encode encodes one row into y [T, D].
func (s *Inference) Encode(y []float32, ids, types []int32, b *nn.Batch) error {
	if err := s.embedding.Infer(y, ids, types, b); err != nil {
		return err
	}
	return s.encoder.Forward(y, y, b)
}

func (s *Inference) hidden(buf *buffers, b *nn.Batch) ([]float32, error) {
	x := s.room(buf, b)
	return x, s.Encode(x, buf.ids, buf.types, b)
}

// room is that of a batch's vectors [B, T, D].
func (s *Inference) room(buf *buffers, b *nn.Batch) []float32 {
	return kernels.Grow(&buf.hidden, b.B*b.T*s.width)
}

// fill lays out the chosen rows side by side, padded to one length.
func (buf *buffers) fill(rows []Row, chosen []int32, pad int32, most int) nn.Batch {
	b := nn.Batch{B: len(chosen)}
	buf.lengths = buf.lengths[:0]
	for _, r := range chosen {
		b.T = max(b.T, len(rows[r].IDs))
		buf.lengths = append(buf.lengths, int32(len(rows[r].IDs)))
	}
	b.T = RoundLength(b.T, most)
	b.Lengths = buf.lengths
	buf.ids, buf.types = Pad(buf.ids, buf.types, rows, chosen, b.T, pad)
	return b
}

// Pad lays out the chosen rows in ids and types [B, T], which are reused where they are long enough.
func Pad(ids, types []int32, rows []Row, chosen []int32, t int, pad int32) (_, _ []int32) {
	ids, types = ids[:0], types[:0]
	for _, r := range chosen {
		row := rows[r]
		ids = append(ids, row.IDs...)
		types = append(types, row.Types...)
		for range len(row.IDs) - len(row.Types) {
			types = append(types, 0)
		}
		for range t - len(row.IDs) {
			ids, types = append(ids, pad), append(types, 0)
		}
	}
	return ids, types
}
