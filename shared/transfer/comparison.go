package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
)

// All is the budget of every example of the pool.
const All = 0

// A Comparison learns from examples of Pool by every arm, from every budget of labels with every seed, and scores what is learnt on Test.
type Comparison[E any] struct {
	Task   string  // that of the command line
	Base   string  // name of the base
	Metric string  // name of the score, in [0, 1] but for returns
	Unit   string  // what a budget counts: examples, examples a class
	Scale  float64 // what scores are shown in: 1 for returns, 0 means 100, points of a fraction

	Pool, Test []E
	Arms       []Arm[E]
	Budgets    []int  // ascending, All last; none: All alone
	Seeds      int    // at least 1
	First      uint64 // the first of the seeds, which follow one another; 0: 1

	// Draw takes the examples of a budget other than All by seed. Errors that wrap data.ErrTooFewShots mean that there are too few.
	Draw func(pool []E, budget int, seed uint64) ([]E, error)
	// Split divides examples by seed into those to learn from and a held-back fraction to choose settings on.
	Split func(examples []E, fraction float64, seed uint64) (train, held []E)
	// Labels counts the labels of examples, where some of them, such as good pictures, aren't any and are learnt from with every budget; nil: each is one.
	Labels func(examples []E) int
	// Dev is what settings are chosen on where that takes no labels, such as episodes to play; nil: what Split holds back.
	Dev []E

	Pretraining float64 // seconds that the base took, 0: unknown
	Dir         string  // folder where cells are kept; empty: none is
	Identity    any     // what decides the cells besides their settings (data, base, recipe), as JSON; a folder of another identity is refused
	Log         io.Writer
}

// Run learns what Dir has no cells of, and reports. What is wrong with the comparison is a finetune.ErrConfig.
func (c Comparison[E]) Run(ctx context.Context) (*Report, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s, err := openCells(c.Dir, c.Identity)
	if err != nil {
		return nil, err
	}
	r := &run[E]{Comparison: c, cells: s}
	for _, a := range c.Arms {
		for _, b := range c.Budgets {
			p, err := r.point(ctx, a, b)
			if err != nil {
				return nil, fmt.Errorf("transfer: %s, %s: %w", a.Name, budgetText(b), err)
			}
			if c.Log != nil {
				fmt.Fprintf(c.Log, "%s, %s: %s %.1f after %.0f s\n", a.Name, budgetText(b), c.Metric, c.Scale*p.score(), p.seconds)
			}
			r.points = append(r.points, p)
		}
	}
	return r.report()
}

// check fills in what has defaults.
func (c *Comparison[E]) check() error {
	if len(c.Budgets) == 0 {
		c.Budgets = []int{All}
	}
	c.First = max(c.First, 1)
	if c.Scale == 0 {
		c.Scale = percent
	}
	if c.Labels == nil {
		c.Labels = func(examples []E) int { return len(examples) }
	}
	if c.Seeds < 1 || len(c.Test) == 0 || len(c.Pool) == 0 || len(c.Arms) == 0 {
		return fmt.Errorf("%w: transfer: got %d seeds, %d examples to learn from, %d to test on, %d arms, want at least 1 of each", finetune.ErrConfig, c.Seeds, len(c.Pool), len(c.Test), len(c.Arms))
	}
	for i, b := range c.Budgets {
		if b < 0 || b == All && i < len(c.Budgets)-1 || i > 0 && b != All && b <= c.Budgets[i-1] {
			return fmt.Errorf("%w: transfer: budgets: got %d, want them above 0 and ascending, and all of it last", finetune.ErrConfig, c.Budgets)
		}
	}
	var names []string
	for _, a := range c.Arms {
		if a.Name == "" || strings.ContainsAny(a.Name, "./\\") || slices.Contains(names, a.Name) || len(a.Choices) == 0 {
			return fmt.Errorf("%w: transfer: arm %q with %d choices: want a name of its own without a dot or slash, and at least one choice", finetune.ErrConfig, a.Name, len(a.Choices))
		}
		names = append(names, a.Name)
	}
	return nil
}

// percent shows fractions.
const percent = 100

func budgetText(b int) string {
	if b == All {
		return "all"
	}
	return fmt.Sprint(b)
}

// A run is a comparison under way.
type run[E any] struct {
	Comparison[E]
	cells  *cells
	points []*point
}

// A point is one arm at one budget.
type point struct {
	arm, about string
	budget     int
	choice     string
	dev        float64
	train      int     // examples learnt from
	seeds      []*cell // one a seed
	choosing   float64 // seconds
	seconds    float64 // in all
}

func (p *point) items() [][]metrics.Ratio {
	all := make([][]metrics.Ratio, len(p.seeds))
	for i, c := range p.seeds {
		all[i] = c.ratios()
	}
	return all
}

func (p *point) score() float64 { return metrics.Score(slices.Concat(p.items()...)) }

// point chooses a setting on examples of its own, then learns with every seed.
func (r *run[E]) point(ctx context.Context, a Arm[E], budget int) (*point, error) {
	p := &point{arm: a.Name, about: a.About, budget: budget}
	choice, err := r.choose(ctx, a, p)
	if err != nil {
		return nil, err
	}
	p.choice, p.seconds = a.Choices[choice], p.choosing
	for seed := r.First; seed < r.First+uint64(r.Seeds); seed++ {
		train, err := r.draw(budget, seed)
		if err != nil {
			return nil, err
		}
		timed := seed == r.First && budget == r.Budgets[len(r.Budgets)-1]
		c, err := r.cell(ctx, fmt.Sprintf("%s.%s.seed%d", a.Name, budgetText(budget), seed), a, train, r.Test, choice, seed, timed)
		if err != nil {
			return nil, fmt.Errorf("seed %d: %w", seed, err)
		}
		p.train = c.Train
		p.seconds += c.Fit + c.Scoring
		p.seeds = append(p.seeds, c)
	}
	return p, nil
}

// devSeed draws the examples that settings are chosen on; no arm is scored with it.
const devSeed = 1 << 32

// devShare is the part of all of Pool that settings are chosen on.
const devShare = 0.1

// choose fits every setting to as many examples as the arm learns from, and takes the one that does best on as many others, or on Dev; where it learns from all
// examples and there is no Dev, a tenth of them is held back for that.
func (r *run[E]) choose(ctx context.Context, a Arm[E], p *point) (int, error) {
	if len(a.Choices) == 1 && !(pretrained(a.Name) && r.several()) { // which of several is the one to take is chosen too
		return 0, nil
	}
	train, dev, err := r.develop(p.budget)
	if err != nil {
		return 0, err
	}
	best := -1
	for i := range a.Choices {
		if a.Most != nil && a.Most(i) < r.Labels(train) {
			continue
		}
		c, err := r.cell(ctx, fmt.Sprintf("%s.%s.choice%d", a.Name, budgetText(p.budget), i), a, train, dev, i, devSeed, false)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", a.Choices[i], err)
		}
		p.choosing += c.Fit + c.Scoring
		if m := metrics.Score(c.ratios()); best < 0 || m > p.dev {
			best, p.dev = i, m
		}
	}
	if best < 0 {
		return 0, fmt.Errorf("%w: transfer: no choice for %d examples", finetune.ErrConfig, r.Labels(train))
	}
	return best, nil
}

// develop gives the examples that a setting is tried with and those that it is scored on.
func (r *run[E]) develop(budget int) (train, dev []E, err error) {
	if len(r.Dev) > 0 {
		train, err = r.draw(budget, devSeed)
		return train, r.Dev, err
	}
	share := 0.5
	if budget == All {
		share = devShare
	}
	both, err := r.draw(2*budget, devSeed)
	if errors.Is(err, data.ErrTooFewShots) { // to spare as many
		both, err = r.draw(budget, devSeed)
	}
	if err != nil {
		return nil, nil, err
	}
	train, dev = r.Split(both, share, devSeed)
	if len(train) == 0 || r.Labels(dev) == 0 {
		return nil, nil, fmt.Errorf("%w: transfer: %d examples leave %d to learn from and %d to choose settings on", finetune.ErrConfig, r.Labels(both), r.Labels(train), r.Labels(dev))
	}
	return train, dev, nil
}

// several says whether more than one arm starts from the base.
func (r *run[E]) several() bool {
	n := 0
	for _, a := range r.Arms {
		if pretrained(a.Name) {
			n++
		}
	}
	return n > 1
}

// draw takes the examples of a budget.
func (r *run[E]) draw(budget int, seed uint64) ([]E, error) {
	if budget == All {
		return r.Pool, nil
	}
	return r.Draw(r.Pool, budget, seed)
}

// cell is what is kept under a name, or else what learning comes to.
func (r *run[E]) cell(ctx context.Context, name string, a Arm[E], train, test []E, choice int, seed uint64, timed bool) (*cell, error) {
	c, err := r.cells.read(name, a.Choices[choice], r.Labels(train), len(test))
	if err != nil || c != nil && (c.Latency != nil || !timed) {
		return c, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	begin := time.Now()
	m, err := a.Fit(ctx, train, choice, seed)
	if err != nil {
		return nil, err
	}
	fitted := time.Now()
	score, err := m.Answer(ctx, test)
	if err != nil {
		return nil, err
	}
	items, err := score()
	if err != nil {
		return nil, err
	}
	c = &cell{Setting: a.Choices[choice], Train: r.Labels(train), Params: m.Params, Bytes: m.Bytes, Fit: fitted.Sub(begin).Seconds(), Scoring: time.Since(fitted).Seconds()}
	c.keep(items)
	if timed {
		if c.Latency, err = latency(ctx, m, test); err != nil {
			return nil, err
		}
	}
	return c, r.cells.write(name, c)
}
