package calibration

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/kernels"
)

// Observations are what a classifier says of items that it wasn't trained on.
type Observations struct {
	Logits  []float32 // [N, C]
	Classes int       // C
	True    []int32   // [N] the class of each item; below 0: none of them, out of scope
}

// Known counts the items of some class.
func (o *Observations) Known() int {
	n := 0
	for _, y := range o.True {
		if y >= 0 {
			n++
		}
	}
	return n
}

// Add appends the observations of o, which has as many classes.
func (o *Observations) Add(more *Observations) error {
	if o.Classes != 0 && o.Classes != more.Classes {
		return fmt.Errorf("calibration: got observations of %d classes, want %d", more.Classes, o.Classes)
	}
	o.Classes = more.Classes
	o.Logits, o.True = append(o.Logits, more.Logits...), append(o.True, more.True...)
	return nil
}

// Classes is the calibration of a classifier. Its passport holds it.
type Classes struct {
	Items           int      `json:"items"`                        // that it was learnt from
	Temperature     float64  `json:"temperature"`                  // the confidence is the largest of softmax(logits / temperature)
	Coverage        float64  `json:"coverage"`                     // promised share of inputs in scope that is answered
	Threshold       float64  `json:"threshold"`                    // with at least this confidence
	ConfidenceLevel float64  `json:"confidence_level"`             // promised chance that the set of labels holds the true one
	SetThreshold    float64  `json:"set_threshold"`                // it has those with at least this probability
	Scope           *float64 `json:"scope_threshold,omitempty"`    // an input with a scope score below it is out of scope; missing: none is
	OutOfScope      string   `json:"out_of_scope_label,omitempty"` // what the training data called such inputs
}

// Validate reports what is out of range in a stored calibration.
func (c *Classes) Validate() error {
	for _, f := range []struct {
		name           string
		got, low, high float64
	}{
		{"temperature", c.Temperature, minTemperature, maxTemperature},
		{"threshold", c.Threshold, 0, 1},
		{"set_threshold", c.SetThreshold, 0, 1},
		{"coverage", c.Coverage, 0, 1},
		{"confidence_level", c.ConfidenceLevel, 0, 1},
	} {
		if !(f.got >= f.low && f.got <= f.high) {
			return fmt.Errorf("calibration: %w: %s: got %v, want %v to %v", ErrSettings, f.name, f.got, f.low, f.high)
		}
	}
	if c.Scope != nil && *c.Scope-*c.Scope != 0 {
		return fmt.Errorf("calibration: %w: scope_threshold: got %v, want a finite number", ErrSettings, *c.Scope)
	}
	return nil
}

// Fit learns a calibration. Items out of scope count for the scope's threshold alone. With too few items of known classes for its promises the error wraps ErrFew.
func Fit(o *Observations, s Settings) (*Classes, error) {
	t, err := Temperature(o.Logits, o.True, o.Classes)
	if err != nil {
		return nil, err
	}
	c := &Classes{Items: len(o.True), Temperature: t, Coverage: s.Coverage, ConfidenceLevel: s.ConfidenceLevel, OutOfScope: s.OutOfScope}
	var top, right, in, out []float32 // of items in scope: the largest probability, that of the true class, the scope score; and that of the others
	p := make([]float32, o.Classes)
	for i, y := range o.True {
		z := o.Logits[i*o.Classes : (i+1)*o.Classes]
		if y < 0 {
			out = append(out, c.ScopeScore(z))
			continue
		}
		Probabilities(p, z, float32(t))
		top, right, in = append(top, p[best(p)]), append(right, p[y]), append(in, c.ScopeScore(z))
	}
	if c.Scope, err = scopeThreshold(in, out, 1-s.Coverage); err != nil {
		return nil, fmt.Errorf("calibration: scope: %w", err)
	}
	for i, v := range in {
		if c.Scope != nil && float64(v) < *c.Scope {
			top[i] = -1 // not answered whatever the confidence
		}
	}
	threshold, err := Below(top, 1-s.Coverage)
	if err != nil {
		return nil, fmt.Errorf("calibration: coverage: %w", err)
	}
	set, err := Below(right, 1-s.ConfidenceLevel)
	if err != nil {
		return nil, fmt.Errorf("calibration: confidence level: %w", err)
	}
	c.Threshold, c.SetThreshold = float64(max(threshold, 0)), float64(set)
	return c, nil
}

// scopeThreshold is the scope score from which on an input is in scope. With no example of what isn't, half of the share of inputs that may be left unanswered lies
// below it. With some, it is the one that tells the two best apart (Youden, "Index for rating diagnostic tests", 1950) and leaves no more than that share unanswered.
func scopeThreshold(in, out []float32, rate float64) (*float64, error) {
	if len(out) == 0 {
		rate /= 2
	}
	t, err := Below(in, rate)
	if errors.Is(err, ErrFew) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(out) > 0 {
		t = min(t, apart(in, out))
	}
	at := float64(t)
	return &at, nil
}

// apart is the threshold with the greatest sum of the shares of in at or above it and of out below it, the lowest of equals.
func apart(in, out []float32) float32 {
	in, out = slices.Sorted(slices.Values(in)), slices.Sorted(slices.Values(out))
	best, at, below := -1.0, in[0], 0 // below: of out
	for k, t := range in {
		for below < len(out) && out[below] < t {
			below++
		}
		if k > 0 && t == in[k-1] {
			continue
		}
		if hit := float64(len(in)-k)/float64(len(in)) + float64(below)/float64(len(out)); hit > best {
			best, at = hit, t
		}
	}
	return at
}

// ScopeScore says how much logits z [C] look like those of the classes: the higher, the more.
func (c *Classes) ScopeScore(z []float32) float32 {
	m := z[best(z)]
	var sum float32
	for _, v := range z {
		sum += kernels.Exp(v - m)
	}
	return m + kernels.Log(sum)
}

// Judge writes the calibrated probabilities of logits z [C] to p [C] and says whether the likeliest class is to be answered.
func (c *Classes) Judge(p, z []float32) Verdict {
	scope := c.ScopeScore(z) // before p, which may be z
	Probabilities(p, z, float32(c.Temperature))
	first := best(p)
	v := Verdict{Verdict: Abstain, Confidence: float64(p[first])}
	switch {
	case c.Scope != nil && !(float64(scope) >= *c.Scope):
		v.Why = OutOfScope
	case v.Confidence >= c.Threshold:
		v.Verdict = Answer
	default:
		v.Why = BelowThreshold
		for j, q := range p {
			if j != first && 2*q >= p[first] {
				v.Why = TooClose
			}
		}
	}
	return v
}

// Set lists the classes, by number, that hold the true one with a chance of ConfidenceLevel, given calibrated probabilities [C]: those with at least a
// threshold (Sadinle, Lei and Wasserman, "Least ambiguous set-valued classifiers with bounded error levels", 2019). It may be empty.
func (c *Classes) Set(p []float32) []int {
	var set []int
	for j, v := range p {
		if float64(v) >= c.SetThreshold {
			set = append(set, j)
		}
	}
	return set
}

// best is the number of the first of the largest values.
func best(p []float32) int {
	at := 0
	for j, v := range p {
		if v > p[at] {
			at = j
		}
	}
	return at
}
