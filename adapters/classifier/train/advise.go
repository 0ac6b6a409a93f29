package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/nn"
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

// sample takes some examples of every class, as evenly as the sample has room for, without classes of one example, and gives each a fold.
func (p *Probe[E]) sample() (sample []E, fold []int) {
	all := labelsOf(p.Examples, p.Label)
	count := map[string]int{}
	for _, l := range all {
		count[l]++
	}
	var at []int
	if k := max(p.Sample/max(len(count), 1), 2); len(all) > p.Sample {
		for _, l := range slices.Sorted(maps.Keys(count)) {
			var own []int
			for i, other := range all {
				if other == l {
					own = append(own, i)
				}
			}
			some, err := transfer.Draw(own, min(k, len(own)), p.Seed)
			if err == nil {
				at = append(at, some...)
			}
		}
		slices.Sort(at)
	} else {
		for i := range all {
			at = append(at, i)
		}
	}
	next := map[string]int{}
	for _, i := range at {
		if count[all[i]] < 2 {
			continue
		}
		sample, fold = append(sample, p.Examples[i]), append(fold, (next[all[i]]+len(next))%folds)
		next[all[i]]++
	}
	return sample, fold
}

func labelsOf[E any](examples []E, label func(E) string) []string {
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = label(e)
	}
	return all
}

// crossed calls fit for every fold, with the numbers of the examples of the others and of its own, and gathers what is right.
func crossed(fold []int, fit func(train, held []int) ([]float64, error)) ([]float64, error) {
	right := make([]float64, len(fold))
	for f := range folds {
		var train, held []int
		for i, g := range fold {
			if g == f {
				held = append(held, i)
			} else {
				train = append(train, i)
			}
		}
		if len(train) == 0 || len(held) == 0 {
			continue
		}
		got, err := fit(train, held)
		if err != nil {
			return nil, err
		}
		for j, i := range held {
			right[i] = got[j]
		}
	}
	return right, nil
}

// cheap cross-validates the baseline.
func (p *Probe[E]) cheap(ctx context.Context, sample []E, fold []int, a *Advice) error {
	var last *transfer.Model[E]
	for _, choice := range p.Settings {
		right, err := crossed(fold, func(train, held []int) ([]float64, error) {
			m, err := p.Cheap.Fit(ctx, data.Pick(sample, train), choice, p.Seed)
			if err != nil {
				return nil, err
			}
			last = m
			score, err := m.Answer(ctx, data.Pick(sample, held))
			if err != nil {
				return nil, err
			}
			items, err := score()
			got := make([]float64, len(items))
			for i, r := range items {
				got[i] = r.Num
			}
			return got, err
		})
		if err != nil {
			return fmt.Errorf("advise: %s: %w", p.Cheap.About, err)
		}
		if m := metrics.Mean(right); a.right == nil || m > a.Baseline.Accuracy {
			a.Baseline, a.right = Probed{Name: p.Cheap.About, Setting: p.Cheap.Choices[choice], Accuracy: m}, right
		}
	}
	i := 0
	l, err := transfer.TimeAnswers(func() error {
		_, err := last.Answer(ctx, sample[i%len(sample):][:1])
		i++
		return err
	})
	if err != nil {
		return fmt.Errorf("advise: %s: %w", p.Cheap.About, err)
	}
	a.Baseline.Latency = l
	return nil
}

// base cross-validates one base; what hinders it is said in Without.
func (p *Probe[E]) base(ctx context.Context, b Candidate[E], sample []E, fold []int, names []string, left time.Duration, a *Advice) (Probed, error) {
	out := Probed{Name: b.Name}
	if left <= 0 {
		out.Without = "no time was left"
		return out, nil
	}
	begin := time.Now()
	e, err := b.Open()
	if err != nil {
		out.Without = "it can't be opened: " + err.Error()
		return out, nil //nolint:nilerr // the others may do
	}
	i := 0
	if out.Latency, err = transfer.TimeAnswers(func() error {
		_, err := e.Embed(ctx, sample[i%len(sample):][:1])
		i++
		return err
	}); err != nil {
		return out, err
	}
	// The weights, and the copy of them that prediction packs.
	out.Memory = 2 * 4 * int64(e.Params)
	head := 4 * int64(len(names)) * int64(e.Width+1)
	out.Sizes = Sizes{Base: b.Bytes, Head: b.Bytes + head, LoRA: b.Bytes + head + 4*int64(e.LoRA), Full: b.Bytes + head + 4*int64(e.Params)}
	if need := time.Duration(out.Latency.P50 * float64(len(sample)) * float64(time.Millisecond)); need > left-time.Since(begin) {
		out.Without = fmt.Sprintf("its vectors of %d examples would take %.0f s", len(sample), need.Seconds())
		return out, nil
	}
	timed, cancel := context.WithTimeoutCause(ctx, left-time.Since(begin), errNoTime)
	defer cancel()
	x, err := e.Embed(timed, sample)
	if err != nil {
		return out.outOfTime(timed, err)
	}
	targets := make([]int32, len(sample))
	for i, l := range labelsOf(sample, p.Label) {
		at, _ := slices.BinarySearch(names, l)
		targets[i] = int32(at)
	}
	right, err := crossed(fold, func(train, held []int) ([]float64, error) {
		if timed.Err() != nil {
			return nil, context.Cause(timed)
		}
		return regressed(x, targets, train, held, e.Width, len(names))
	})
	if err != nil {
		return out.outOfTime(timed, err)
	}
	out.Accuracy, out.Setting = metrics.Mean(right), fmt.Sprintf("logistic regression over its vectors, C %g", probed)
	d, err := metrics.PairedBootstrap([][]float64{right}, [][]float64{a.right}, 1)
	if err != nil {
		return out, err
	}
	out.Gain = &transfer.Gain{Over: a.Baseline.Name, Mean: d.Mean, Interval: [2]float64{d.Low, d.High}}
	out.Within = p.Limits.hold(&out)
	return out, nil
}

var errNoTime = errors.New("the time ran out")

// outOfTime says so where that is what ended a probe, and keeps other errors.
func (p Probed) outOfTime(timed context.Context, err error) (Probed, error) {
	if timed.Err() != nil && errors.Is(context.Cause(timed), errNoTime) {
		p.Without = errNoTime.Error()
		return p, nil
	}
	return p, err
}

// regressed fits vectors x [N, D] of some examples and says which of others it labels right.
func regressed(x []float32, targets []int32, train, held []int, d, classes int) ([]float64, error) {
	l := nn.NewLinear("probe", d, classes)
	rows := func(at []int) (v []float32, y []int32) {
		for _, i := range at {
			v, y = append(v, x[i*d:(i+1)*d]...), append(y, targets[i])
		}
		return v, y
	}
	v, y := rows(train)
	if err := nn.LogisticRegression(l, v, y, probed); err != nil {
		return nil, err
	}
	v, y = rows(held)
	logits := make([]float32, len(held)*classes)
	if err := l.Forward(logits, v, len(held), &nn.Batch{}); err != nil {
		return nil, err
	}
	right := make([]float64, len(held))
	for i := range held {
		row := logits[i*classes : (i+1)*classes]
		best := 0
		for j, s := range row {
			if s > row[best] || math.IsNaN(float64(row[best])) {
				best = j
			}
		}
		if int32(best) == y[i] {
			right[i] = 1
		}
	}
	return right, nil
}
