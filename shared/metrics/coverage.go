package metrics

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A CoveragePoint says what answering only from a confidence on comes to.
type CoveragePoint struct {
	Confidence float64 `json:"confidence"` // the least that is answered
	Coverage   float64 `json:"coverage"`   // share of all items that is
	Risk       float64 `json:"risk"`       // share of those that is wrong
}

// A CoverageCurve has a point for every distinct confidence, the highest first (El-Yaniv and Wiener, "On the foundations of noise-free selective
// classification", 2010). Its last point covers everything.
type CoverageCurve struct {
	Points []CoveragePoint
	n      int
	sizes  []int // items at each confidence
	wrong  []int // and those of them that are wrong
}

// CoverageRisk makes the curve of items with their confidence and whether the answer is right. It wants no NaN.
func CoverageRisk(confidence []float64, correct []bool) (*CoverageCurve, error) {
	if err := sameLength("coverage-risk curve", len(correct), len(confidence)); err != nil {
		return nil, err
	}
	order := make([]int, len(confidence))
	for i, v := range confidence {
		if math.IsNaN(v) {
			return nil, fmt.Errorf("metrics: coverage-risk curve: confidence %d is NaN", i)
		}
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(confidence[b], confidence[a]) })
	r := &CoverageCurve{n: len(order)}
	wrong := 0
	for k, i := range order {
		if k == 0 || confidence[i] != confidence[order[k-1]] {
			r.Points, r.sizes, r.wrong = append(r.Points, CoveragePoint{Confidence: confidence[i]}), append(r.sizes, 0), append(r.wrong, 0)
		}
		last := len(r.Points) - 1
		r.sizes[last]++
		if !correct[i] {
			wrong++
			r.wrong[last]++
		}
		r.Points[last].Coverage, r.Points[last].Risk = float64(k+1)/float64(r.n), float64(wrong)/float64(k+1)
	}
	return r, nil
}

// AURC is the area under the curve: the mean over k of the risk of the k items of highest confidence, those of equal confidence in random order (Geifman,
// Uziel and El-Yaniv, "Bias-reduced uncertainty estimation for deep neural classifiers", 2019). Less is better; answers that are all right have 0.
func (r *CoverageCurve) AURC() float64 {
	var sum float64
	k, wrong := 0, 0.0
	for i, m := range r.sizes {
		for j := 1; j <= m; j++ {
			sum += (wrong + float64(float64(r.wrong[i])*float64(j))/float64(m)) / float64(k+j)
		}
		k += m
		wrong += float64(r.wrong[i])
	}
	return sum / float64(r.n)
}

// RiskAt is the risk at the least coverage of the curve that is at least the one given; above 1 counts as 1.
func (r *CoverageCurve) RiskAt(coverage float64) float64 {
	for _, p := range r.Points {
		if p.Coverage >= coverage {
			return p.Risk
		}
	}
	return r.Points[len(r.Points)-1].Risk
}

// CoverageAt is the greatest coverage with at most the given risk, 0 where there is none.
func (r *CoverageCurve) CoverageAt(risk float64) float64 {
	for _, p := range slices.Backward(r.Points) {
		if p.Risk <= risk {
			return p.Coverage
		}
	}
	return 0
}
