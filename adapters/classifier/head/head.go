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
	Stored    int    `json:"stored,omitempty"`     // of a head of neighbours: how many vectors it keeps
	K         int    `json:"k,omitempty"`          // of a head of neighbours: how many of them vote

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

// A Layer turns pooled vectors into scores: a dense layer, or else the nearest of the vectors that it was fitted to.
type Layer struct {
	Linear *nn.Linear
	Near   *Neighbours // nil: Linear
}

// For makes the layer for the labels of a passport and its settings, without weights.
func For(p *adapter.Passport, s *Settings, d int) (Layer, error) {
	c := len(p.Labels)
	if c < 2 {
		return Layer{}, fmt.Errorf("classifier: %w: got %d labels, want at least 2", adapter.ErrPassport, c)
	}
	if s.Stored == 0 && s.K == 0 {
		return Layer{Linear: New(d, c).Linear}, nil
	}
	if s.K < 1 || s.Stored < max(2, s.K) || s.Stored > mostStored || !s.Normalize {
		return Layer{}, fmt.Errorf("classifier: %w: settings: got %d neighbours of %d vectors, normalize %t, want 1 to %d of 2 to %d, of length 1", adapter.ErrPassport, s.K, s.Stored, s.Normalize, s.Stored, mostStored)
	}
	return Layer{Near: NewNeighbours(s.Stored, d, c, s.K)}, nil
}

// mostStored bounds the vectors that a passport may ask memory for.
const mostStored = 200_000

// Params are what an adapter folder stores.
func (l Layer) Params() []*nn.Param {
	if l.Near != nil {
		return l.Near.Params()
	}
	return l.Linear.Params()
}

// Settle puts what prediction needs to know of the layer into the settings.
func (l Layer) Settle(s *Settings) {
	if l.Near != nil {
		s.Stored, s.K = l.Near.Vectors.Shape[0], l.Near.K
	}
}

// In is D, the width of the vectors.
func (l Layer) In() int {
	if l.Near != nil {
		return l.Near.Vectors.Shape[1]
	}
	return l.Linear.In()
}

// Check holds what was filled, and the settings, against the labels.
func (l Layer) Check(labels []string, s *Settings) error {
	if l.Near == nil {
		if len(labels) != l.Linear.Out() || s.Stored != 0 || s.K != 0 {
			return fmt.Errorf("classifier: got %d labels and %d neighbours, want %d and none", len(labels), s.K, l.Linear.Out())
		}
		return nil
	}
	if n := l.Near.Vectors.Shape[0]; len(labels) != l.Near.classes || s.Stored != n || s.K != l.Near.K || !s.Normalize {
		return fmt.Errorf("classifier: got %d labels and %d neighbours of %d, want %d and %d of %d, of length 1", len(labels), s.K, s.Stored, l.Near.classes, l.Near.K, n)
	}
	return l.Near.check()
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
