package main

import (
	"github.com/spf13/pflag"

	"github.com/fmkit/fmkit/shared/calibration"
)

// trustFlags say how an adapter learns how sure it is. They count only where they are set.
type trustFlags struct {
	none            bool
	share           float64
	folds           int
	coverage, level float64
	outOfScope      string
}

func (f *trustFlags) add(s *pflag.FlagSet) {
	s.BoolVar(&f.none, "no-calibration", false, "learn no calibration: the adapter always answers, with no confidence")
	s.Float64Var(&f.share, "calibration-share", 0, "share of the examples held back that temperature and thresholds are learnt from; the others are scored on (default 0.5)")
	s.IntVar(&f.folds, "calibration-folds", 0, "where fewer than 50 are held back for it, as with --eval, learn them from the training examples by cross-fitting in so many folds, each of which trains once more")
	s.Float64Var(&f.coverage, "coverage", 0, "share of inputs of the adapter's kind that it answers, abstaining from the others (default 0.9)")
	s.Float64Var(&f.level, "confidence-level", 0, "chance that an answer's set of labels holds the true one: 1 - alpha of conformal prediction (default 0.9)")
	s.StringVar(&f.outOfScope, "out-of-scope-label", "", "label of examples that are none of the classes: they aren't trained on and say where abstaining begins")
}

// apply puts the flags that are set into a recipe's settings.
func (f *trustFlags) apply(set *pflag.FlagSet, s *calibration.Settings) {
	if f.none {
		*s = calibration.Settings{}
		return
	}
	changed := false
	for name, put := range map[string]func(){
		"calibration-share": func() { s.Share = f.share }, "calibration-folds": func() { s.Folds = f.folds }, "coverage": func() { s.Coverage = f.coverage },
		"confidence-level": func() { s.ConfidenceLevel = f.level }, "out-of-scope-label": func() { s.OutOfScope = f.outOfScope },
	} {
		if set.Changed(name) {
			if !changed && *s == (calibration.Settings{}) {
				*s = calibration.Default()
			}
			changed = true
			put()
		}
	}
}
