package head

import (
	"slices"

	"github.com/fmkit/fmkit/shared/calibration"
)

// A Judged is what a classifier says of one text or picture.
type Judged struct {
	Scores               []Score  // of all labels, best first, as they are without a calibration
	*calibration.Verdict          // whether the best label is to be relied on; nil without a calibration
	Labels               []string // those that hold the true one with the calibration's confidence level, likeliest first; nil without a calibration, empty where no label is likely enough
}

// Judge makes of a row of logits [C] and their probabilities [C], both in the order of labels, what a classifier says.
func (s *Settings) Judge(labels []string, logits, probabilities []float32) Judged {
	j := Judged{Scores: Rank(labels, probabilities)}
	if s.Calibration == nil {
		return j
	}
	p := make([]float32, len(labels))
	v := s.Calibration.Judge(p, logits)
	j.Verdict, j.Labels = &v, []string{}
	set := s.Calibration.Set(p)
	slices.SortStableFunc(set, func(a, b int) int {
		switch {
		case p[a] > p[b]:
			return -1
		case p[a] < p[b]:
			return 1
		}
		return 0
	})
	for _, c := range set {
		j.Labels = append(j.Labels, labels[c])
	}
	return j
}
