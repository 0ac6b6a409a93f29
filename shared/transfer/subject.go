package transfer

import (
	"context"
	"fmt"
	"io"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/peft"
)

// A Subject is a task of package finetune with what comparing needs besides.
type Subject[M finetune.Base[M], C, E any, P finetune.Predictor] struct {
	Task   finetune.Task[M, C, E, P]
	Metric string            // name of the score
	Grid   []finetune.Choice // of a recipe that has none: rates and epochs for every arm that is trained
	// Answer answers examples' inputs; what it returns compares the answers.
	Answer func(ctx context.Context, p P, examples []E) (score func() ([]metrics.Ratio, error), err error)
	// Cheap is the arm of the baseline, for a base that reads what the baseline may read.
	Cheap func(base M) Arm[E]
	// Recipes are what an arm chooses from: c, whose method is the arm's, at a point of the grid, in the ways that suit the task; nil: in one. point is the
	// number of the point.
	Recipes func(c C, point int) []Recipe[C]
	// Calibrates says whether the task's Calibrate has something to learn from such examples; a tenth of those that an arm learns from is then for that. nil: it never has.
	Calibrates func(examples []E) bool
}

// A Recipe is a setting to choose.
type Recipe[C any] struct {
	Name   string // added to the rate and epochs of the grid; empty: nothing is
	Alone  bool   // the name stands for itself: the setting doesn't depend on rate and epochs
	Config C
}

// Options say what of a Subject is compared.
type Options struct {
	Arms        []string // names; none: all
	Budgets     []int    // ascending, All last; none: a hundredth, a tenth and all
	Seeds       int
	First       uint64  // the first of the seeds; 0: 1
	Held        float64 // part of the examples to score on where there are no others
	Pretraining float64 // seconds that the base took, 0: unknown
	Dir         string  // folder of cells; empty: they aren't kept
	Log         io.Writer
}

// Compare runs the comparison on d. c is the recipe of the arms that are trained, with their grid.
func (s Subject[M, C, E, P]) Compare(ctx context.Context, base M, d finetune.Data[E], c C, o Options) (*Report, error) {
	sources, err := s.Task.Describe(ctx, &d)
	if err != nil {
		return nil, err
	}
	if t := s.Task.Tuning(&c); len(t.Grid) == 0 {
		t.Grid = s.Grid
	}
	if err := s.Task.Validate(&c); err != nil {
		return nil, err
	}
	pool, test := d.Train, d.Eval
	if len(test) == 0 {
		if !(o.Held > 0 && o.Held < 1) {
			return nil, fmt.Errorf("%w: transfer: held back: got %v, want more than 0 and less than 1", finetune.ErrConfig, o.Held)
		}
		pool, test = s.Task.Split(pool, o.Held, 1)
	} else {
		o.Held = 0
	}
	for i := range sources {
		sources[i].Path = ""
	}
	id := base.Identity()
	compared := Comparison[E]{
		Task: s.Task.Name, Base: id.Name, Metric: s.Metric, Unit: s.unit(), Pool: pool, Test: test, Budgets: o.Budgets, Seeds: o.Seeds, First: o.First,
		Draw: s.draw, Split: s.Task.Split, Pretraining: o.Pretraining, Dir: o.Dir, Log: o.Log,
		Identity: Identity{s.Task.Name, base.Fingerprint(), c, sources, o.Held},
	}
	if len(o.Budgets) == 0 {
		compared.Budgets = Budgets(len(pool), s.classes(pool))
	}
	if len(o.Arms) == 0 {
		o.Arms = Names()
	}
	for _, name := range o.Arms {
		a := Arm[E]{}
		if name == Baseline {
			a = s.Cheap(base)
		} else if a, err = s.arm(base, c, name); err != nil {
			return nil, err
		}
		compared.Arms = append(compared.Arms, a)
	}
	return compared.Run(ctx)
}

// An Identity is what decides cells besides their settings.
type Identity struct {
	Task   string           `json:"task"`
	Base   string           `json:"base"` // fingerprint
	Recipe any              `json:"recipe"`
	Data   []adapter.Source `json:"data"`
	Held   float64          `json:"held,omitempty"`
}

// arm makes the arm of a method of tuning.
func (s Subject[M, C, E, P]) arm(base M, c C, method string) (Arm[E], error) {
	a := Arm[E]{Name: method, About: About(method)}
	t := s.Task.Tuning(&c)
	t.Method, t.Shots, t.Held, t.Steps = method, 0, 0, 0
	if t.Config != (peft.Config{}) && t.Config.Method() != method {
		t.Config = peft.Config{}
	}
	if method != Full {
		t.LayerDecay = 0
	}
	if method == Head {
		t.Probe = finetune.Choice{}
	}
	if !finetune.TunesBlocks(method) {
		t.Optimizer = ""
	}
	grid := t.Grid
	t.Grid = nil
	var recipes []Recipe[C]
	for i, g := range grid {
		t.LR, t.Epochs = g.LR, g.Epochs
		all := []Recipe[C]{{Config: c}}
		if s.Recipes != nil {
			all = s.Recipes(c, i)
		}
		for _, r := range all {
			if err := s.Task.Validate(&r.Config); err != nil {
				return a, err
			}
			recipes, a.Choices = append(recipes, r), append(a.Choices, r.text(g))
		}
	}
	a.Fit = func(ctx context.Context, train []E, choice int, seed uint64) (*Model[E], error) {
		c := recipes[choice].Config
		s.Task.Tuning(&c).Seed = seed
		return s.fit(ctx, base, train, c)
	}
	return a, nil
}

// text names a recipe at a point of the grid.
func (r *Recipe[C]) text(g finetune.Choice) string {
	if r.Alone {
		return r.Name
	}
	text := fmt.Sprintf("rate %g, %g epochs", g.LR, g.Epochs)
	if g.Epochs == 0 {
		text = fmt.Sprintf("rate %g, epochs by the number of examples", g.LR)
	}
	if r.Name != "" {
		text += ", " + r.Name
	}
	return text
}

// calibrated is the part of the examples that a predictor is calibrated on.
const calibrated = 0.1

// fit trains, calibrates and measures what would be stored.
func (s Subject[M, C, E, P]) fit(ctx context.Context, base M, train []E, c C) (*Model[E], error) {
	t := s.Task.Tuning(&c)
	var held []E
	if s.Calibrates != nil && s.Calibrates(train) {
		if rest, some := s.Task.Split(train, calibrated, t.Seed); len(rest) > 0 {
			train, held = rest, some
		}
	}
	fitted, p, err := s.Task.Fit(ctx, base, train, c, finetune.Options{})
	if err != nil {
		return nil, err
	}
	if len(held) > 0 {
		if _, err := s.Task.Calibrate(ctx, p, held, false, calibration.Settings{}); err != nil {
			return nil, err
		}
	}
	m := &Model[E]{Answer: func(ctx context.Context, examples []E) (func() ([]metrics.Ratio, error), error) {
		return s.Answer(ctx, p, examples)
	}}
	tensors := adapter.Tensors(fitted.Params)
	for i := range tensors {
		if t.Half {
			tensors[i].DType = checkpoint.F16
		}
	}
	return m, m.Weigh(tensors)
}
