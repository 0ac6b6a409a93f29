package finetune

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/random"
)

// calibrationSeed is added to the recipe's seed for what a calibration draws.
const calibrationSeed = 2

// A split is how the examples of an adapter are used.
type split[E any] struct {
	train   []E
	held    []E
	strange []E  // examples to train on that are out of scope
	own     bool // held was held back from the examples to train on, and is no evaluation file
}

// inScope takes the examples out that the recipe calls out of scope.
func (t Task[M, C, E, P]) inScope(examples []E, c C) (known, strange []E) {
	label := t.Tuning(&c).Calibration.OutOfScope
	if label == "" || t.Label == nil {
		return examples, nil
	}
	for _, e := range examples {
		if t.Label(e) == label {
			strange = append(strange, e)
		} else {
			known = append(known, e)
		}
	}
	return known, strange
}

// Known lists the labels that examples to score an adapter on may have: its own, and the one that its recipe calls out of scope.
func (t Task[M, C, E, P]) Known(p *adapter.Passport) []string {
	c, err := t.Recorded(p.Recipe)
	if err != nil || len(p.Labels) == 0 {
		return p.Labels
	}
	if l := t.Tuning(&c).Calibration.OutOfScope; l != "" {
		return append(slices.Clip(p.Labels), l)
	}
	return p.Labels
}

// calibrate gives the predictor a calibration by the recipe and returns the held-back examples that are left to score it on. It is learnt from a part of what
// was held back, or where that is too little, by cross-fitting: every training example is observed by a predictor that was trained without it. Nothing of an
// evaluation file is used.
func (t Task[M, C, E, P]) calibrate(ctx context.Context, base M, p P, s split[E], c C, o Options) (rest []E, err error) {
	f := t.Tuning(&c)
	want := f.Calibration
	if t.Observe == nil || want == (calibration.Settings{}) {
		return s.held, nil
	}
	rest = s.held
	seen := &calibration.Observations{}
	if s.own && want.Share > 0 {
		left, learn := t.Split(s.held, want.Share, f.Seed+calibrationSeed)
		o, err := t.Observe(ctx, p, append(slices.Clip(learn), s.strange...))
		if err != nil {
			return nil, err
		}
		if o.Known() >= calibration.Least {
			rest, seen = left, o
		}
	}
	if seen.Known() == 0 && want.Folds > 0 {
		if seen, err = t.crossFit(ctx, base, p, s, c, o); err != nil {
			return nil, err
		}
	}
	if n := seen.Known(); n < calibration.Least {
		if o.Log != nil {
			fmt.Fprintf(o.Log, "not calibrated: %d examples to learn from, want at least %d held back (or cross-fitting)\n", n, calibration.Least)
		}
		return rest, nil
	}
	k, err := calibration.Fit(seen, want)
	if err != nil {
		return nil, fmt.Errorf("finetune: %w", err)
	}
	t.Settle(p, k)
	return rest, nil
}

// crossFit observes all training examples, each by a predictor trained on the other folds, and with p those that are out of scope. Where there are classes every fold has
// its share of each, and a class of one example isn't observed.
func (t Task[M, C, E, P]) crossFit(ctx context.Context, base M, p P, s split[E], c C, o Options) (*calibration.Observations, error) {
	f := t.Tuning(&c)
	folds := f.Calibration.Folds
	fold := make([]int, len(s.train)) // below 0: always trained on
	key := random.Key(f.Seed, "finetune.folds")
	count, order := map[string]int{}, random.Perm(key, len(s.train))
	labels := t.labels(s.train)
	class := func(i int) string {
		if labels == nil {
			return ""
		}
		return labels[i]
	}
	for _, at := range order {
		i := int(at)
		fold[i] = count[class(i)] % folds
		count[class(i)]++
	}
	for i := range fold {
		if count[class(i)] < 2 {
			fold[i] = -1
		}
	}
	seen := &calibration.Observations{}
	if len(s.strange) > 0 {
		var err error
		if seen, err = t.Observe(ctx, p, s.strange); err != nil {
			return nil, err
		}
	}
	for k := range folds {
		var train, out []int
		for i, in := range fold {
			if in == k {
				out = append(out, i)
			} else {
				train = append(train, i)
			}
		}
		if len(out) == 0 || len(train) == 0 {
			continue
		}
		_, without, err := t.Fit(ctx, base, data.Pick(s.train, train), c, o.at(fmt.Sprintf("fold-%d", k)))
		if err != nil {
			return nil, err
		}
		got, err := t.Observe(ctx, without, data.Pick(s.train, out))
		if err != nil {
			return nil, err
		}
		if err := seen.Add(got); err != nil {
			return nil, fmt.Errorf("finetune: %w", err)
		}
	}
	return seen, nil
}
