package head

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/metrics"
)

// RiskTarget is the risk that Evaluation gives the coverage at.
const RiskTarget = 0.05

// bins are those of the expected calibration error: as many as in Guo et al., 2017.
const bins = 15

// An Evaluation scores what a classifier says of labelled texts or pictures.
type Evaluation struct {
	labels   []string
	number   map[string]int
	settings *Settings

	want, got  []string
	right      []bool    // the likeliest label is the true one, whether it is answered or not
	rank       []float64 // the confidence, less 1 where the classifier calls an item out of scope
	scope      []float64
	answered   []float64 // 1 where it answers, else 0
	covered    []float64 // of items with a known label: 1 where the set of labels holds it
	confidence []float64 // of items with a known label
	correct    []bool    // beside confidence
	brier      []float64 // beside confidence
}

// NewEvaluation evaluates n items by a classifier with the given labels.
func NewEvaluation(labels []string, s *Settings, n int) *Evaluation {
	e := &Evaluation{
		labels: labels, settings: s, number: make(map[string]int, len(labels)),
		want: make([]string, n), got: make([]string, n), right: make([]bool, n), rank: make([]float64, n), scope: make([]float64, n), answered: make([]float64, n),
	}
	for i, l := range labels {
		e.number[l] = i
	}
	return e
}

// Add scores item i by its true label and what the classifier says, logits and probabilities [C]. Every item must be added once, in any order.
func (e *Evaluation) Add(i int, want string, logits, probabilities []float32) {
	best := Best(probabilities)
	e.want[i], e.got[i], e.right[i] = want, e.labels[best], e.labels[best] == want
	p, k := probabilities, e.settings.Calibration
	e.answered[i], e.rank[i] = 1, float64(p[best])
	if k != nil {
		e.scope[i] = float64(k.ScopeScore(logits))
		p = make([]float32, len(logits))
		v := k.Judge(p, logits)
		e.rank[i] = v.Confidence
		if v.Abstains() {
			e.answered[i] = 0
		}
		if v.Why == calibration.OutOfScope {
			e.rank[i]--
			if k.OutOfScope != "" {
				e.got[i] = k.OutOfScope
			}
		}
	}
	y, known := e.number[want]
	if !known {
		return
	}
	wide := make([]float64, len(p))
	for j, v := range p {
		wide[j] = min(max(float64(v), 0), 1)
	}
	score, err := metrics.Brier([]int{y}, wide, len(p))
	if err != nil {
		return // probabilities of one class alone, or none
	}
	e.brier, e.confidence, e.correct = append(e.brier, score[0]), append(e.confidence, wide[best]), append(e.correct, best == y)
	if k != nil {
		held := 0.0
		if float64(p[y]) >= k.SetThreshold {
			held = 1
		}
		e.covered = append(e.covered, held)
	}
}

// Scores gives accuracy and macro_f1; of items with a label that the classifier knows ece, the expected calibration error, and brier, half the squared distance of the probabilities from the
// truth; of all aurc, the area under the coverage-risk curve, and coverage_at_risk_5, the share that can be answered with 5 % of the answers wrong. With a calibration
// there are coverage, the share answered, risk, the share of those that is wrong, and set_coverage, the share of items with a known label whose set of labels holds it;
// and where items have a label that means out of scope, out_of_scope_AUROC. An item that is called out of scope counts in accuracy and macro_f1 as of that label, if there is
// one; elsewhere abstaining counts for nothing in them. Means have their 95 % intervals.
func (e *Evaluation) Scores() (adapter.Scores, error) {
	s, err := ScoreLabels(e.want, e.got)
	if err != nil {
		return s, err
	}
	curve, err := e.Curve()
	if err != nil {
		return s, err
	}
	s.Values["aurc"], s.Values["coverage_at_risk_5"] = curve.AURC(), curve.CoverageAt(RiskTarget)
	if len(e.confidence) > 0 {
		if s.Values["ece"], err = metrics.ECE(e.confidence, e.correct, bins); err != nil {
			return s, fmt.Errorf("classifier: %w", err)
		}
		if err := e.mean(s, "brier", e.brier); err != nil {
			return s, err
		}
	}
	if e.settings.Calibration == nil {
		return s, nil
	}
	if err := e.mean(s, "coverage", e.answered); err != nil {
		return s, err
	}
	if len(e.covered) > 0 {
		if err := e.mean(s, "set_coverage", e.covered); err != nil {
			return s, err
		}
	}
	var wrong []float64
	for i, a := range e.answered {
		switch {
		case a == 0:
		case e.right[i]:
			wrong = append(wrong, 0)
		default:
			wrong = append(wrong, 1)
		}
	}
	if len(wrong) > 0 {
		if err := e.mean(s, "risk", wrong); err != nil {
			return s, err
		}
	}
	return s, e.outOfScope(s)
}

// Curve gives the coverage-risk curve: by falling confidence, what is called out of scope last. Items of labels that the classifier doesn't know are wrong
// wherever they are answered.
func (e *Evaluation) Curve() (*metrics.CoverageCurve, error) {
	c, err := metrics.CoverageRisk(e.rank, e.right)
	if err != nil {
		return nil, fmt.Errorf("classifier: %w", err)
	}
	return c, nil
}

func (e *Evaluation) mean(s adapter.Scores, name string, items []float64) error {
	i, err := metrics.Bootstrap(items, adapter.BootstrapSeed)
	if err != nil {
		return fmt.Errorf("classifier: %s: %w", name, err)
	}
	s.Values[name], s.Interval[name] = i.Mean, [2]float64{i.Low, i.High}
	return nil
}

// outOfScope adds how well the scope score tells items of the classes from those that the data call out of scope, where there are both.
func (e *Evaluation) outOfScope(s adapter.Scores) error {
	label := e.settings.Calibration.OutOfScope
	var in []bool
	var scope []float64
	strangers := 0
	for i, w := range e.want {
		_, known := e.number[w]
		if !known && (label == "" || w != label) {
			continue
		}
		if !known {
			strangers++
		}
		in, scope = append(in, known), append(scope, e.scope[i])
	}
	if strangers == 0 || strangers == len(in) {
		return nil
	}
	v, err := metrics.ROCAUC(in, scope)
	if err != nil {
		return fmt.Errorf("classifier: %w", err)
	}
	s.Values["out_of_scope_AUROC"] = v
	return nil
}

// An Observer gathers what a classifier says of examples that it wasn't trained on, for a calibration.
type Observer struct {
	Observations calibration.Observations
	number       map[string]int32
}

// NewObserver observes n items of a classifier with the given labels. Other labels are out of scope.
func NewObserver(labels []string, n int) *Observer {
	o := &Observer{number: make(map[string]int32, len(labels))}
	for i, l := range labels {
		o.number[l] = int32(i)
	}
	o.Observations = calibration.Observations{Classes: len(labels), Logits: kernels.Make[float32](n * len(labels)), True: make([]int32, n)}
	return o
}

// Add observes item i.
func (o *Observer) Add(i int, want string, logits []float32) {
	y, known := o.number[want]
	if !known {
		y = -1
	}
	o.Observations.True[i] = y
	copy(o.Observations.Logits[i*len(logits):], logits)
}
