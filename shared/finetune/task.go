package finetune

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// A Task describes one kind of adapter on bases of type M. Its recipe is a C, a struct that embeds Config; it learns from examples of type E and becomes
// a predictor of type P. All that adapters have in common is in the methods: Parse, ReadData, Adapt, Train and Verify.
type Task[M Base[M], C, E any, P Predictor] struct {
	Name     string // the TASK of the command line: classify, qa, summarize
	TaskType string // PEFT's name for it
	Monitor  string // the score that the grid is chosen by, higher is better

	About         string // for help: what it does and from which files it learns, in a line
	Input, Output string // for help: the fields of a JSON line to predict from, and of its answer

	// Defaults is the recipe where the caller has no other.
	Defaults func() C
	// Tuning finds the Config in a recipe.
	Tuning func(c *C) *Config
	// Validate returns an ErrConfig that names the first setting of the recipe out of range, those of its Config included.
	Validate func(c *C) error

	// Read reads the examples at path. Where examples have classes they must be among labels; nil, for examples to train on, allows any.
	Read func(path string, labels []string, c C) ([]E, error)
	// Sum is the hexadecimal SHA-256 of examples that Read gave; nil where they are in one file, whose own it is.
	Sum func(ctx context.Context, examples []E) (string, error)
	// Label is the class of an example; nil where there are no classes.
	Label func(e E) string
	// Split divides examples by seed into those to train on and a held-back fraction.
	Split func(examples []E, fraction float64, seed uint64) (train, held []E)

	// Fit trains on examples. It is a pure function of base, examples and c.
	Fit func(ctx context.Context, base M, examples []E, c C, o Options) (*Fitted[M], P, error)
	// Calibrate sets what the predictor learns from held-back examples, such as a threshold, and returns those that are left to score it on; nil
	// where it learns nothing from them. Zero settings ask for no confidence; own says that the examples were
	// held back from the training data and aren't those of an evaluation file.
	Calibrate func(ctx context.Context, p P, held []E, own bool, s calibration.Settings) (rest []E, err error)
	// Observe gives what the predictor says of examples that it wasn't trained on, for its calibration, and nil where there is none to learn from them; Settle gives it the
	// calibration. Both are nil where the task has none.
	Observe func(ctx context.Context, p P, examples []E) (*calibration.Observations, error)
	Settle  func(p P, c *calibration.Classes)
	// Score evaluates on examples.
	Score func(ctx context.Context, p P, examples []E) (adapter.Scores, error)
	// Curve gives what abstaining below a confidence is worth on examples; nil where answers have no confidence.
	Curve func(ctx context.Context, p P, examples []E) (*metrics.CoverageCurve, error)
	// Settings is what the predictor needs besides its weights, as JSON.
	Settings func(p P) any
	// Load attaches the adapter folder dir to its base.
	Load func(dir string, base M) (P, error)
}

// A Predictor is an adapter on its base, ready to work.
type Predictor interface {
	// Passport says where the adapter comes from; nil for a predictor that no adapter folder was loaded for.
	Passport() *adapter.Passport
	// PredictJSON answers one JSON object, a line of the command line's input. An "id" in it comes back in the answer, which is to be written as JSON.
	PredictJSON(ctx context.Context, line []byte) (answer any, err error)
}

// Parse reads a recipe over the defaults. Unknown keys are refused.
func (t Task[M, C, E, P]) Parse(raw []byte) (C, error) {
	return t.parse(raw, t.Defaults())
}

// Recorded reads the recipe of a passport, which is whole: what it doesn't have is zero, whatever the defaults are now.
func (t Task[M, C, E, P]) Recorded(raw []byte) (C, error) {
	var none C
	return t.parse(raw, none)
}

func (t Task[M, C, E, P]) parse(raw []byte, c C) (C, error) {
	if err := strictjson.Decode(raw, &c, strictjson.Limits{}); err != nil {
		return c, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return c, t.Validate(&c)
}

// with is the recipe c with another Config in it.
func (t Task[M, C, E, P]) with(c C, f Config) C {
	*t.Tuning(&c) = f
	return c
}

// labels lists the class of every example, nil where there are no classes.
func (t Task[M, C, E, P]) labels(examples []E) []string {
	if t.Label == nil {
		return nil
	}
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = t.Label(e)
	}
	return all
}
