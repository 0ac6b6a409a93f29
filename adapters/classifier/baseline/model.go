package baseline

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind is the linear model on top of the features.
type Kind string

// The kinds.
const (
	SVM      Kind = "svm"      // squared hinge loss, one class against the rest (LinearSVC)
	Logistic Kind = "logistic" // multinomial (LogisticRegression)
)

// Options of a fit. Zero values mean the defaults.
type Options struct {
	Kind       Kind     `json:"kind"` // default SVM
	C          float64  `json:"c"`    // inverse strength of regularisation, default 1
	Features   Features `json:"features"`
	Tol        float64  `json:"tol"`        // where to stop, default 1e-3 (SVM: spread of projected gradients) or 1e-5 (logistic: largest gradient)
	Iterations int      `json:"iterations"` // at most, default 1000
	Seed       uint64   `json:"seed"`       // order of the SVM's rows
}

func (o Options) filled() Options {
	if o.Kind == "" {
		o.Kind = SVM
	}
	if o.C == 0 {
		o.C = 1
	}
	if o.Tol == 0 {
		o.Tol = 1e-3
		if o.Kind == Logistic {
			o.Tol = 1e-5
		}
	}
	if o.Iterations == 0 {
		o.Iterations = 1000
	}
	o.Features = o.Features.filled()
	return o
}

// Validate reports what is out of range.
func (o Options) Validate() error {
	o = o.filled()
	if o.Kind != SVM && o.Kind != Logistic {
		return fmt.Errorf("baseline: kind is %q, want %q or %q", o.Kind, SVM, Logistic)
	}
	if !(o.C > 0) || !(o.Tol > 0) || o.Iterations < 1 {
		return fmt.Errorf("baseline: C %g, tol %g, iterations %d: want all above 0", o.C, o.Tol, o.Iterations)
	}
	return o.Features.Validate()
}

// String names the options for a report.
func (o Options) String() string {
	o = o.filled()
	var parts []string
	if f := o.Features; f.WordMin > 0 {
		parts = append(parts, fmt.Sprintf("%d to %d words", f.WordMin, f.WordMax))
	}
	if f := o.Features; f.CharMin > 0 {
		parts = append(parts, fmt.Sprintf("%d to %d characters", f.CharMin, f.CharMax))
	}
	s := "tf-idf of " + strings.Join(parts, " and ")
	if o.Features.Sublinear {
		s += ", sublinear"
	}
	return fmt.Sprintf("%s, %s, C %g", s, o.Kind, o.C)
}

// A Model classifies texts. It doesn't change, and is safe for concurrent use.
type Model struct {
	options    Options
	vectorizer *Vectorizer
	labels     []string  // [C], sorted
	weights    []float64 // [V+1, C], intercepts last
}

// Fit trains a model on texts and their labels, at least two different ones.
func Fit(texts, labels []string, o Options) (*Model, error) {
	if err := check(texts, labels, o); err != nil {
		return nil, err
	}
	v, err := FitVectorizer(texts, o.Features)
	if err != nil {
		return nil, err
	}
	return fit(v, v.Transform(texts), labels, o)
}

func check(texts, labels []string, o Options) error {
	if len(texts) != len(labels) || len(texts) == 0 {
		return fmt.Errorf("baseline: got %d texts and %d labels, want as many and at least one", len(texts), len(labels))
	}
	return o.Validate()
}

func fit(v *Vectorizer, x *Sparse, labels []string, o Options) (*Model, error) {
	o = o.filled()
	m := &Model{options: o, vectorizer: v, labels: slices.Clone(labels)}
	slices.Sort(m.labels)
	m.labels = slices.Compact(m.labels)
	if len(m.labels) < 2 {
		return nil, errors.New("baseline: all labels are the same, want at least two")
	}
	y := make([]int, len(labels))
	for i, l := range labels {
		y[i], _ = slices.BinarySearch(m.labels, l)
	}
	if o.Kind == SVM {
		m.weights = fitSVM(x, y, len(m.labels), o)
		return m, nil
	}
	var err error
	m.weights, err = fitLogistic(x, y, len(m.labels), o)
	return m, err
}

// Options gives the options of the fit, defaults filled in.
func (m *Model) Options() Options { return m.options }

// Labels lists the classes, sorted.
func (m *Model) Labels() []string { return m.labels }

// Decision gives a value for each class, in the order of Labels: the signed margin (SVM) or the log-odds (logistic).
func (m *Model) Decision(text string) []float64 {
	cols, vals := m.vectorizer.appendRow(nil, nil, text)
	return m.decision(cols, vals)
}

func (m *Model) decision(cols []int32, vals []float64) []float64 {
	c := len(m.labels)
	d := slices.Clone(m.weights[len(m.weights)-c:])
	for k, j := range cols {
		addScaled(d, m.weights[int(j)*c:], vals[k])
	}
	return d
}

// Predict gives the best class and its score, the softmax of the decision values: a probability for logistic regression, for an
// SVM a number in [0, 1] that only ranks.
func (m *Model) Predict(text string) (label string, score float64) {
	d := m.Decision(text)
	best := argmax(d)
	softmax(d)
	return m.labels[best], d[best]
}

// PredictAll gives the best class of every text.
func (m *Model) PredictAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = m.labels[argmax(m.Decision(t))]
	}
	return out
}

// argmax is the first of the largest.
func argmax(d []float64) int {
	best := 0
	for i, v := range d {
		if v > d[best] {
			best = i
		}
	}
	return best
}
