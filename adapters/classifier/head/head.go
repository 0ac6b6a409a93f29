// Package head is what classifiers of texts and of pictures share: the dense layer over pooled vectors, the settings and scores.
package head

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/nn"
)

// Task is what a classifier's passport says.
const Task = "classify"

// Settings are what prediction needs besides the weights. The passport holds them.
type Settings struct {
	MaxLength int    `json:"max_length,omitempty"` // of texts: most tokens; what is longer is cut
	Pooling   string `json:"pooling"`              // of texts mean, cls or max; of pictures mean, over the patches, or cls
	Normalize bool   `json:"normalize,omitempty"`  // scale the pooled vector to length 1

	Calibration *calibration.Classes `json:"calibration,omitempty"` // how sure it is, and when it abstains; nil: it always answers
}

// A Score is a label with its probability, as Hugging Face's classification pipelines give it.
type Score struct {
	Label string  `json:"label"`
	Score float64 `json:"score"`
}

// Validate checks what a stranger's settings say of a calibration; the rest is checked against a model.
func (s *Settings) Validate() error {
	if s.Calibration == nil {
		return nil
	}
	return s.Calibration.Validate()
}

// New makes the classification head for width d and c classes: a dense layer called classifier, as in transformers.
func New(d, c int) *nn.ClassifierLoss {
	return nn.NewClassifierLoss("classifier", d, c, dropout)
}

// dropout is BERT's for the pooled vector.
const dropout = 0.1

// For makes the dense layer for the labels of a passport, without weights.
func For(p *adapter.Passport, d int) (*nn.Linear, error) {
	if len(p.Labels) < 2 {
		return nil, fmt.Errorf("classifier: %w: got %d labels, want at least 2", adapter.ErrPassport, len(p.Labels))
	}
	return New(d, len(p.Labels)).Linear, nil
}

// Rank gives the labels with their probabilities, best first.
func Rank(labels []string, probabilities []float32) []Score {
	scores := make([]Score, len(labels))
	for c, v := range probabilities {
		scores[c] = Score{labels[c], float64(v)}
	}
	slices.SortStableFunc(scores, func(a, b Score) int { return cmp.Compare(b.Score, a.Score) })
	return scores
}

// Best gives the number of the first of the largest probabilities.
func Best(probabilities []float32) int {
	best := 0
	for c, v := range probabilities {
		if v > probabilities[best] {
			best = c
		}
	}
	return best
}
