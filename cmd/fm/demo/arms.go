package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/baseline"
	classifytrain "github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/finetune"
)

// devSeed draws the sentences that rates and features are chosen on; no arm is scored with it.
const devSeed = 1 << 32

// grid is what both arms of the encoder choose from.
var grid = []finetune.Choice{{LR: 1e-3, Epochs: 15}, {LR: 2e-3, Epochs: 15}}

// A learner fits examples and gives a function that labels texts. choice is the number of a setting.
type learner struct {
	name    string
	choices []string
	fit     func(ctx context.Context, train []data.Labelled, choice int, seed uint64) (func([]string) ([]string, error), error)
}

// encoder is a learner that tunes the whole base, or the same model from random weights.
func encoder(name, method string, base *text.Model) learner {
	l := learner{name: name}
	for _, g := range grid {
		l.choices = append(l.choices, fmt.Sprintf("rate %g", g.LR))
	}
	l.fit = func(ctx context.Context, train []data.Labelled, choice int, seed uint64) (func([]string) ([]string, error), error) {
		c := classifytrain.Defaults()
		c.Method, c.Seed, c.Batch, c.Held = method, seed, 16, 0
		c.LR, c.Epochs = grid[choice].LR, grid[choice].Epochs
		_, p, err := classifytrain.Train(ctx, base, classifytrain.Data{Train: train}, c, finetune.Options{})
		if err != nil {
			return nil, err
		}
		return func(texts []string) ([]string, error) { return best(ctx, p, texts) }, nil
	}
	return l
}

// best gives the likeliest label of every text.
func best(ctx context.Context, p *classifier.Predictor, texts []string) ([]string, error) {
	scores, err := p.Predict(ctx, texts)
	if err != nil {
		return nil, err
	}
	all := make([]string, len(texts))
	for i, s := range scores {
		all[i] = s[0].Label
	}
	return all, nil
}

// linear is TF-IDF with a linear model.
func linear() learner {
	options := append(baseline.Grid(baseline.SVM), baseline.Grid(baseline.Logistic)...)
	l := learner{name: "TF-IDF + linear"}
	for _, o := range options {
		l.choices = append(l.choices, o.String())
	}
	l.fit = func(_ context.Context, train []data.Labelled, choice int, _ uint64) (func([]string) ([]string, error), error) {
		m, err := baseline.Fit(texts(train), labels(train), options[choice])
		if err != nil {
			return nil, err
		}
		return func(t []string) ([]string, error) { return m.PredictAll(t), nil }, nil
	}
	return l
}

// run chooses a setting on sentences of their own, then scores it with every seed. right is [seeds][test sentences], 1 for a right label.
func (l learner) run(ctx context.Context, c Corpus, seeds int) (a Arm, right [][]float64, err error) {
	begin := time.Now()
	a = Arm{Name: l.name}
	choice, err := l.choose(ctx, c)
	if err != nil {
		return a, nil, fmt.Errorf("demo: %s: %w", l.name, err)
	}
	a.Choice = l.choices[choice]
	for seed := range seeds {
		train, err := draw(c.Pool, shots, uint64(seed)+1)
		if err != nil {
			return a, nil, err
		}
		items, err := l.score(ctx, train, c.Test, choice, uint64(seed)+1)
		if err != nil {
			return a, nil, fmt.Errorf("demo: %s: seed %d: %w", l.name, seed+1, err)
		}
		right = append(right, items)
		a.Accuracy = append(a.Accuracy, metrics.Mean(items))
	}
	none := make([][]float64, seeds)
	for i := range none {
		none[i] = make([]float64, len(c.Test))
	}
	over, err := metrics.PairedBootstrap(right, none, 1)
	a.Mean, a.Interval, a.Seconds = over.Mean, [2]float64{over.Low, over.High}, time.Since(begin).Seconds()
	return a, right, err
}

// choose fits every setting to as many sentences as the arms learn from, and takes the one that does best on as many others.
func (l learner) choose(ctx context.Context, c Corpus) (int, error) {
	both, err := draw(c.Pool, 2*shots, devSeed)
	if err != nil { // a small text has no sentences to spare
		if both, err = draw(c.Pool, shots, devSeed); err != nil {
			return 0, err
		}
	}
	at, dev := data.SplitStratified(labels(both), 0.5, devSeed)
	choice, top := 0, -1.0
	for i := range l.choices {
		items, err := l.score(ctx, pick(both, at), pick(both, dev), i, devSeed)
		if err != nil {
			return 0, err
		}
		if m := metrics.Mean(items); m > top {
			choice, top = i, m
		}
	}
	return choice, nil
}

// score fits and gives 1 for every test sentence labelled right.
func (l learner) score(ctx context.Context, train, test []data.Labelled, choice int, seed uint64) ([]float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	label, err := l.fit(ctx, train, choice, seed)
	if err != nil {
		return nil, err
	}
	got, err := label(texts(test))
	if err != nil {
		return nil, err
	}
	return metrics.Correct(labels(test), got)
}

// draw takes k sentences of every class by seed.
func draw(pool []data.Labelled, k int, seed uint64) ([]data.Labelled, error) {
	at, err := data.Shots(labels(pool), k, seed)
	if err != nil {
		return nil, err
	}
	return pick(pool, at), nil
}

func pick(rows []data.Labelled, at []int) []data.Labelled {
	picked := make([]data.Labelled, len(at))
	for i, j := range at {
		picked[i] = rows[j]
	}
	return picked
}

func texts(rows []data.Labelled) []string {
	all := make([]string, len(rows))
	for i, r := range rows {
		all[i] = r.Text
	}
	return all
}

// arms are what the demo compares, the pretrained encoder first.
func arms(base *text.Model) []learner {
	return []learner{
		encoder("encoder, pretrained here", adapter.Full, base),
		encoder("the same from scratch", adapter.Scratch, base),
		linear(),
	}
}

// gain compares the first arm with the best of the others, sentence by sentence and seed by seed.
func gain(all []Arm, right [][][]float64) (*Gain, error) {
	other := 1
	for i := 2; i < len(all); i++ {
		if all[i].Mean > all[other].Mean {
			other = i
		}
	}
	d, err := metrics.PairedBootstrap(right[0], right[other], 1)
	if err != nil {
		return nil, err
	}
	return &Gain{Over: strings.TrimPrefix(all[other].Name, "the "), Mean: d.Mean, Interval: [2]float64{d.Low, d.High}}, nil
}
