package text

import "github.com/fmkit/fmkit/shared/nn"

// A Reading is one text that an Inference has encoded. It makes no garbage in steady state: its buffers go back with Close.
type Reading struct {
	X     []float32 // [1, T, D] the vectors of its tokens, zero on padding; valid until Close
	Batch nn.Batch  // of the one row

	from *Inference
	buf  buffers
	y    []float32
}

// Read encodes a text of at most length tokens, cut at the end, as Model.Row lays it out. The caller closes the reading.
func (s *Inference) Read(text string, length int) (*Reading, error) {
	r, _ := s.readings.Get().(*Reading)
	if r == nil {
		r = &Reading{from: s}
	}
	b := &r.buf
	b.ids = appendRow(b.ids[:0], s.tokenizer, &s.single, text, length)
	n := len(b.ids)
	t := RoundLength(n, s.positions)
	for range t - n {
		b.ids = append(b.ids, s.pad)
	}
	b.types = b.types[:0]
	for range t {
		b.types = append(b.types, 0)
	}
	b.lengths = append(b.lengths[:0], int32(n))
	r.Batch = nn.Batch{B: 1, T: t, Lengths: b.lengths}
	var err error
	if r.X, err = s.hidden(b, &r.Batch); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Close gives the buffers back.
func (r *Reading) Close() { r.from.readings.Put(r) }

// Scratch returns n values for the caller's use until Close.
func (r *Reading) Scratch(n int) []float32 {
	if cap(r.y) < n {
		r.y = make([]float32, n)
	}
	return r.y[:n]
}
