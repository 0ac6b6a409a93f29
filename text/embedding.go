package text

import (
	"strings"

	"github.com/fmkit/fmkit/shared/nn"
)

// An Embedding is texts on their way to vectors. It is a Reader.
type Embedding struct {
	Vectors [][]float32 // of each text, once its row has been read

	from *Embedder
	rows []Row
}

// Begin lays texts out for the model.
func (e *Embedder) Begin(texts []string) *Embedding {
	r := &Embedding{Vectors: make([][]float32, len(texts)), from: e, rows: make([]Row, len(texts))}
	for i, t := range texts {
		if e.lower {
			t = strings.ToLower(t)
		}
		r.rows[i] = e.model.Row(t, e.config.MaxLength)
	}
	return r
}

// Inference implements Reader.
func (r *Embedding) Inference() *Inference { return r.from.infer }

// Rows implements Reader.
func (r *Embedding) Rows() []Row { return r.rows }

// Take implements Reader.
func (r *Embedding) Take(i int, x []float32, b *nn.Batch) error {
	v := make([]float32, r.from.infer.width)
	r.from.pool.Forward(v, x, b, len(v))
	if r.from.config.Normalize {
		nn.UnitRows(v, 1, len(v))
	}
	r.Vectors[i] = v
	return nil
}
