package inspector

import (
	"errors"
	"fmt"
)

// ErrSettings: a setting is out of range, or does not go with the model; the error names it.
var ErrSettings = errors.New("bad settings")

// Settings say how an inspector is fitted and how it answers. The passport holds them.
type Settings struct {
	Channels      int     `json:"channels"`      // of the features' input
	Height        int     `json:"height"`        // of the features' input, pixels
	Width         int     `json:"width"`         // of the features' input, pixels
	Neighbourhood int     `json:"neighbourhood"` // side of the square of patches that a vector is the mean of; odd
	Coreset       float64 `json:"coreset"`       // share of the patches that the bank keeps
	Projection    int     `json:"projection"`    // width of the random projection in which they are chosen; 0 means none
	Neighbours    int     `json:"neighbours"`    // of the nearest vector in the bank, itself included, that weigh a picture's score; 0 means no weighting
	FalseAlarms   float64 `json:"false_alarms"`  // share of good pictures that may be called defective
	Abstain       float64 `json:"abstain"`       // further share of good pictures that nothing is said about
	Folds         int     `json:"folds"`         // of the good pictures, for their own scores
	Blur          float64 `json:"blur"`          // standard deviation of the Gaussian over the map, pixels
	MinArea       int     `json:"min_area"`      // of a box's region, pixels
	Few           bool    `json:"few"`           // with too few good pictures for FalseAlarms, abstain from every verdict; else they are an error
	Seed          uint64  `json:"seed"`
	Whiten        float64 `json:"whiten,omitzero"` // ridge of whitening, in units of the mean variance; 0 means vectors as the features give them
	Whole         bool    `json:"whole,omitzero"`  // judge a picture by its worst patch and on the whole, by what is further off for a good one
	Names         int     `json:"names,omitzero"`  // defective pictures of each label that kinds of defects are named after; 0 means that they aren't
	View          View    `json:"view,omitzero"`   // of a backbone
}

// Default gives the settings for input of the given size: those of PatchCore where it has them, one false alarm in a hundred good pictures.
func Default(channels, height, width int) Settings {
	return Settings{
		Channels: channels, Height: height, Width: width, Neighbourhood: 3, Coreset: 0.1, Projection: 64, Neighbours: 9,
		FalseAlarms: 0.01, Folds: 5, Blur: 4, MinArea: 16,
	}
}

// Limits of settings, so that a passport from a stranger can't ask for more memory than a machine has.
const (
	maxSide   = 8192
	maxPixels = 1 << 24
	maxBlur   = 256
)

// Validate reports what is out of range.
func (s Settings) Validate() error {
	for _, c := range []struct {
		name           string
		got, low, high float64
	}{
		{"channels", float64(s.Channels), 1, 64},
		{"height", float64(s.Height), 1, maxSide},
		{"width", float64(s.Width), 1, maxSide},
		{"height times width", float64(s.Height) * float64(s.Width), 1, maxPixels},
		{"neighbourhood", float64(s.Neighbourhood), 1, 15},
		{"projection", float64(s.Projection), 0, 4096},
		{"neighbours", float64(s.Neighbours), 0, 256},
		{"folds", float64(s.Folds), 2, 1000},
		{"blur", s.Blur, 0, maxBlur},
		{"whiten", s.Whiten, 0, 1e6},
		{"names", float64(s.Names), 0, 1e6},
		{"min_area", float64(s.MinArea), 0, maxPixels},
		{"abstain", s.Abstain, 0, 0.99 - s.FalseAlarms},
	} {
		if !(c.got >= c.low && c.got <= c.high) {
			return fmt.Errorf("inspector: %w: %s: got %g, want %g to %g", ErrSettings, c.name, c.got, c.low, c.high)
		}
	}
	switch {
	case s.Neighbourhood%2 == 0:
		return fmt.Errorf("inspector: %w: neighbourhood: got %d, want an odd number", ErrSettings, s.Neighbourhood)
	case !(s.Coreset > 0 && s.Coreset <= 1):
		return fmt.Errorf("inspector: %w: coreset: got %g, want above 0 and at most 1", ErrSettings, s.Coreset)
	case !(s.FalseAlarms > 0 && s.FalseAlarms <= 0.5):
		return fmt.Errorf("inspector: %w: false_alarms: got %g, want above 0 and at most 0.5", ErrSettings, s.FalseAlarms)
	}
	return nil
}

func (s *Settings) pixels() int { return s.Channels * s.Height * s.Width }
