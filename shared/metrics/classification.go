package metrics

import (
	"errors"
	"fmt"
	"slices"
)

// ErrEmpty means that there is nothing to score.
var ErrEmpty = errors.New("nothing to score")

func sameLength(name string, a, b int) error {
	if a != b {
		return fmt.Errorf("metrics: %s: got %d predictions, want %d", name, b, a)
	}
	if a == 0 {
		return fmt.Errorf("metrics: %s: %w", name, ErrEmpty)
	}
	return nil
}

// Accuracy is the share of predictions that are right (accuracy_score).
func Accuracy[L comparable](yTrue, yPred []L) (float64, error) {
	if err := sameLength("accuracy", len(yTrue), len(yPred)); err != nil {
		return 0, err
	}
	right := 0
	for i, y := range yTrue {
		if y == yPred[i] {
			right++
		}
	}
	return float64(right) / float64(len(yTrue)), nil
}

// Correct is 1 for every right prediction and 0 for every other: the items of a bootstrap over accuracy.
func Correct[L comparable](yTrue, yPred []L) ([]float64, error) {
	if err := sameLength("correct", len(yTrue), len(yPred)); err != nil {
		return nil, err
	}
	c := make([]float64, len(yTrue))
	for i, y := range yTrue {
		if y == yPred[i] {
			c[i] = 1
		}
	}
	return c, nil
}

// MacroF1 is the mean over classes of F1 = 2 tp / (2 tp + fp + fn), where the classes are all that occur in yTrue or yPred
// (f1_score with average="macro").
func MacroF1[L comparable](yTrue, yPred []L) (float64, error) {
	if err := sameLength("macro F1", len(yTrue), len(yPred)); err != nil {
		return 0, err
	}
	type counts struct{ tp, fp, fn int }
	at := map[L]int{}
	var all []counts
	index := func(l L) int {
		i, ok := at[l]
		if !ok {
			i = len(all)
			at[l] = i
			all = append(all, counts{})
		}
		return i
	}
	for i, y := range yTrue {
		t, p := index(y), index(yPred[i])
		if t == p {
			all[t].tp++
		} else {
			all[t].fn++
			all[p].fp++
		}
	}
	var sum float64
	for _, c := range all {
		sum += 2 * float64(c.tp) / float64(2*c.tp+c.fp+c.fn)
	}
	return sum / float64(len(all)), nil
}

// ConfusionMatrix counts in cell [i][j] the items of class labels[i] that were predicted as labels[j] (confusion_matrix). labels
// nil means all labels that occur, sorted; they are returned. Items with a label outside labels aren't counted.
func ConfusionMatrix(yTrue, yPred, labels []string) ([][]int, []string, error) {
	if err := sameLength("confusion matrix", len(yTrue), len(yPred)); err != nil {
		return nil, nil, err
	}
	if labels == nil {
		labels = slices.Concat(yTrue, yPred)
		slices.Sort(labels)
		labels = slices.Compact(labels)
	}
	at := make(map[string]int, len(labels))
	m := make([][]int, len(labels))
	for i, l := range labels {
		if _, ok := at[l]; ok {
			return nil, nil, fmt.Errorf("metrics: confusion matrix: label %q is given twice", l)
		}
		at[l] = i
		m[i] = make([]int, len(labels))
	}
	for k, t := range yTrue {
		i, ok1 := at[t]
		j, ok2 := at[yPred[k]]
		if ok1 && ok2 {
			m[i][j]++
		}
	}
	return m, labels, nil
}

// ROCAUC is the area under the ROC curve: the chance that a positive item has a higher score than a negative one, ties
// counting half (roc_auc_score). It wants at least one item of each class and no NaN.
func ROCAUC(yTrue []bool, yScore []float64) (float64, error) {
	r, _, err := rank("ROC AUC", yTrue, yScore)
	if err != nil {
		return 0, err
	}
	return r.ROCAUC(), nil
}
