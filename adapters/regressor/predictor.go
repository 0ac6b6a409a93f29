package regressor

import (
	"context"
	"fmt"
	"io/fs"
	"math"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// Task is what the passport of such an adapter says.
const Task = "regress"

// Settings are what prediction needs besides the weights. The passport holds them.
type Settings struct {
	MaxLength int     `json:"max_length"` // most tokens of a text; what is longer is cut
	Pooling   string  `json:"pooling"`    // mean, cls or max
	Normalize bool    `json:"normalize"`  // scale the pooled vector to length 1
	Mean      float64 `json:"mean"`       // of the targets: an output of z answers Mean + z Deviation
	Deviation float64 `json:"deviation"`  // above 0
}

// A Predictor gives texts numbers. It is safe for concurrent use.
type Predictor struct {
	scorer   *text.Scorer
	linear   *nn.Linear
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
		if len(p.Labels) != 0 {
			return nil, fmt.Errorf("regressor: %w: got %d labels, want none", adapter.ErrPassport, len(p.Labels))
		}
		linear = NewLoss(base.Width()).Linear
		return linear.Params(), nil
	})
	if err != nil {
		return nil, err
	}
	p, err := New(m, linear, s)
	if err != nil {
		return nil, err
	}
	p.passport = passport
	return p, nil
}

// NewLoss makes the head for width d: a dense layer called classifier, as in transformers, and its loss.
func NewLoss(d int) *nn.TargetLoss { return nn.NewTargetLoss("classifier", d, 1, false) }

// New makes a predictor of a model and a head as they are now.
func New(m *text.Model, linear *nn.Linear, s Settings) (*Predictor, error) {
	pool, err := nn.ParsePooling(s.Pooling)
	if err != nil {
		return nil, fmt.Errorf("regressor: %w", err)
	}
	if math.IsNaN(s.Mean) || math.IsInf(s.Mean, 0) || !(s.Deviation > 0) || math.IsInf(s.Deviation, 1) {
		return nil, fmt.Errorf("regressor: got mean %v and deviation %v, want finite ones, the second above 0", s.Mean, s.Deviation)
	}
	if linear.Out() != 1 {
		return nil, fmt.Errorf("regressor: got %d outputs, want 1", linear.Out())
	}
	h := text.NewHead(text.TaskTextClassification, linear, nil, pool)
	h.Normalize, h.Scores = s.Normalize, text.RawScores
	scorer, err := text.NewScorer(m, h, s.MaxLength)
	if err != nil {
		return nil, fmt.Errorf("regressor: %w", err)
	}
	return &Predictor{scorer: scorer, linear: linear, settings: s}, nil
}

// Export writes encoder and head as a folder of sentence-transformers whose vectors, of one element, are the numbers: the mean and the deviation of the targets become part of the
// head. With half the weights are float16.
func (p *Predictor) Export(dir string, half bool) error {
	scaled := nn.NewLinear("classifier", p.linear.In(), 1)
	for i, w := range p.linear.W.Value {
		scaled.W.Value[i] = float32(float64(w) * p.settings.Deviation)
	}
	scaled.B.Value[0] = float32(p.number(p.linear.B.Value))
	q, err := New(p.Model(), scaled, Settings{p.settings.MaxLength, p.settings.Pooling, p.settings.Normalize, 0, 1})
	if err == nil {
		err = q.scorer.Save(dir, half)
	}
	if err != nil {
		return fmt.Errorf("regressor: export: %w", err)
	}
	return nil
}

// Settings are what prediction needs besides the weights.
func (p *Predictor) Settings() Settings { return p.settings }

// Model is the base, or a model with the adapter's changes.
func (p *Predictor) Model() *text.Model { return p.scorer.Model() }

// Passport says where the adapter comes from; nil for a predictor that no adapter folder was loaded for.
func (p *Predictor) Passport() *adapter.Passport { return p.passport }

// Predict returns the number of every text. A text's number doesn't depend on the texts beside it.
func (p *Predictor) Predict(ctx context.Context, texts []string) ([]float64, error) {
	all := make([]float64, len(texts))
	err := p.scorer.Each(ctx, texts, func(i int, scores []float32) { all[i] = p.number(scores) })
	return all, err
}

// number is what the head's one score says.
func (p *Predictor) number(scores []float32) float64 {
	return p.settings.Mean + float64(float64(scores[0])*p.settings.Deviation)
}
