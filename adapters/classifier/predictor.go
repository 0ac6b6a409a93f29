package classifier

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// Task is what a classifier's passport says.
const Task = head.Task

// batch is how many texts are encoded at once.
const batch = 32

// Settings are what prediction needs besides the weights. The passport holds them.
type Settings = head.Settings

// A Score is a label with its probability, as Hugging Face's text-classification pipeline gives it.
type Score = head.Score

// A Judged is what Judge says of a text: its scores and, with a calibration, whether they are to be relied on.
type Judged = head.Judged

// A Predictor classifies texts. It is safe for concurrent use, but for Calibrate.
type Predictor struct {
	model    *text.Model
	infer    *text.Inference
	head     *text.Head       // to [C]
	near     *head.Neighbours // in its place; nil: none
	labels   []string
	settings Settings
	pool     nn.Pooling
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
	var layer head.Layer
	m, p, err := adapter.Attach(fsys, Task, base, &s, func(p *adapter.Passport) ([]*nn.Param, error) {
		var err error
		if layer, err = head.For(p, &s, base.Width()); err != nil {
			return nil, err
		}
		return layer.Params(), nil
	})
	if err != nil {
		return nil, err
	}
	c, err := New(m, layer, p.Labels, s)
	if err != nil {
		return nil, err
	}
	c.passport = p
	return c, nil
}

// New makes a predictor of a model and a head as they are now.
func New(m *text.Model, layer head.Layer, labels []string, s Settings) (*Predictor, error) {
	pool, err := nn.ParsePooling(s.Pooling)
	if err != nil {
		return nil, fmt.Errorf("classifier: %w", err)
	}
	if s.MaxLength < 3 || s.MaxLength > m.Length(0) {
		return nil, fmt.Errorf("classifier: max_length: got %d, want 3 to %d", s.MaxLength, m.Length(0))
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("classifier: %w", err)
	}
	if err := layer.Check(labels, &s); err != nil {
		return nil, err
	}
	h := text.NewHead(text.TaskTextClassification, layer.Linear, slices.Clone(labels), pool)
	h.Normalize = s.Normalize
	return &Predictor{model: m, infer: m.Snapshot(), head: h, near: layer.Near, labels: h.Labels, settings: s, pool: pool}, nil
}

// FromHead makes a predictor of a checkpoint of transformers that has a head for text classification, as text.LoadHead gives it.
func FromHead(m *text.Model, h *text.Head) (*Predictor, error) {
	if h.Task != text.TaskTextClassification {
		return nil, fmt.Errorf("classifier: the head is one for %s, want %s", h.Task, text.TaskTextClassification)
	}
	s := Settings{MaxLength: m.Length(0), Pooling: string(h.Pooling)}
	return &Predictor{model: m, infer: m.Snapshot(), head: h, labels: h.Labels, settings: s, pool: h.Pooling}, nil
}

// Labels lists the classes, in the order of the logits.
func (p *Predictor) Labels() []string { return slices.Clone(p.labels) }

// Export writes encoder and head as a folder of sentence-transformers whose vectors are the logits, or, where FromHead made the predictor, as
// the checkpoint that they came from. With half the weights are float16.
func (p *Predictor) Export(dir string, half bool) error {
	if p.near != nil {
		return errors.New("classifier: export: got a head of neighbours, want a dense layer, for others know no such head")
	}
	if err := p.model.Save(dir, text.SaveOptions{Head: p.head, Half: half}); err != nil {
		return fmt.Errorf("classifier: export: %w", err)
	}
	return nil
}

// Settings are what prediction needs besides the weights.
func (p *Predictor) Settings() Settings { return p.settings }

// Model is the base, or a model with the adapter's changes.
func (p *Predictor) Model() *text.Model { return p.model }

// Passport says where the adapter comes from; nil for a predictor that no adapter folder was loaded for.
func (p *Predictor) Passport() *adapter.Passport { return p.passport }

// Predict returns the scores of all labels for every text, best first. A text's scores don't depend on the texts beside it.
func (p *Predictor) Predict(ctx context.Context, texts []string) ([][]Score, error) {
	all := make([][]Score, len(texts))
	err := p.each(ctx, texts, func(i int, _, probabilities []float32) {
		all[i] = head.Rank(p.labels, probabilities)
	})
	return all, err
}

// Judge is Predict with what the calibration says of every text: whether its best label is to be relied on, and if not, why. A text's judgement doesn't depend on the
// texts beside it.
func (p *Predictor) Judge(ctx context.Context, texts []string) ([]Judged, error) {
	all := make([]Judged, len(texts))
	err := p.each(ctx, texts, func(i int, logits, probabilities []float32) {
		all[i] = p.settings.Judge(p.labels, logits, probabilities)
	})
	return all, err
}

// Calibrate replaces Settings.Calibration; nil takes it away. It must not run beside other methods.
func (p *Predictor) Calibrate(c *calibration.Classes) { p.settings.Calibration = c }

// AppendScores appends the probability of every label, in the order of Labels, for one text to dst. It makes no garbage in steady state where
// dst has room; the probabilities are those that Predict gives.
func (p *Predictor) AppendScores(dst []float32, text string) ([]float32, error) {
	r, err := p.infer.Read(text, p.settings.MaxLength)
	if err != nil {
		return dst, err
	}
	defer r.Close()
	n, c, d := len(dst), len(p.labels), p.infer.Width()
	pooled := r.Scratch(d)
	p.vectors(pooled, r.X, &r.Batch)
	dst = slices.Grow(dst, c)[:n+c]
	if err := p.score(dst[n:], dst[n:], pooled, 1); err != nil {
		return dst[:n], err
	}
	return dst, nil
}

// each hands over the logits [C] and probabilities [C] of every text, which are valid until give returns.
func (p *Predictor) each(ctx context.Context, texts []string, give func(i int, logits, probabilities []float32)) error {
	rows := make([]text.Row, len(texts))
	for i, t := range texts {
		rows[i] = p.model.Row(t, p.settings.MaxLength)
	}
	c, d := len(p.labels), p.infer.Width()
	pooled, logits, scores := make([]float32, batch*d), make([]float32, batch*c), make([]float32, batch*c)
	return p.infer.Each(ctx, rows, batch, func(x []float32, b *nn.Batch, at []int32) error {
		p.vectors(pooled, x, b)
		if err := p.score(logits, scores, pooled, b.B); err != nil {
			return err
		}
		for i, r := range at {
			give(int(r), logits[i*c:(i+1)*c], scores[i*c:(i+1)*c])
		}
		return nil
	})
}

// vectors sets what the head reads, y [B, D], from the tokens' vectors x [B, T, D].
func (p *Predictor) vectors(y, x []float32, b *nn.Batch) {
	d := p.infer.Width()
	p.pool.Forward(y, x, b, d)
	if p.settings.Normalize {
		nn.UnitRows(y, b.B, d)
	}
}

// score sets the logits and the probabilities [N, C] of what the head reads, x [N, D]. They may be the same values, then probabilities in the end.
func (p *Predictor) score(logits, probabilities, x []float32, n int) error {
	if p.near != nil {
		p.near.Vote(logits, probabilities, x, n)
		return nil
	}
	if err := p.head.Logits(logits, x, n); err != nil {
		return err
	}
	c := len(p.labels)
	copy(probabilities[:n*c], logits)
	p.head.Scores.Apply(probabilities, n, c)
	return nil
}
