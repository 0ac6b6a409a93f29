package text

import (
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// Rows are rows that a model is tuned on.
type Rows struct {
	rows    []Row
	lengths []int32
	most    int // longest row that the model reads
	pad     int32
}

// RowBatch are rows side by side, padded to one length.
type RowBatch struct {
	ids, types []int32 // [B, T]
}

// TuningRows makes Rows for m and models like it.
func (m *Model) TuningRows(rows []Row) *Rows {
	r := &Rows{rows: rows, most: m.Length(0), pad: m.Pad()}
	for _, row := range rows {
		r.lengths = append(r.lengths, int32(len(row.IDs)))
	}
	return r
}

// Lengths gives the tokens of every row.
func (r *Rows) Lengths() []int32 { return r.lengths }

// Lay pads the chosen rows to one length, which it sets in l besides their own.
func (r *Rows) Lay(l *nn.Batch, chosen []int32) (RowBatch, error) {
	for _, i := range chosen {
		l.T = max(l.T, len(r.rows[i].IDs))
		l.Lengths = append(l.Lengths, r.lengths[i])
	}
	l.T = RoundLength(l.T, r.most)
	var b RowBatch
	b.ids, b.types = Pad(nil, nil, r.rows, chosen, l.T, r.pad)
	return b, nil
}

// Varied says that rows are always as they are.
func (r *Rows) Varied() bool { return false }

// Chain gives the sublayers of m, and what hands a batch to them.
func (r *Rows) Chain(m *Model) ([]nn.Sublayer, func(RowBatch)) {
	feed := func(b RowBatch) { m.Embedding.IDs, m.Embedding.TypeIDs = b.ids, b.types }
	return append([]nn.Sublayer{m.Embedding}, m.Encoder.Sublayers()...), feed
}

// Encoder gives what sets y [B, T, D] to the vectors that m as it is now makes of a batch.
func (r *Rows) Encoder(m *Model) func(y []float32, b RowBatch, l *nn.Batch) error {
	s := m.Snapshot()
	return func(y []float32, b RowBatch, l *nn.Batch) error { return s.Encode(y, b.ids, b.types, l) }
}

// Fresh returns the same model with initial weights by seed.
func (m *Model) Fresh(seed uint64) (*Model, error) {
	f, err := New(m.Config, m.Tokenizer, seed)
	if err != nil {
		return nil, err
	}
	f.Name = m.Name
	return f, nil
}

// Backbone returns the encoder.
func (m *Model) Backbone() *backbone.Encoder { return m.Encoder }

// Identity names the model in an adapter's passport.
func (m *Model) Identity() adapter.Base {
	return adapter.Base{Name: m.Name, Fingerprint: m.Fingerprint(), Tokenizer: m.TokenizerSum()}
}
