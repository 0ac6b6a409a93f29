package calibration

import "fmt"

// Answers is a Binary with a threshold that a promised share of answers keeps. A passport holds it.
type Answers struct {
	Binary
	Coverage  float64 `json:"coverage"`  // promised share of answers that is given
	Threshold float64 `json:"threshold"` // with at least this confidence
}

// FitAnswers learns a calibration as FitBinary does, and the threshold from the same answers.
func FitAnswers(margins []float64, right []bool, coverage float64) (*Answers, error) {
	b, err := FitBinary(margins, right)
	if err != nil {
		return nil, err
	}
	confidence := make([]float64, len(margins))
	for i, m := range margins {
		confidence[i] = b.Confidence(m)
	}
	t, err := Below(confidence, 1-coverage)
	if err != nil {
		return nil, fmt.Errorf("calibration: coverage: %w", err)
	}
	return &Answers{Binary: *b, Coverage: coverage, Threshold: t}, nil
}

// Validate reports what is out of range in a stored calibration.
func (a *Answers) Validate() error {
	if !(a.Threshold >= 0 && a.Threshold <= 1) {
		return fmt.Errorf("calibration: %w: threshold: got %v, want 0 to 1", ErrSettings, a.Threshold)
	}
	return a.Binary.Validate()
}

// Judge says whether an answer with a margin is to be relied on.
func (a *Answers) Judge(margin float64) Verdict {
	v := Verdict{Verdict: Answer, Confidence: a.Confidence(margin)}
	if v.Confidence < a.Threshold {
		v.Verdict, v.Why = Abstain, BelowThreshold
	}
	return v
}
