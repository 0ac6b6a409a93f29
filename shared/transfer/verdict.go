package transfer

import (
	"fmt"
	"strconv"
	"strings"
)

// A Verdict says for one budget whether pretraining pays: whether the arm that starts from the base beats both the same model from scratch and the cheap
// baseline, by intervals that exclude zero. The arm is the one of those from the base that does best on the development examples, so that the test doesn't choose.
type Verdict struct {
	Budget int    `json:"budget"` // 0: all
	Train  int    `json:"train"`
	Arm    string `json:"arm"`
	Says   string `json:"says"`
	Gains  []Gain `json:"gains"`
}

// What a Verdict says.
const (
	Pays       = "pretraining pays here"
	UseCheap   = "use the baseline: it is better than the base"
	Hurts      = "pretraining hurts here: the same model from scratch is better"
	OnlyWeight = "pretraining beats scratch but not the baseline: use the baseline, which is cheaper"
	OnlyCheap  = "the model beats the baseline, but pretraining adds nothing that these examples can show"
	NoShown    = "no difference that these examples can show: use the baseline, which is cheaper"
	NoneShown  = "no difference that these examples can show"
)

// judge sets the verdicts.
func (r *Report) judge() {
	for i, b := range r.Budgets {
		if v, ok := r.verdict(i, b); ok {
			r.Verdicts = append(r.Verdicts, v)
		}
	}
	var lines []string
	for i := 0; i < len(r.Verdicts); {
		v, labels := r.Verdicts[i], []string(nil)
		for ; i < len(r.Verdicts) && r.Verdicts[i].Says == v.Says; i++ {
			labels = append(labels, strconv.Itoa(r.Verdicts[i].Train))
		}
		lines = append(lines, fmt.Sprintf("with %s labels %s", strings.Join(labels, " and "), v.Says))
	}
	if r.Verdict = strings.Join(lines, "; "); r.Verdict != "" {
		r.Verdict = strings.ToUpper(r.Verdict[:1]) + r.Verdict[1:] + "."
	}
}

// verdict judges the budget number i. ok is false where nothing starts from the base or there is nothing to compare it with.
func (r *Report) verdict(i, budget int) (v Verdict, ok bool) {
	var best *Point
	for _, a := range r.Arms {
		if p := &a.Points[i]; pretrained(a.Name) && (best == nil || p.Dev > best.Dev) {
			best, v.Arm = p, a.Name
		}
	}
	if best == nil || len(best.Gains) == 0 {
		return v, false
	}
	v.Budget, v.Train, v.Gains = budget, best.Train, best.Gains
	v.Says = says(best.Gains)
	return v, true
}

// says is the rule.
func says(gains []Gain) string {
	const less, none, more = -1, 0, 1
	side := map[string]int{}
	for _, g := range gains {
		switch {
		case g.Interval[0] > 0:
			side[g.Over] = more
		case g.Interval[1] < 0:
			side[g.Over] = less
		default:
			side[g.Over] = none
		}
	}
	scratch, hasScratch := side[Scratch]
	cheap, hasCheap := side[Baseline]
	switch {
	case hasCheap && cheap == less:
		return UseCheap
	case hasScratch && scratch == less:
		return Hurts
	case hasScratch && hasCheap && scratch == more && cheap == more:
		return Pays
	case hasScratch && hasCheap && scratch == more:
		return OnlyWeight
	case hasScratch && hasCheap && cheap == more:
		return OnlyCheap
	case hasCheap && cheap == more:
		return "the base beats the baseline; scratch was not tried"
	case hasScratch && scratch == more:
		return "the base beats scratch; the baseline was not tried"
	case hasCheap:
		return NoShown
	}
	return NoneShown
}
