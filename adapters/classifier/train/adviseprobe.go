package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/transfer"
)

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
