package bench

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
)

// A reading is one shape of inference.
type reading struct{ b, t int }

func (s reading) String() string { return fmt.Sprintf("B%d T%d", s.b, s.t) }

// readings are a short query, a passage, the longest that sentence models read, and a batch of passages.
var readings = []reading{{1, 16}, {1, 128}, {1, 256}, {32, 128}}

// inferVocab is that of BERT.
const inferVocab = 30522

// A reader is an encoder that is ready to read.
type reader struct {
	encode                  func(y []float32, ids []int32, b *nn.Batch) error // y [B, T, D] from ids [B, T]
	vocab, width, positions int
}

// newReader makes a random encoder of MiniLM-L6's shape.
func newReader() (*reader, error) {
	c, err := backbone.Preset("small")
	if err != nil {
		return nil, err
	}
	c.Heads, c.MaxPositions = 12, 512
	embedding, err := nn.NewEmbedding("", c.Embedding(inferVocab))
	if err != nil {
		return nil, err
	}
	encoder, err := backbone.New(c, "")
	if err != nil {
		return nil, err
	}
	for _, p := range append(embedding.Params(), encoder.Params()...) {
		p.Init(1)
	}
	embedding, snapshot := embedding.Clone(), encoder.Snapshot()
	return &reader{vocab: inferVocab, width: c.Hidden, positions: c.MaxPositions, encode: func(y []float32, ids []int32, b *nn.Batch) error {
		if err := embedding.Infer(y, ids, nil, b); err != nil {
			return err
		}
		return snapshot.Forward(y, y, b)
	}}, nil
}

// loadReader reads the model folder dir.
func loadReader(dir string) (*reader, error) {
	m, err := text.Load(dir)
	if err != nil {
		return nil, err
	}
	snapshot := m.Snapshot()
	return &reader{vocab: m.Config.VocabSize, width: m.Width(), positions: m.Length(0), encode: func(y []float32, ids []int32, b *nn.Batch) error {
		return snapshot.Encode(y, ids, nil, b)
	}}, nil
}

// readings are the shapes that the model's positions allow.
func (r *reader) readings() []reading {
	var all []reading
	for _, s := range readings {
		if s.t <= r.positions {
			all = append(all, s)
		}
	}
	return all
}

// ids are random tokens of one shape [B, T], the same each time.
func (r *reader) ids(s reading) []int32 {
	ids := make([]int32, s.b*s.t)
	rng := random.New(random.Key(1, "bench.infer"))
	for i := range ids {
		ids[i] = int32(rng.IntN(r.vocab))
	}
	return ids
}

// work reads ids of one shape, into the last layer's vectors y [B, T, D].
func (r *reader) work(s reading) (w Work, y []float32) {
	ids, b := r.ids(s), &nn.Batch{B: s.b, T: s.t}
	y = make([]float32, s.b*s.t*r.width)
	return func() error { return r.encode(y, ids, b) }, y
}

// writeIDs writes the tokens of every shape to dir, where peers find them: <shape>.ids, little-endian int32.
func (r *reader) writeIDs(dir string) error {
	for _, s := range r.readings() {
		var raw bytes.Buffer
		if err := binary.Write(&raw, binary.LittleEndian, r.ids(s)); err != nil {
			return fmt.Errorf("bench: ids: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, s.String()+".ids"), raw.Bytes(), 0o600); err != nil {
			return fmt.Errorf("bench: %w", err)
		}
	}
	return nil
}
