package train

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/fmkit/fmkit/adapters/classifier/baseline"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/text"
)

// A Transfer asks whether pretraining pays on labelled texts: it learns them from the base, from the same model with random weights, and by
// TF-IDF with a linear model, each with settings of its own chosen on the same development texts, and scores all on the same test texts.
type Transfer struct {
	Pool, Test []data.Labelled
	Config     Config // Shots to draw from Pool for each seed, 0: all; Grid for both encoder arms; batch and pooling
	Seeds      int
	First      uint64    // the first of the seeds, which follow one another; 0 means 1
	Log        io.Writer // a line for each arm; nil: nobody
}

// devSeed draws the texts that settings are chosen on; no arm is scored with it.
const devSeed = 1 << 32

// devShare is the part of all of Pool that settings are chosen on.
const devShare = 0.1

// Run compares the arms.
func (t Transfer) Run(ctx context.Context, base *text.Model) (TransferReport, error) {
	r := TransferReport{Test: len(t.Test)}
	if t.Seeds < 1 || len(t.Config.Grid) == 0 || len(t.Test) == 0 {
		return r, fmt.Errorf("%w: transfer: got %d seeds, %d choices, %d test texts, want at least 1 of each", finetune.ErrConfig, t.Seeds, len(t.Config.Grid), len(t.Test))
	}
	var right [][][]float64
	for _, l := range []learner{
		t.encoder("pretrained", adapter.Full, base), t.encoder("scratch", adapter.Scratch, base), t.linear(),
	} {
		a, items, n, err := t.run(ctx, l)
		if err != nil {
			return r, fmt.Errorf("transfer: %s: %w", l.name, err)
		}
		if t.Log != nil {
			fmt.Fprintf(t.Log, "%s: accuracy %.1f after %.0f s\n", a.Name, 100*a.Mean, a.Seconds)
		}
		r.Train, r.Arms, right = n, append(r.Arms, a), append(right, items)
	}
	other := 1
	if r.Arms[2].Mean > r.Arms[1].Mean {
		other = 2
	}
	d, err := metrics.PairedBootstrap(right[0], right[other], 1)
	r.Gain = Gain{Over: r.Arms[other].Name, Mean: d.Mean, Interval: [2]float64{d.Low, d.High}}
	return r, err
}

// A learner fits examples and gives a function that labels texts. choice is the number of a setting.
type learner struct {
	name    string
	choices []string
	fit     func(ctx context.Context, train []data.Labelled, choice int, seed uint64) (func([]string) ([]string, error), error)
}

// encoder is a learner that tunes the whole base, or the same model from random weights.
func (t Transfer) encoder(name, method string, base *text.Model) learner {
	l := learner{name: name}
	for _, g := range t.Config.Grid {
		l.choices = append(l.choices, fmt.Sprintf("rate %g, %g epochs", g.LR, g.Epochs))
	}
	l.fit = func(ctx context.Context, train []data.Labelled, choice int, seed uint64) (func([]string) ([]string, error), error) {
		c := t.Config
		c.Method, c.Seed, c.Shots, c.Held, c.Steps = method, seed, 0, 0, 0
		c.LR, c.Epochs, c.Grid = c.Grid[choice].LR, c.Grid[choice].Epochs, nil
		_, p, err := Train(ctx, base, Data{Train: train}, c, finetune.Options{})
		if err != nil {
			return nil, err
		}
		return func(texts []string) ([]string, error) {
			scores, err := p.Predict(ctx, texts)
			best := make([]string, len(scores))
			for i, s := range scores {
				best[i] = s[0].Label
			}
			return best, err
		}, nil
	}
	return l
}

// logisticTexts is how many texts logistic regression is still tried on: its solver keeps a dozen copies of the weights.
const logisticTexts = 3000

// linear is TF-IDF with a linear model: an SVM, or logistic regression where that is better.
func (t Transfer) linear() learner {
	options := baseline.Grid(baseline.SVM)
	if t.Config.Shots > 0 || len(t.Pool) <= logisticTexts {
		options = append(options, baseline.Grid(baseline.Logistic)...)
	}
	l := learner{name: "TF-IDF + linear"}
	for _, o := range options {
		l.choices = append(l.choices, o.String())
	}
	l.fit = func(_ context.Context, train []data.Labelled, choice int, _ uint64) (func([]string) ([]string, error), error) {
		m, err := baseline.Fit(textsOf(train), labels(train), options[choice])
		if err != nil {
			return nil, err
		}
		return func(t []string) ([]string, error) { return m.PredictAll(t), nil }, nil
	}
	return l
}

// run chooses a setting on texts of their own, then scores it with every seed. right is [seeds][test texts], 1 for a right label.
func (t Transfer) run(ctx context.Context, l learner) (a Arm, right [][]float64, n int, err error) {
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
		items, err := l.score(ctx, train, t.Test, choice, seed)
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

// choose fits every setting to as many texts as the arms learn from, and takes the one that does best on as many others; where the arms learn
// all texts, a tenth of them is held back for that.
func (t Transfer) choose(ctx context.Context, l learner) (int, error) {
	shots, share := 2*t.Config.Shots, 0.5
	if shots == 0 {
		share = devShare
	}
	both, err := t.draw(shots, devSeed)
	if err != nil { // too few texts to spare
		if both, err = t.draw(t.Config.Shots, devSeed); err != nil {
			return 0, err
		}
	}
	train, dev := Split(both, share, devSeed)
	choice, top := 0, -1.0
	for i := range l.choices {
		items, err := l.score(ctx, train, dev, i, devSeed)
		if err != nil {
			return 0, err
		}
		if m := metrics.Mean(items); m > top {
			choice, top = i, m
		}
	}
	return choice, nil
}

// score fits and gives 1 for every test text labelled right.
func (l learner) score(ctx context.Context, train, test []data.Labelled, choice int, seed uint64) ([]float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	label, err := l.fit(ctx, train, choice, seed)
	if err != nil {
		return nil, err
	}
	got, err := label(textsOf(test))
	if err != nil {
		return nil, err
	}
	return metrics.Correct(labels(test), got)
}

// draw takes k texts of every class by seed, all of them for k = 0.
func (t Transfer) draw(k int, seed uint64) ([]data.Labelled, error) {
	if k == 0 {
		return t.Pool, nil
	}
	at, err := data.Shots(labels(t.Pool), k, seed)
	return data.Pick(t.Pool, at), err
}

func textsOf(examples []data.Labelled) []string {
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = e.Text
	}
	return all
}
