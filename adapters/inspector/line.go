package inspector

import "github.com/fmkit/fmkit/shared/calibration"

// A Line is an answer as fm predict writes it, in JSON.
type Line struct {
	ID string `json:"id,omitempty"`
	*Answer
	Verdict      string  `json:"verdict"`       // calibration.Answer, or calibration.Abstain where the label is Abstain
	Why          string  `json:"why,omitempty"` // of abstaining: calibration.BelowThreshold, or that there were too few good pictures for any threshold
	Milliseconds float64 `json:"milliseconds"`
	Overlay      string  `json:"overlay,omitempty"` // file with the heat map over the picture
}

// NewLine makes the line of an answer. It has no confidence: what an inspector promises is its rate of false alarms.
func NewLine(id string, a *Answer, milliseconds float64) Line {
	l := Line{ID: id, Answer: a, Verdict: calibration.Answer, Milliseconds: milliseconds}
	switch {
	case a.Label != Abstain:
	case a.Threshold == nil:
		l.Verdict, l.Why = calibration.Abstain, ErrFewPictures.Error()
	default:
		l.Verdict, l.Why = calibration.Abstain, calibration.BelowThreshold
	}
	return l
}
