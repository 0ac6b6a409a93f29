package extractive

import (
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/metrics"
)

// Oracle greedily picks at most k sentences that make ROUGE-1 F1 plus ROUGE-2 F1 with the references as high as it can, and stops when no
// further sentence helps (Nallapati et al., SummaRuNNer, AAAI 2017). Of several references the best counts. It gives the picked numbers
// in document order, none when no sentence shares a word.
func Oracle(sentences, references []string, k int, r metrics.ROUGE) ([]int, error) {
	var picked []int
	best := 0.0
	for len(picked) < k {
		add := -1
		for i := range sentences {
			if slices.Contains(picked, i) {
				continue
			}
			s, err := r.ScoreMulti(references, Join(sentences, append(slices.Clone(picked), i)))
			if err != nil {
				return nil, err
			}
			if v := s.Rouge1.F1 + s.Rouge2.F1; v > best {
				best, add = v, i
			}
		}
		if add < 0 {
			break
		}
		picked = append(picked, add)
	}
	slices.Sort(picked)
	return picked, nil
}

// Join puts picked sentences together in document order, one a line.
func Join(sentences []string, picked []int) string {
	order := slices.Sorted(slices.Values(picked))
	lines := make([]string, len(order))
	for i, p := range order {
		lines[i] = sentences[p]
	}
	return strings.Join(lines, "\n")
}
