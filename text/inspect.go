package text

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// An Info says what a model folder holds and what can be done with it.
type Info struct {
	ModelType     string         `json:"model_type"`
	Architectures []string       `json:"architectures"`
	Parameters    int            `json:"parameters"` // of the encoder and its embeddings
	DTypes        map[string]int `json:"dtypes"`     // tensors of each, heads included
	Layers        int            `json:"num_hidden_layers"`
	Hidden        int            `json:"hidden_size"`
	Heads         int            `json:"num_attention_heads"`
	MaxLength     int            `json:"max_length"` // tokens of a row
	Tokenizer     string         `json:"tokenizer"`  // WordPiece or BPE
	Vocab         int            `json:"vocab_size"`
	Fingerprint   string         `json:"fingerprint"`
	Sentence      *SentenceInfo  `json:"sentence_transformers,omitempty"`
	Task          string         `json:"task,omitempty"`   // of the head
	Labels        []string       `json:"labels,omitempty"` // of the head
	Supports      []string       `json:"supports"`
}

// A SentenceInfo is what a folder says of vectors of whole texts.
type SentenceInfo struct {
	Pooling   string `json:"pooling"`
	Normalize bool   `json:"normalize"`
	MaxLength int    `json:"max_length"`
	Module    string `json:"unsupported_module,omitempty"`
}

// Inspect reads the model folder dir and says what it is. What can't be used gives the error that Load gives.
func Inspect(dir string) (*Info, error) {
	i, err := InspectFS(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, dir)
	}
	return i, nil
}

// InspectFS is Inspect from the root of fsys.
func InspectFS(fsys fs.FS) (*Info, error) {
	m, err := LoadFS(fsys)
	if err != nil {
		return nil, err
	}
	c := m.Config
	i := &Info{
		ModelType: c.ModelType, Architectures: c.Architectures, Layers: c.Layers, Hidden: c.Hidden, Heads: c.Heads, MaxLength: c.MaxPositions,
		Tokenizer: m.Tokenizer.Kind(), Vocab: c.VocabSize, Fingerprint: m.Fingerprint(), Supports: []string{"adapt", "embed"}, DTypes: map[string]int{},
	}
	for _, p := range m.Params() {
		i.Parameters += len(p.Value)
	}
	if s := m.Sentence; s != nil {
		i.Sentence = &SentenceInfo{Pooling: string(s.Pooling), Normalize: s.Normalize, MaxLength: s.MaxLength, Module: s.other}
	}
	h, err := LoadHeadFS(fsys, m)
	switch {
	case errors.Is(err, ErrNoHead):
	case err != nil:
		return nil, err
	default:
		i.Task, i.Labels = h.Task, h.Labels
		if h.Task != TaskReplacedTokens {
			i.Supports = append(i.Supports, "predict "+h.Task)
		}
		if h.Task == TaskFillMask && c.Continues() {
			i.Supports = append(i.Supports, "generate")
		}
	}
	slices.Sort(i.Supports)
	f, err := checkpoint.OpenWeights(fsys)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	defer f.Close()
	for _, name := range f.Names() {
		info, err := f.Info(name)
		if err != nil {
			return nil, fmt.Errorf("text: %w", err)
		}
		i.DTypes[info.DType.String()]++
	}
	return i, nil
}
