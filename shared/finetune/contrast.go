package finetune

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// company is how many rows of one class go into a batch together where the model is tuned by contrast: a row that is alone teaches only what it isn't.
const company = 4

// contrast is the end of the chain while the model is tuned by contrast: the head comes after it, fitted at once to what the model then gives (SetFit, Tunstall et al.,
// "Efficient few-shot learning without prompts", 2022, with Khosla's loss over all pairs of a batch in place of sampled pairs).
func contrast(head *Head, width int, c Config) (Head, error) {
	switch {
	case head.Classes == nil || head.Pooling == "" || head.Regress == nil:
		return Head{}, fmt.Errorf("%w: contrastive: the task's head has no classes of whole texts or pictures", ErrConfig)
	case c.Logistic == 0 && !head.Closed:
		return Head{}, fmt.Errorf("%w: contrastive: got no logistic regression, want one, for the head is fitted at once in the end", ErrConfig)
	}
	loss := &nn.SupervisedContrastiveLoss{D: width, Temperature: float32(c.Contrastive)}
	return Head{
		Pooling: head.Pooling, Classes: head.Classes, Layers: []nn.Sublayer{loss},
		Target: func(rows []int32) {
			loss.Labels = loss.Labels[:0]
			for _, r := range rows {
				loss.Labels = append(loss.Labels, head.Classes[r])
			}
		},
	}, nil
}

// companies divides an epoch into batches of about size rows that are of one class by fours: a pure function of its arguments. A class's last few rows, and the only one
// of a class, are a group of fewer. Groups of like length are in one batch, and the number of batches is the same in every epoch.
func companies(lengths, classes []int32, size int, seed uint64, epoch int) [][]int32 {
	key := random.Mix(random.Key(seed, "finetune.companies"), uint64(epoch))
	order := random.Perm(key, len(classes))
	slices.SortStableFunc(order, func(a, b int32) int { return int(classes[a]) - int(classes[b]) })
	var groups [][]int32
	var longest []int32
	for len(order) > 0 {
		n := 1
		for n < min(company, len(order)) && classes[order[n]] == classes[order[0]] {
			n++
		}
		groups = append(groups, order[:n])
		most := int32(0)
		for _, r := range order[:n] {
			most = max(most, lengths[r])
		}
		longest = append(longest, most)
		order = order[n:]
	}
	var batches [][]int32
	for _, chosen := range data.Buckets(longest, max(1, size/company), seed, epoch) {
		var rows []int32
		for _, g := range chosen {
			rows = append(rows, groups[g]...)
		}
		batches = append(batches, rows)
	}
	return batches
}

// classes are those that batches are made by; nil: by lengths alone.
func (h *Head) classes(c Config) []int32 {
	if c.Contrastive == 0 {
		return nil
	}
	return h.Classes
}
