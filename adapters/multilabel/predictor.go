package multilabel

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// Task is what the passport of such an adapter says.
const Task = "multilabel"

// Settings are what prediction needs besides the weights. The passport holds them.
type Settings struct {
	MaxLength int     `json:"max_length"` // most tokens of a text; what is longer is cut
	Pooling   string  `json:"pooling"`    // mean, cls or max
	Normalize bool    `json:"normalize"`  // scale the pooled vector to length 1
	Threshold float64 `json:"threshold"`  // a label counts from this score on
}

// A Score is a label with its probability.
type Score struct {
	Label string  `json:"label"`
	Score float64 `json:"score"`
}

// A Predictor labels texts. It is safe for concurrent use.
type Predictor struct {
	scorer   *text.Scorer
	labels   []string
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
	m, passport, err := adapter.Attach(fsys, Task, base, &s, func(p *adapter.Passport) ([]*nn.Param, error) {
		if len(p.Labels) == 0 {
			return nil, fmt.Errorf("multilabel: %w: got no labels", adapter.ErrPassport)
		}
		linear = NewLoss(base.Width(), len(p.Labels)).Linear
		return linear.Params(), nil
	})
	if err != nil {
		return nil, err
	}
	p, err := New(m, linear, passport.Labels, s)
	if err != nil {
		return nil, err
	}
	p.passport = passport
	return p, nil
}

// NewLoss makes the head for width d and c labels: a dense layer called classifier, as in transformers, and its loss.
func NewLoss(d, c int) *nn.TargetLoss { return nn.NewTargetLoss("classifier", d, c, true) }

// New makes a predictor of a model and a head as they are now.
func New(m *text.Model, linear *nn.Linear, labels []string, s Settings) (*Predictor, error) {
	pool, err := nn.ParsePooling(s.Pooling)
	if err != nil {
		return nil, fmt.Errorf("multilabel: %w", err)
	}
	if len(labels) != linear.Out() {
		return nil, fmt.Errorf("multilabel: got %d labels, want %d", len(labels), linear.Out())
	}
	if !(s.Threshold >= 0 && s.Threshold <= 1) {
		return nil, fmt.Errorf("multilabel: threshold: got %v, want 0 to 1", s.Threshold)
	}
	h := text.NewHead(text.TaskTextClassification, linear, slices.Clone(labels), pool)
	h.Normalize, h.Scores = s.Normalize, text.SigmoidScores
	scorer, err := text.NewScorer(m, h, s.MaxLength)
	if err != nil {
		return nil, fmt.Errorf("multilabel: %w", err)
	}
	return &Predictor{scorer: scorer, labels: h.Labels, settings: s}, nil
}

// Labels lists the labels, in the order of the logits.
func (p *Predictor) Labels() []string { return slices.Clone(p.labels) }

// Export writes encoder and head as a folder of sentence-transformers whose vectors are the logits, of which a label's score is the sigmoid. With half the weights are float16.
func (p *Predictor) Export(dir string, half bool) error {
	if err := p.scorer.Save(dir, half); err != nil {
		return fmt.Errorf("multilabel: export: %w", err)
	}
	return nil
}

// Settings are what prediction needs besides the weights.
func (p *Predictor) Settings() Settings { return p.settings }

// Model is the base, or a model with the adapter's changes.
func (p *Predictor) Model() *text.Model { return p.scorer.Model() }

// Passport says where the adapter comes from; nil for a predictor that no adapter folder was loaded for.
func (p *Predictor) Passport() *adapter.Passport { return p.passport }

// Predict returns the labels of every text whose scores reach the threshold, best first. A text's labels don't depend on the texts beside it.
func (p *Predictor) Predict(ctx context.Context, texts []string) ([][]Score, error) {
	all := make([][]Score, len(texts))
	err := p.scorer.Each(ctx, texts, func(i int, scores []float32) { all[i] = p.reached(scores) })
	return all, err
}

// reached lists the labels whose scores [C] reach the threshold, best first.
func (p *Predictor) reached(scores []float32) []Score {
	all := []Score{}
	for c, v := range scores {
		if float64(v) >= p.settings.Threshold {
			all = append(all, Score{p.labels[c], float64(v)})
		}
	}
	slices.SortStableFunc(all, func(a, b Score) int { return cmp.Compare(b.Score, a.Score) })
	return all
}

// Scores returns the scores of every label [N, C], in the order of Labels.
func (p *Predictor) Scores(ctx context.Context, texts []string) ([]float64, error) {
	c := len(p.labels)
	all := make([]float64, len(texts)*c)
	err := p.scorer.Each(ctx, texts, func(i int, scores []float32) {
		for k, v := range scores {
			all[i*c+k] = float64(v)
		}
	})
	return all, err
}
