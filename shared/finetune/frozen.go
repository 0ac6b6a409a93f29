package finetune

import (
	"github.com/fmkit/fmkit/shared/nn"
)

// frozen is a source that encodes with weights that don't change, so nothing flows back, and a row's vectors are the same in every epoch
// and batch: they are kept while there is room.
type frozen[B any] struct {
	encode func(y []float32, b B, l *nn.Batch) error
	lay    func(b *batch[B]) error
	d      int
	batch  *batch[B]           // the one to encode
	kept   map[int32][]float32 // by row, [length, D]
	room   int                 // values that may still be kept
}

// mostKept bounds what a frozen source keeps: 256 MiB.
const mostKept = 64 << 20

func newFrozen[M Base[M], B any](m M, rows Rows[M, B]) *frozen[B] {
	return &frozen[B]{encode: rows.Encoder(m), lay: laid(rows), d: m.Width(), kept: map[int32][]float32{}, room: mostKept}
}

// Name implements nn.Sublayer.
func (f *frozen[B]) Name() string { return "frozen" }

// Params implements nn.Sublayer.
func (f *frozen[B]) Params() []*nn.Param { return nil }

// Shape implements nn.Sublayer.
func (f *frozen[B]) Shape(b *nn.Batch) []int { return []int{b.B, b.T, f.d} }

// Forward implements nn.Sublayer: y [B, T, D], without dropout.
func (f *frozen[B]) Forward(y, _ []float32, b *nn.Batch) error {
	if f.recall(y, b) {
		return nil
	}
	still := *b
	still.Train, still.Keys = false, nil
	if err := f.encode(y, f.batch.input, &still); err != nil {
		return err
	}
	size := b.T * f.d
	for i, r := range f.batch.rows {
		n := b.Length(i) * f.d
		if _, ok := f.kept[r]; !ok && n <= f.room {
			f.kept[r] = append([]float32(nil), y[i*size:][:n]...)
			f.room -= n
		}
	}
	return nil
}

// recall sets y where every row of the batch is kept.
func (f *frozen[B]) recall(y []float32, b *nn.Batch) bool {
	for _, r := range f.batch.rows {
		if f.kept[r] == nil {
			return false
		}
	}
	size := b.T * f.d
	for i, r := range f.batch.rows {
		n := copy(y[i*size:], f.kept[r])
		clear(y[i*size+n : (i+1)*size])
	}
	return true
}

// Backward implements nn.Sublayer.
func (f *frozen[B]) Backward(_, _, _, _ []float32, _ *nn.Batch) error { return nil }
