package train

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/pictures"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
)

// A Transfer asks whether pretraining pays on labelled examples: it learns them from the base, from the same model with random weights, and by
// a cheap baseline, each with settings of its own chosen on the same development examples, and scores all on the same test examples.
type Transfer[E any] struct {
	Pool, Test []E
	Config     Config // Shots to draw from Pool for each seed, 0: all; Grid for both encoder arms; batch and pooling
	Seeds      int
	First      uint64    // the first of the seeds, which follow one another; 0 means 1
	Log        io.Writer // a line for each arm; nil: nobody
}

// TransferTexts compares the arms on texts; the baseline is TF-IDF with a linear model.
func TransferTexts(ctx context.Context, t Transfer[data.Labelled], base *text.Model) (TransferReport, error) {
	return compare(ctx, t, Task(), base, linear(t.Config.Shots, len(t.Pool)), func(ctx context.Context, p *classifier.Predictor, examples []data.Labelled) ([]string, error) {
		scores, err := p.Predict(ctx, textsOf(examples))
		best := make([]string, len(scores))
		for i, s := range scores {
			best[i] = s[0].Label
		}
		return best, err
	})
}

// TransferPictures compares the arms on pictures; the baseline is HOG with a linear SVM.
func TransferPictures(ctx context.Context, t Transfer[dataset.Item], base *vision.Model) (TransferReport, error) {
	return compare(ctx, t, Pictures(), base, hog(&base.Config), func(ctx context.Context, p *pictures.Predictor, items []dataset.Item) ([]string, error) {
		return p.Classes(ctx, items)
	})
}

// devSeed draws the examples that settings are chosen on; no arm is scored with it.
const devSeed = 1 << 32

// devShare is the part of all of Pool that settings are chosen on.
const devShare = 0.1

// compare runs the arms. classes gives the best label that a predictor finds for every example.
func compare[M finetune.Base[M], E any, P finetune.Predictor](
	ctx context.Context, t Transfer[E], task finetune.Task[M, Config, E, P], base M, cheap learner[E], classes func(context.Context, P, []E) ([]string, error),
) (TransferReport, error) {
	r := TransferReport{Test: len(t.Test)}
	if t.Seeds < 1 || len(t.Config.Grid) == 0 || len(t.Test) == 0 {
		return r, fmt.Errorf("%w: transfer: got %d seeds, %d choices, %d test examples, want at least 1 of each", finetune.ErrConfig, t.Seeds, len(t.Config.Grid), len(t.Test))
	}
	// encoder is a learner that tunes the whole base, or the same model from random weights. Where heads start from logistic regression either may choose a random
	// head: over the vectors of random weights, which are much alike, regression is no start.
	encoder := func(name, method string) learner[E] {
		l, n := learner[E]{name: name}, len(t.Config.Grid)
		for _, g := range t.Config.Grid {
			l.choices = append(l.choices, fmt.Sprintf("rate %g, %g epochs", g.LR, g.Epochs))
		}
		if t.Config.Logistic > 0 {
			for _, c := range l.choices[:n:n] {
				l.choices = append(l.choices, c+", random head")
			}
		}
		l.fit = func(ctx context.Context, train []E, choice int, seed uint64) (func([]E) ([]string, error), error) {
			c := t.Config
			c.Method, c.Seed, c.Shots, c.Held, c.Steps = method, seed, 0, 0, 0
			c.LR, c.Epochs, c.Grid = c.Grid[choice%n].LR, c.Grid[choice%n].Epochs, nil
			if choice >= n {
				c.Logistic, c.Normalize = 0, false
			}
			_, p, err := task.Train(ctx, base, finetune.Data[E]{Train: train}, c, finetune.Options{})
			if err != nil {
				return nil, err
			}
			return func(examples []E) ([]string, error) { return classes(ctx, p, examples) }, nil
		}
		return l
	}
	run := arms[E]{Transfer: t, split: task.Split, label: task.Label}
	var right [][][]float64
	for _, l := range []learner[E]{encoder("pretrained", adapter.Full), encoder("scratch", adapter.Scratch), cheap} {
		a, items, n, err := run.one(ctx, l)
		if err != nil {
			return r, fmt.Errorf("transfer: %s: %w", l.name, err)
		}
		if t.Log != nil {
			fmt.Fprintf(t.Log, "%s: accuracy %.1f after %.0f s\n", a.Name, 100*a.Mean, a.Seconds)
		}
		r.Train, r.Arms, right = n, append(r.Arms, a), append(right, items)
	}
	for i, a := range r.Arms[1:] {
		d, err := metrics.PairedBootstrap(right[0], right[1+i], 1)
		if err != nil {
			return r, err
		}
		r.Gains = append(r.Gains, Gain{Over: a.Name, Mean: d.Mean, Interval: [2]float64{d.Low, d.High}})
	}
	r.Gain = r.Gains[0]
	if r.Arms[2].Mean > r.Arms[1].Mean {
		r.Gain = r.Gains[1]
	}
	return r, nil
}

// A learner fits examples and gives a function that labels some. choice is the number of a setting.
type learner[E any] struct {
	name    string
	choices []string
	fit     func(ctx context.Context, train []E, choice int, seed uint64) (func([]E) ([]string, error), error)
}

// arms are run one after another.
type arms[E any] struct {
	Transfer[E]
	split func(examples []E, fraction float64, seed uint64) (train, held []E)
	label func(E) string
}

// one chooses a setting on examples of their own, then scores it with every seed. right is [seeds][test examples], 1 for a right label.
func (t *arms[E]) one(ctx context.Context, l learner[E]) (a Arm, right [][]float64, n int, err error) {
	begin := time.Now()
	a.Name = l.name
	choice, err := t.choose(ctx, l)
	if err != nil {
		return a, nil, 0, err
	}
	a.Choice = l.choices[choice]
	first := max(t.First, 1)
	for seed := first; seed < first+uint64(t.Seeds); seed++ {
		train, err := t.draw(t.Config.Shots, seed)
		if err != nil {
			return a, nil, 0, err
		}
		items, err := t.score(ctx, l, train, t.Test, choice, seed)
		if err != nil {
			return a, nil, 0, fmt.Errorf("seed %d: %w", seed, err)
		}
		n, right = len(train), append(right, items)
		a.Accuracy = append(a.Accuracy, metrics.Mean(items))
	}
	none := make([][]float64, len(right))
	for i := range none {
		none[i] = make([]float64, len(t.Test))
	}
	over, err := metrics.PairedBootstrap(right, none, 1)
	a.Mean, a.Interval, a.Seconds = over.Mean, [2]float64{over.Low, over.High}, time.Since(begin).Seconds()
	return a, right, n, err
}

// choose fits every setting to as many examples as the arms learn from, and takes the one that does best on as many others; where the arms learn
// all examples, a tenth of them is held back for that.
func (t *arms[E]) choose(ctx context.Context, l learner[E]) (int, error) {
	shots, share := 2*t.Config.Shots, 0.5
	if shots == 0 {
		share = devShare
	}
	both, err := t.draw(shots, devSeed)
	if err != nil { // too few examples to spare
		if both, err = t.draw(t.Config.Shots, devSeed); err != nil {
			return 0, err
		}
	}
	train, dev := t.split(both, share, devSeed)
	choice, top := 0, -1.0
	for i := range l.choices {
		items, err := t.score(ctx, l, train, dev, i, devSeed)
		if err != nil {
			return 0, err
		}
		if m := metrics.Mean(items); m > top {
			choice, top = i, m
		}
	}
	return choice, nil
}

// score fits and gives 1 for every test example labelled right.
func (t *arms[E]) score(ctx context.Context, l learner[E], train, test []E, choice int, seed uint64) ([]float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	label, err := l.fit(ctx, train, choice, seed)
	if err != nil {
		return nil, err
	}
	got, err := label(test)
	if err != nil {
		return nil, err
	}
	return metrics.Correct(t.labels(test), got)
}

// draw takes k examples of every class by seed, all of them for k = 0.
func (t *arms[E]) draw(k int, seed uint64) ([]E, error) {
	if k == 0 {
		return t.Pool, nil
	}
	at, err := data.Shots(t.labels(t.Pool), k, seed)
	return data.Pick(t.Pool, at), err
}

// labels lists the class of every example.
func (t *arms[E]) labels(examples []E) []string {
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = t.label(e)
	}
	return all
}
