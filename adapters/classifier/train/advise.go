package train

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/transfer"
)

// A Probe looks in less than a minute at which of some bases suits labelled examples: on a sample it cross-validates logistic regression over the vectors of every
// base as it is, beside the cheap baseline, and measures what a base needs. It trains no base, so what tuning would add is not in its scores.
type Probe[E any] struct {
	Examples []E
	Label    func(E) string
	Bases    []Candidate[E]
	Cheap    transfer.Arm[E]
	Settings []int // choices of Cheap that are tried; the best of them counts, which favours it
	Limits   Limits
	Sample   int           // most examples, 0: 400
	Time     time.Duration // bases that it has no time for are left out; 0: 50 s
	Seed     uint64
	Log      io.Writer
}

// Limits are what a prediction may need; 0 means anything.
type Limits struct {
	Latency time.Duration // the 99th percentile of one answer
	Memory  int64         // bytes of the base's weights as they lie in memory
	Size    int64         // bytes of the base's files and the adapter's
}

// A Candidate is a base to probe.
type Candidate[E any] struct {
	Name  string
	Bytes int64 // of its files
	Open  func() (Encoder[E], error)
}

// An Encoder makes vectors of a base as it is.
type Encoder[E any] struct {
	Width  int                                                        // D
	Params int                                                        // of the base
	LoRA   int                                                        // numbers that low-rank changes of it learn
	Embed  func(ctx context.Context, examples []E) ([]float32, error) // [N, D]; a vector doesn't depend on the examples beside it
}

// The folds of the cross-validation, and its defaults.
const (
	folds         = 4
	defaultSample = 400
	defaultTime   = 50 * time.Second
	probed        = 0.3 // C of the regression, as in Defaults
)

// Run probes. Without two classes of at least two examples it is a finetune.ErrConfig.
func (p Probe[E]) Run(ctx context.Context) (*Advice, error) {
	begin := time.Now()
	if p.Sample == 0 {
		p.Sample = defaultSample
	}
	if p.Time == 0 {
		p.Time = defaultTime
	}
	if p.Sample < folds || p.Time < 0 || len(p.Settings) == 0 {
		return nil, fmt.Errorf("%w: advise: got a sample of %d, %v, %d settings of the baseline, want at least %d, 0 s and 1", finetune.ErrConfig, p.Sample, p.Time, len(p.Settings), folds)
	}
	sample, fold := p.sample()
	names := slices.Compact(slices.Sorted(slices.Values(labelsOf(sample, p.Label))))
	if len(names) < 2 {
		return nil, fmt.Errorf("%w: advise: got the classes %q with at least two examples in the sample, want at least 2", finetune.ErrConfig, names)
	}
	a := &Advice{Examples: len(p.Examples), Sample: len(sample), Classes: len(names), Limits: p.Limits}
	if err := p.cheap(ctx, sample, fold, a); err != nil {
		return nil, err
	}
	p.told(a.Baseline.Name, a.Baseline.Accuracy, begin)
	for _, b := range p.Bases {
		left := p.Time - time.Since(begin)
		c, err := p.base(ctx, b, sample, fold, names, left, a)
		if err != nil {
			return nil, fmt.Errorf("advise: %s: %w", b.Name, err)
		}
		if c.Without == "" {
			p.told(c.Name, c.Accuracy, begin)
		}
		a.Bases = append(a.Bases, c)
	}
	a.Seconds = time.Since(begin).Seconds()
	a.recommend()
	return a, nil
}

func (p *Probe[E]) told(name string, accuracy float64, begin time.Time) {
	if p.Log != nil {
		fmt.Fprintf(p.Log, "%s: accuracy %.1f after %.1f s\n", name, 100*accuracy, time.Since(begin).Seconds())
	}
}
