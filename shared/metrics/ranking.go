package metrics

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/random"
)

// A Ranking counts the positive and the negative items at every distinct score, the highest first. An item is called positive when its score is
// at least a threshold. It has at least one item of each class.
type Ranking struct {
	Scores               []float64
	Positives, Negatives []int
}

// Rank makes the ranking of items: yTrue says which are positive. It wants at least one item of each class and no NaN.
func Rank(yTrue []bool, yScore []float64) (*Ranking, error) {
	r, _, err := rank("ranking", yTrue, yScore)
	return r, err
}

// rank also says at which distinct score each item stands.
func rank(name string, yTrue []bool, yScore []float64) (*Ranking, []int32, error) {
	if err := sameLength(name, len(yTrue), len(yScore)); err != nil {
		return nil, nil, err
	}
	order := make([]int32, len(yScore))
	for i := range order {
		order[i] = int32(i)
		if math.IsNaN(yScore[i]) {
			return nil, nil, fmt.Errorf("metrics: %s: score %d is NaN", name, i)
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(yScore[b], yScore[a]) })
	r, at := &Ranking{}, make([]int32, len(order))
	for k, i := range order {
		if k == 0 || yScore[i] != yScore[order[k-1]] {
			r.Scores, r.Positives, r.Negatives = append(r.Scores, yScore[i]), append(r.Positives, 0), append(r.Negatives, 0)
		}
		last := len(r.Scores) - 1
		at[i] = int32(last)
		if yTrue[i] {
			r.Positives[last]++
		} else {
			r.Negatives[last]++
		}
	}
	if p, n := r.totals(); p == 0 || n == 0 {
		return nil, nil, fmt.Errorf("metrics: %s: got %d positive and %d negative items, want both", name, p, n)
	}
	return r, at, nil
}

func (r *Ranking) totals() (positives, negatives int) {
	for i, p := range r.Positives {
		positives += p
		negatives += r.Negatives[i]
	}
	return positives, negatives
}

// ROCAUC is the area under the ROC curve, ties counting half (roc_auc_score).
func (r *Ranking) ROCAUC() float64 {
	var area, above float64 // above: positives with a higher score
	for i, p := range r.Positives {
		area += float64(float64(r.Negatives[i]) * (above + float64(p)/2))
		above += float64(p)
	}
	positives, negatives := r.totals()
	return area / float64(positives) / float64(negatives)
}

// AveragePrecision is the sum over falling thresholds of precision times the growth of recall (average_precision_score).
func (r *Ranking) AveragePrecision() float64 {
	var sum float64
	tp, called := 0, 0
	for i, p := range r.Positives {
		tp += p
		called += p + r.Negatives[i]
		if called > 0 { // a resample may leave scores without items
			sum += float64(float64(p) * (float64(tp) / float64(called)))
		}
	}
	positives, _ := r.totals()
	return sum / float64(positives)
}

// F1 is that of the positive class at a threshold: 2 tp / (2 tp + fp + fn).
func (r *Ranking) F1(threshold float64) float64 {
	tp, fp := 0, 0
	for i, s := range r.Scores {
		if s >= threshold {
			tp += r.Positives[i]
			fp += r.Negatives[i]
		}
	}
	positives, _ := r.totals()
	return f1(tp, fp, positives)
}

func f1(tp, fp, positives int) float64 { return float64(2*tp) / float64(tp+fp+positives) }

// BestF1 is the best F1 over all thresholds, and the highest threshold that gives it: the F1 max that anomalib reports. It is picked on the items
// that it scores, so it flatters.
func (r *Ranking) BestF1() (best, threshold float64) {
	positives, _ := r.totals()
	tp, fp := 0, 0
	best = -1
	for i, s := range r.Scores {
		tp += r.Positives[i]
		fp += r.Negatives[i]
		if f := f1(tp, fp, positives); f > best {
			best, threshold = f, s
		}
	}
	return best, threshold
}

// RecallAt is the best recall over the thresholds whose share of false alarms among the negatives is at most rate, and the lowest such
// threshold: +Inf where even the highest score is a false alarm too many.
func (r *Ranking) RecallAt(rate float64) (recall, threshold float64) {
	positives, negatives := r.totals()
	tp, fp := 0, 0
	threshold = math.Inf(1)
	for i, s := range r.Scores {
		fp += r.Negatives[i]
		if float64(fp) > rate*float64(negatives) {
			break
		}
		tp += r.Positives[i]
		threshold = s
	}
	return float64(tp) / float64(positives), threshold
}

// FalseAlarmsAt is how many of a thousand negatives are false alarms at the highest threshold whose recall is at least the one given, and that
// threshold. recall above 1 counts as 1.
func (r *Ranking) FalseAlarmsAt(recall float64) (perThousand, threshold float64) {
	positives, negatives := r.totals()
	tp, fp := 0, 0
	for i, s := range r.Scores {
		tp += r.Positives[i]
		fp += r.Negatives[i]
		threshold = s
		if tp == positives || float64(tp) >= recall*float64(positives) && tp > 0 {
			break
		}
	}
	return 1000 * float64(fp) / float64(negatives), threshold
}

// BootstrapRank gives the interval of a statistic of the ranking of items. Positive and negative items are drawn anew apart, so that a draw has as
// many of each as there are. statistic is called first with the ranking itself and should not keep it.
func BootstrapRank(yTrue []bool, yScore []float64, seed uint64, statistic func(r *Ranking) float64) (Interval, error) {
	r, at, err := rank("bootstrap", yTrue, yScore)
	if err != nil {
		return Interval{}, err
	}
	mean := statistic(r)
	var classes [2][]int32 // places of the negative and of the positive items
	for i, y := range yTrue {
		c := 0
		if y {
			c = 1
		}
		classes[c] = append(classes[c], at[i])
	}
	key := random.Key(seed, "metrics.rank")
	items := make([]int32, len(yTrue))
	draws := make([]float64, Resamples)
	for d := range draws {
		clear(r.Positives)
		clear(r.Negatives)
		for c, places := range classes {
			counts := r.Negatives
			if c == 1 {
				counts = r.Positives
			}
			draw(items[:len(places)], len(places), random.Mix(random.Mix(key, uint64(d)), uint64(c)))
			for _, i := range items[:len(places)] {
				counts[places[i]]++
			}
		}
		draws[d] = statistic(r)
	}
	return interval(mean, draws)
}
