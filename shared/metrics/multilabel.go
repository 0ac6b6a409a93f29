package metrics

import (
	"cmp"
	"fmt"
	"slices"
)

// A MultiLabel has the scores of items that may each have any number of C labels.
type MultiLabel struct {
	MicroF1, MacroF1 float64 // over all decisions, and the mean of the labels' own (f1_score); a label that is neither true nor predicted counts 0
	Subset           float64 // share of the items all of whose labels are right (accuracy_score)
	MAP              float64 // mean of the labels' average precisions (average_precision_score, macro); a label that no item has counts 0
}

// ScoreMultiLabel scores predictions of n items: yTrue, yPred and yScore are [N, C].
func ScoreMultiLabel(yTrue, yPred []bool, yScore []float64, c int) (MultiLabel, error) {
	if err := sameLength("multi-label", len(yTrue), len(yPred)); err != nil {
		return MultiLabel{}, err
	}
	if c < 1 || len(yTrue)%c != 0 || len(yScore) != len(yTrue) {
		return MultiLabel{}, fmt.Errorf("metrics: multi-label: got %d truths and %d scores, want as many, a multiple of %d labels", len(yTrue), len(yScore), c)
	}
	items := make([]int32, len(yTrue)/c)
	for i := range items {
		items[i] = int32(i)
	}
	m := NewMultiLabel(yTrue, yPred, yScore, c)
	s := MultiLabel{MicroF1: m.MicroF1(items), MacroF1: m.MacroF1(items), Subset: m.Subset(items)}
	var err error
	s.MAP, err = m.MAP(items)
	return s, err
}

// MultiLabelItems gives each score for any of the items, such as those that a bootstrap draws.
type MultiLabelItems struct {
	yTrue, yPred []bool // [N, C]
	yScore       []float64
	c            int
	order        [][]int32 // [C] items by falling score of a label
	counts       []labelCounts
	drawn        []int32 // [N]
}

type labelCounts struct{ both, want, got int }

// NewMultiLabel prepares items as ScoreMultiLabel has them.
func NewMultiLabel(yTrue, yPred []bool, yScore []float64, c int) *MultiLabelItems {
	m := &MultiLabelItems{yTrue: yTrue, yPred: yPred, yScore: yScore, c: c, order: make([][]int32, c), counts: make([]labelCounts, c), drawn: make([]int32, len(yTrue)/c)}
	for k := range c {
		order := make([]int32, len(yTrue)/c)
		for i := range order {
			order[i] = int32(i)
		}
		slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(yScore[int(b)*c+k], yScore[int(a)*c+k]) })
		m.order[k] = order
	}
	return m
}

// count counts each label among items.
func (m *MultiLabelItems) count(items []int32) []labelCounts {
	clear(m.counts)
	for _, i := range items {
		for k := range m.c {
			at, t := int(i)*m.c+k, &m.counts[k]
			if m.yTrue[at] {
				t.want++
			}
			if m.yPred[at] {
				t.got++
				if m.yTrue[at] {
					t.both++
				}
			}
		}
	}
	return m.counts
}

func (t labelCounts) f1() float64 {
	if t.want+t.got == 0 {
		return 0
	}
	return 2 * float64(t.both) / float64(t.want+t.got)
}

// MicroF1 counts every decision alike.
func (m *MultiLabelItems) MicroF1(items []int32) float64 {
	var sum labelCounts
	for _, t := range m.count(items) {
		sum.both, sum.want, sum.got = sum.both+t.both, sum.want+t.want, sum.got+t.got
	}
	return sum.f1()
}

// MacroF1 is the mean of the labels' own.
func (m *MultiLabelItems) MacroF1(items []int32) float64 {
	var sum float64
	for _, t := range m.count(items) {
		sum += t.f1()
	}
	return sum / float64(m.c)
}

// Subset is the share of items all of whose labels are right.
func (m *MultiLabelItems) Subset(items []int32) float64 {
	right := 0
	for _, i := range items {
		at := int(i) * m.c
		if slices.Equal(m.yTrue[at:at+m.c], m.yPred[at:at+m.c]) {
			right++
		}
	}
	return float64(right) / float64(len(items))
}

// MAP is the mean of the labels' average precisions. It wants no NaN.
func (m *MultiLabelItems) MAP(items []int32) (float64, error) {
	clear(m.drawn)
	for _, i := range items {
		m.drawn[i]++
	}
	var sum float64
	for k := range m.c {
		positives, tp, called, area := 0, 0, 0, 0.0
		order := m.order[k]
		for at := 0; at < len(order); {
			s, new := m.yScore[int(order[at])*m.c+k], 0
			if s != s {
				return 0, fmt.Errorf("metrics: multi-label: a score of label %d is NaN", k)
			}
			for ; at < len(order) && m.yScore[int(order[at])*m.c+k] == s; at++ {
				n := int(m.drawn[order[at]])
				called += n
				if m.yTrue[int(order[at])*m.c+k] {
					new += n
				}
			}
			tp, positives = tp+new, positives+new
			if new > 0 {
				area += float64(float64(new) * (float64(tp) / float64(called)))
			}
		}
		if positives > 0 {
			sum += area / float64(positives)
		}
	}
	return sum / float64(m.c), nil
}
