package tagger

import (
	"context"
	"fmt"
	"io/fs"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// Task is what the passport of a tagger says.
const Task = "tag"

// batch is how many rows are encoded at once.
const batch = 32

// Settings are what prediction needs besides the weights. The passport holds them.
type Settings struct {
	MaxLength int `json:"max_length"` // most tokens of a row; a longer sentence is read in several
}

// A Tag is what a word is, with its probability.
type Tag struct {
	Label string
	Score float64
}

// A Predictor tags words. It is safe for concurrent use.
type Predictor struct {
	model    *text.Model
	infer    *text.Inference
	head     *text.Head // to [C], of every token
	settings Settings
	passport *adapter.Passport
}

// Load attaches the adapter folder dir to base. It returns adapter.ErrBaseMismatch for another base than the adapter was made on,
// adapter.ErrTask for another task's adapter, and an error that wraps adapter's ErrPassport, ErrTensors or ErrDigest, or one of checkpoint's,
// for a damaged one.
func Load(dir string, base *text.Model) (*Predictor, error) {
	return adapter.In(dir, func(fsys fs.FS) (*Predictor, error) { return LoadFS(fsys, base) })
}

// LoadFS is Load from the root of fsys, whose files must be able to read at an offset, as embedded ones are.
func LoadFS(fsys fs.FS, base *text.Model) (*Predictor, error) {
	var s Settings
	var linear *nn.Linear
	m, p, err := adapter.Attach(fsys, Task, base, &s, func(p *adapter.Passport) ([]*nn.Param, error) {
		if len(p.Labels) < 2 {
			return nil, fmt.Errorf("tagger: %w: got %d labels, want at least 2", adapter.ErrPassport, len(p.Labels))
		}
		linear = nn.NewLinear(headName, base.Width(), len(p.Labels))
		return linear.Params(), nil
	})
	if err != nil {
		return nil, err
	}
	t, err := New(m, linear, p.Labels, s)
	if err != nil {
		return nil, err
	}
	t.passport = p
	return t, nil
}

// New makes a predictor of a model and a head as they are now.
func New(m *text.Model, linear *nn.Linear, labels []string, s Settings) (*Predictor, error) {
	if len(labels) != linear.Out() {
		return nil, fmt.Errorf("tagger: got %d labels, want %d", len(labels), linear.Out())
	}
	return newPredictor(m, text.NewHead(text.TaskTokenClassify, linear, slices.Clone(labels), ""), s)
}

// FromHead makes a predictor of a checkpoint of transformers that has a head for token classification, as text.LoadHead gives it.
func FromHead(m *text.Model, h *text.Head) (*Predictor, error) {
	if h.Task != text.TaskTokenClassify {
		return nil, fmt.Errorf("tagger: the head is one for %s, want %s", h.Task, text.TaskTokenClassify)
	}
	return newPredictor(m, h, Settings{MaxLength: m.Length(0)})
}

func newPredictor(m *text.Model, h *text.Head, s Settings) (*Predictor, error) {
	f := m.Tokenizer.Frame(false)
	if least := f.Len() + 1; s.MaxLength < least || s.MaxLength > m.Length(0) {
		return nil, fmt.Errorf("tagger: max_length: got %d, want %d to %d", s.MaxLength, least, m.Length(0))
	}
	return &Predictor{model: m, infer: m.Snapshot(), head: h, settings: s}, nil
}

// Labels lists the tags, in the order of the logits.
func (p *Predictor) Labels() []string { return slices.Clone(p.head.Labels) }

// Settings are what prediction needs besides the weights.
func (p *Predictor) Settings() Settings { return p.settings }

// Model is the base, or a model with the adapter's changes.
func (p *Predictor) Model() *text.Model { return p.model }

// Passport says where the adapter comes from; nil for a predictor that no adapter folder was loaded for.
func (p *Predictor) Passport() *adapter.Passport { return p.passport }

// Export writes encoder and head as a folder of transformers. With half the weights are float16.
func (p *Predictor) Export(dir string, half bool) error {
	if err := p.model.Save(dir, text.SaveOptions{Head: p.head, Half: half}); err != nil {
		return fmt.Errorf("tagger: export: %w", err)
	}
	return nil
}

// Tag gives the tag of every word. A word of characters that the tokenizer drops is outside, with a score of 0. A sentence's tags don't depend on the sentences
// beside it.
func (p *Predictor) Tag(ctx context.Context, sentences []*Sentence) ([][]Tag, error) {
	r := p.Begin(sentences)
	err := text.Read(ctx, r, batch)
	return r.Tags, err
}

// best gives the first of the tags with the largest score.
func (p *Predictor) best(scores []float32) Tag {
	best := 0
	for c, v := range scores {
		if v > scores[best] {
			best = c
		}
	}
	return Tag{p.head.Labels[best], float64(scores[best])}
}
