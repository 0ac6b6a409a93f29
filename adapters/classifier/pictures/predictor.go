package pictures

import (
	"context"
	"fmt"
	"image"
	"io/fs"
	"iter"
	"slices"
	"sync"

	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/vision"
)

// batch is how many pictures are encoded at once.
const batch = 32

// A Predictor classifies pictures. It is safe for concurrent use, but for Calibrate.
type Predictor struct {
	model    *vision.Model
	infer    *vision.Inference
	layer    head.Layer // to [C]
	labels   []string
	settings head.Settings
	pool     nn.Pooling
	passport *adapter.Passport
	spare    sync.Pool // of *scratch
}

// scratch is what a batch of pictures is classified in.
type scratch struct {
	pixels []float32 // [B, C, H, W]
	y      []float32 // [B, 1+N, D]
	pooled []float32 // [B, D]
	logits []float32 // [B, labels]
	scores []float32 // [B, labels]
}

// Load attaches the adapter folder dir to base. It returns adapter.ErrBaseMismatch for another base than the adapter was made on,
// adapter.ErrTask for another task's adapter, and an error that wraps adapter's ErrPassport, ErrTensors or ErrDigest, or one of checkpoint's,
// for a damaged one.
func Load(dir string, base *vision.Model) (*Predictor, error) {
	return adapter.In(dir, func(fsys fs.FS) (*Predictor, error) { return LoadFS(fsys, base) })
}

// LoadFS is Load from the root of fsys, whose files must be able to read at an offset, as embedded ones are.
func LoadFS(fsys fs.FS, base *vision.Model) (*Predictor, error) {
	var s head.Settings
	var layer head.Layer
	m, passport, err := adapter.Attach(fsys, head.Task, base, &s, func(p *adapter.Passport) ([]*nn.Param, error) {
		var err error
		if layer, err = head.For(p, &s, base.Width()); err != nil {
			return nil, err
		}
		return layer.Params(), nil
	})
	if err != nil {
		return nil, err
	}
	p, err := New(m, layer, passport.Labels, s)
	if err != nil {
		return nil, err
	}
	p.passport = passport
	return p, nil
}

// New makes a predictor of a model and a head as they are now.
func New(m *vision.Model, layer head.Layer, labels []string, s head.Settings) (*Predictor, error) {
	pool, err := vision.ParsePooling(s.Pooling)
	if err != nil {
		return nil, fmt.Errorf("pictures: %w", err)
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("pictures: %w", err)
	}
	if s.MaxLength != 0 {
		return nil, fmt.Errorf("pictures: max_length: got %d, want none", s.MaxLength)
	}
	if layer.In() != m.Width() {
		return nil, fmt.Errorf("pictures: got a head of width %d, want %d", layer.In(), m.Width())
	}
	if err := layer.Check(labels, &s); err != nil {
		return nil, fmt.Errorf("pictures: %w", err)
	}
	p := &Predictor{model: m, infer: m.Snapshot(), layer: layer, labels: slices.Clone(labels), settings: s, pool: pool}
	p.spare.New = func() any { return new(scratch) }
	return p, nil
}

// FromHead makes a predictor of a checkpoint of transformers' ViTForImageClassification, whose head vision.LoadHead gives.
func FromHead(m *vision.Model, h *vision.Head) (*Predictor, error) {
	return New(m, head.Layer{Linear: h.Linear}, h.Labels, head.Settings{Pooling: string(nn.PoolCLS)})
}

// Labels lists the classes, in the order of the logits.
func (p *Predictor) Labels() []string { return slices.Clone(p.labels) }

// Settings are what prediction needs besides the weights.
func (p *Predictor) Settings() head.Settings { return p.settings }

// Model is the base, or a model with the adapter's changes.
func (p *Predictor) Model() *vision.Model { return p.model }

// Passport says where the adapter comes from; nil for a predictor that no adapter folder was loaded for.
func (p *Predictor) Passport() *adapter.Passport { return p.passport }

// Predict returns the scores of all labels for every picture, best first. A picture's scores don't depend on the pictures beside it.
func (p *Predictor) Predict(ctx context.Context, all []*image.NRGBA) ([][]head.Score, error) {
	ranked := make([][]head.Score, len(all))
	err := p.each(ctx, p.pixels(all), func(i int, _, probabilities []float32) { ranked[i] = head.Rank(p.labels, probabilities) })
	if err != nil {
		return nil, err
	}
	return ranked, nil
}

// Judge is Predict with what the calibration says of every picture: whether its best label is to be relied on, and if not, why. A picture's judgement doesn't depend on
// the pictures beside it.
func (p *Predictor) Judge(ctx context.Context, all []*image.NRGBA) ([]head.Judged, error) {
	judged := make([]head.Judged, len(all))
	err := p.each(ctx, p.pixels(all), func(i int, logits, probabilities []float32) {
		judged[i] = p.settings.Judge(p.labels, logits, probabilities)
	})
	if err != nil {
		return nil, err
	}
	return judged, nil
}

// Calibrate replaces Settings.Calibration; nil takes it away. It must not run beside other methods.
func (p *Predictor) Calibrate(c *calibration.Classes) { p.settings.Calibration = c }

// pixels makes the model's input of every picture.
func (p *Predictor) pixels(all []*image.NRGBA) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		for i, m := range all {
			pixels := make([]float32, p.size())
			err := p.model.Processor.Process(pixels, m)
			if err != nil {
				err = fmt.Errorf("pictures: picture %d: %w", i, err)
			}
			if !yield(pixels, err) || err != nil {
				return
			}
		}
	}
}

// AppendScores appends the probability of every label, in the order of Labels, for one picture to dst. It makes no garbage in steady state where
// dst has room; the probabilities are those that Predict gives.
func (p *Predictor) AppendScores(dst []float32, m *image.NRGBA) ([]float32, error) {
	s := p.spare.Get().(*scratch)
	defer p.spare.Put(s)
	if err := p.model.Processor.Process(kernels.Grow(&s.pixels, p.size()), m); err != nil {
		return dst, fmt.Errorf("pictures: %w", err)
	}
	if err := p.classify(s, 1); err != nil {
		return dst, err
	}
	return append(dst, s.scores...), nil
}

// size is the number of values of a picture's pixels.
func (p *Predictor) size() int {
	c := &p.model.Config
	return c.Channels * c.ImageSize * c.ImageSize
}

// each hands over the logits [C] and probabilities [C] of every picture, whose pixels come in order; they are valid until give returns.
func (p *Predictor) each(ctx context.Context, pixels iter.Seq2[[]float32, error], give func(i int, logits, probabilities []float32)) error {
	s := p.spare.Get().(*scratch)
	defer p.spare.Put(s)
	s.pixels = s.pixels[:0]
	c, size, done := len(p.labels), p.size(), 0
	flush := func() error {
		n := len(s.pixels) / size
		if n == 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.classify(s, n); err != nil {
			return err
		}
		for i := range n {
			give(done+i, s.logits[i*c:(i+1)*c], s.scores[i*c:(i+1)*c])
		}
		done, s.pixels = done+n, s.pixels[:0]
		return nil
	}
	for x, err := range pixels {
		if err != nil {
			return err
		}
		if s.pixels = append(s.pixels, x...); len(s.pixels) == batch*size {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// classify sets the logits and scores of n pictures from their pixels.
func (p *Predictor) classify(s *scratch, n int) error {
	c, d, t := len(p.labels), p.infer.Width(), p.infer.Tokens()
	y, pooled, logits, scores := kernels.Grow(&s.y, n*t*d), kernels.Grow(&s.pooled, n*d), kernels.Grow(&s.logits, n*c), kernels.Grow(&s.scores, n*c)
	if err := p.infer.Encode(y, s.pixels, n); err != nil {
		return err
	}
	p.pool.Forward(pooled, y, &nn.Batch{B: n, T: t}, d)
	if p.settings.Normalize {
		nn.UnitRows(pooled, n, d)
	}
	if p.layer.Near != nil {
		p.layer.Near.Vote(logits, scores, pooled, n)
		return nil
	}
	if err := p.layer.Linear.Forward(logits, pooled, n, nil); err != nil {
		return fmt.Errorf("pictures: %w", err)
	}
	kernels.Softmax(scores, logits, n, c)
	return nil
}
