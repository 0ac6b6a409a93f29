package search

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// Settings say how texts become vectors. Zero values mean what the base's folder says.
type Settings struct {
	Pooling   string `json:"pooling"`    // mean, cls or max
	MaxLength int    `json:"max_length"` // most tokens of a text; what is longer is cut
}

// An Index holds passages to be found. Search is safe for concurrent use, but not beside Add.
type Index struct {
	base     *text.Model
	embedder *text.Embedder
	settings Settings
	passages []data.Passage
	vectors  []float32         // [N, D], of length 1
	blocks   []*kernels.Packed // vectors once more, to be searched
	passport *adapter.Passport
}

// New makes an index without passages.
func New(base *text.Model, s Settings) (*Index, error) {
	e, err := text.NewEmbedder(base, text.EmbedConfig{Pooling: s.Pooling, MaxLength: s.MaxLength, Normalize: true})
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return &Index{base: base, embedder: e, settings: s}, nil
}

// Len is N, the number of passages.
func (x *Index) Len() int { return len(x.passages) }

// Width is D, the length of a vector.
func (x *Index) Width() int { return x.embedder.Width() }

// Settings say how texts become vectors.
func (x *Index) Settings() Settings { return x.settings }

// Passage gives the one at a place.
func (x *Index) Passage(i int) data.Passage { return x.passages[i] }

// Passport says where the index comes from; nil for one that wasn't loaded.
func (x *Index) Passport() *adapter.Passport { return x.passport }

// addBatch is how many passages are embedded between two looks at the context.
const addBatch = 512

// Add puts passages behind those that are there. After an error none is added.
func (x *Index) Add(ctx context.Context, passages []data.Passage) error {
	vectors := make([]float32, 0, len(passages)*x.Width())
	for at := 0; at < len(passages); at += addBatch {
		var texts []string
		for _, p := range passages[at:min(at+addBatch, len(passages))] {
			texts = append(texts, p.Text)
		}
		all, err := x.embedder.Embed(ctx, texts)
		if err != nil {
			return fmt.Errorf("search: %w", err)
		}
		for _, v := range all {
			vectors = append(vectors, v...)
		}
	}
	if err := checkpoint.RoundF16(vectors); err != nil {
		return fmt.Errorf("search: vectors: %w", err)
	}
	x.passages, x.vectors = append(x.passages, passages...), append(x.vectors, vectors...)
	x.pack()
	return nil
}

// pack packs the vectors that aren't in whole blocks yet.
func (x *Index) pack() {
	whole := 0
	for whole < len(x.blocks) && x.blocks[whole].N() == scanRows {
		whole++
	}
	x.blocks = pack(x.blocks[:whole], x.vectors[whole*scanRows*x.Width():], x.Width())
}

// param is the vectors as a folder has them.
func (x *Index) param() *nn.Param {
	return &nn.Param{Name: "vectors", Shape: []int{x.Len(), x.Width()}, Value: x.vectors}
}

// A Hit is a passage that was found, as sentence-transformers' semantic_search gives it, and its identifier and text.
type Hit struct {
	CorpusID int     `json:"corpus_id"` // the passage's place
	Score    float64 `json:"score"`     // cosine
	ID       string  `json:"id"`
	Text     string  `json:"text"`
}

// Search gives the k best passages for every query, best first.
func (x *Index) Search(ctx context.Context, queries []string, k int) ([][]Hit, error) {
	vectors, err := x.Embed(ctx, queries)
	if err != nil {
		return nil, err
	}
	return x.Nearest(ctx, vectors, k)
}

// Embed gives the vectors [D] of texts as the index compares them: of length 1, so that their product is the cosine.
func (x *Index) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	all, err := x.embedder.Embed(ctx, texts)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return all, nil
}

// Begin lays texts out for the model. Once read, their vectors are those of Embed.
func (x *Index) Begin(texts []string) *text.Embedding { return x.embedder.Begin(texts) }

// Nearest gives the k best passages for the vector [D] of every query, as Embed gives it, best first.
func (x *Index) Nearest(ctx context.Context, vectors [][]float32, k int) ([][]Hit, error) {
	if k < 1 {
		return nil, fmt.Errorf("search: k: got %d, want at least 1", k)
	}
	q := make([]float32, 0, len(vectors)*x.Width())
	for i, v := range vectors {
		if len(v) != x.Width() {
			return nil, fmt.Errorf("search: vector %d: got %d values, want %d", i, len(v), x.Width())
		}
		q = append(q, v...)
	}
	found, err := scan(ctx, x.blocks, q, x.Width(), k)
	if err != nil {
		return nil, err
	}
	hits := make([][]Hit, len(vectors))
	for i, best := range found {
		hits[i] = make([]Hit, len(best))
		for j, b := range best {
			p := &x.passages[b.at]
			hits[i][j] = Hit{CorpusID: b.at, Score: float64(b.score), ID: p.ID, Text: p.Text}
		}
	}
	return hits, nil
}
