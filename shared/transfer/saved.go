package transfer

import (
	"fmt"
	"math"
	"slices"
)

// A Saved says how many labels an arm that starts from the base needs to be as good as the same model from scratch is with the most labels. Between budgets the
// score is taken to be linear in the logarithm of the labels.
type Saved struct {
	Arm    string  `json:"arm"`
	Of     int     `json:"of"`     // labels that scratch learnt from
	Target float64 `json:"target"` // its score with them
	// Reached says whether the arm gets there: "reached" between two budgets, "at most" where it is there with the fewest labels that were tried, or
	// "not reached".
	Reached  string  `json:"reached"`
	Labels   float64 `json:"labels,omitempty"`   // needed
	Fraction float64 `json:"fraction,omitempty"` // of those that scratch learnt from
	// Interval is that of Labels over seeds and items, paired; none where more than one draw in forty doesn't get there.
	Interval *[2]float64 `json:"interval,omitempty"`
	Draws    float64     `json:"draws_reached"` // share of the draws that get there
	AtTenth  string      `json:"at_a_tenth"`    // the claim that a tenth of all labels is enough: "shown", "held" (by the mean, not by the interval), "not held", or "not tried" where no budget is as small or none is all
}

// What a Saved says.
const (
	Reached    = "reached"
	AtMost     = "at most"
	NotReached = "not reached"
)

// String says it in words, of a fraction in points.
func (s Saved) String() string { return s.text(percent) }

func (s Saved) text(scale float64) string {
	text := fmt.Sprintf("%s: the %.1f of scratch with %d labels is ", s.Arm, scale*s.Target, s.Of)
	switch s.Reached {
	case NotReached:
		return text + NotReached
	case AtMost:
		text += "reached with the fewest that were tried, "
	default:
		text += "reached with about "
	}
	text += fmt.Sprintf("%.0f (%.0f %%)", s.Labels, 100*s.Fraction)
	if s.Interval != nil {
		text += fmt.Sprintf(", 95 %% interval %.0f to %.0f", s.Interval[0], s.Interval[1])
	} else {
		text += fmt.Sprintf(", in %.0f %% of the draws", 100*s.Draws)
	}
	return text
}

// saved finds where the arm crosses scratch's score at the largest budget, on the means and draw by draw.
func (b board) saved(r *Report, a ArmReport) (Saved, error) {
	scratch := r.Arm(Scratch).Points
	most := scratch[len(scratch)-1]
	target := b[Scratch][most.Budget]
	s := Saved{Arm: a.Name, Of: most.Train, Target: most.Mean}
	labels, means := make([]float64, len(a.Points)), make([]float64, len(a.Points))
	for i, p := range a.Points {
		labels[i], means[i] = float64(p.Train), p.Mean
	}
	s.Labels = crossing(labels, means, most.Mean)
	switch {
	case math.IsInf(s.Labels, 1):
		s.Reached, s.Labels = NotReached, 0
	case s.Labels == labels[0] && means[0] >= most.Mean:
		s.Reached = AtMost
	default:
		s.Reached = Reached
	}
	s.Fraction = s.Labels / float64(s.Of)
	draws, reached := make([]float64, len(target.Draws)), 0
	for d, t := range target.Draws {
		for i, p := range a.Points {
			means[i] = b[a.Name][p.Budget].Draws[d]
		}
		if draws[d] = crossing(labels, means, t); !math.IsInf(draws[d], 1) {
			reached++
		}
	}
	slices.Sort(draws)
	s.Draws = float64(reached) / float64(len(draws))
	low, high := draws[len(draws)/40], draws[len(draws)-1-len(draws)/40]
	if s.Reached != NotReached && !math.IsInf(high, 1) {
		s.Interval = &[2]float64{low, high}
	}
	switch tenth := float64(s.Of) / 10; {
	case most.Budget != All:
		s.AtTenth = "not tried"
	case s.Interval != nil && s.Interval[1] <= tenth:
		s.AtTenth = "shown"
	case s.Reached != NotReached && s.Labels <= tenth:
		s.AtTenth = "held"
	case labels[0] > tenth:
		s.AtTenth = "not tried"
	default:
		s.AtTenth = "not held"
	}
	return s, nil
}

// crossing gives the least x at which the line through the points, linear in log x, is at target or above; +Inf where it is nowhere. x ascends.
func crossing(x, y []float64, target float64) float64 {
	for i := range x {
		switch {
		case y[i] < target:
		case i == 0:
			return x[0]
		default:
			part := (target - y[i-1]) / (y[i] - y[i-1])
			return math.Exp(math.Log(x[i-1]) + float64(part*(math.Log(x[i])-math.Log(x[i-1]))))
		}
	}
	return math.Inf(1)
}
