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

// add adds the flag of every task that is calibrated.
func (f *trustFlags) add(s *pflag.FlagSet) {
	s.BoolVar(&f.none, "no-calibration", false, "learn no calibration: answers say nothing of how far they are to be relied on")
}

// addAnswers adds those of tasks that abstain below a confidence.
func (f *trustFlags) addAnswers(s *pflag.FlagSet) {
	f.add(s)
	s.Float64Var(&f.share, "calibration-share", 0, "share of the examples held back that confidence and thresholds are learnt from; the others are scored on (default 0.5)")
	s.Float64Var(&f.coverage, "coverage", 0, "share of answers that is given; the others say abstain (default 0.9)")
}

// addClasses adds those of classifiers.
func (f *trustFlags) addClasses(s *pflag.FlagSet) {
	f.addAnswers(s)
	s.IntVar(&f.folds, "calibration-folds", 0, "where fewer than 50 are held back for it, as with --eval, learn it from the training examples by cross-fitting in so many folds, each of which trains once more")
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
