package rl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/rl/env/spaces"
)

// An Environment is what a model knows of one: the shapes of its observations and actions and how their numbers are scaled.
type Environment struct {
	ID          string    `json:"id"`                     // such as CartPole-v1
	Observation []int     `json:"observation"`            // shape; [H W C] of a picture
	Patch       int       `json:"patch,omitempty"`        // side of a picture's patches in pixels; 0: observations are vectors
	Actions     int       `json:"actions,omitempty"`      // number of discrete actions; 0: they are vectors
	Start       int       `json:"start,omitempty"`        // the first discrete action
	Low         []float32 `json:"low,omitempty"`          // [A] limits of action vectors
	High        []float32 `json:"high,omitempty"`         // [A]
	Mean        []float32 `json:"mean,omitempty"`         // [O] subtracted from observation vectors; nil: 0
	Std         []float32 `json:"std,omitempty"`          // [O] then divided by; nil: 1
	ReturnScale float32   `json:"return_scale,omitempty"` // returns are divided by it; 0: 1
}

// Limits of an environment.
const (
	maxObservation = 1 << 16 // numbers of a vector
	maxSide        = 1 << 10 // pixels of a picture's side
	maxPatch       = 1 << 5
	maxActions     = 1 << 12
	maxStart       = 1 << 24
	maxBound       = 1e30
	maxID          = 128
)

// wantedPatch is the largest patch that NewEnvironment cuts pictures into.
const wantedPatch = 8

// NewEnvironment describes the environment of a name by its spaces. Observations are a Box, whole numbers of shape [H W 3] or [H W 1] being pictures;
// actions are a Discrete or a Box with limits. Anything else is an ErrUnsupportedSpace.
func NewEnvironment(id string, observation, action spaces.Space) (Environment, error) {
	e := Environment{ID: id}
	seen, ok := observation.(*spaces.Box)
	if !ok {
		return e, fmt.Errorf("rl: %s: observations: %w: got %v, want a Box", id, ErrUnsupportedSpace, observation)
	}
	if e.Observation = seen.Shape(); len(e.Observation) == 0 {
		e.Observation = []int{1}
	}
	if s := e.Observation; seen.Type == spaces.Uint8 && len(s) == 3 && (s[2] == 1 || s[2] == 3) {
		for e.Patch = wantedPatch; s[0]%e.Patch != 0 || s[1]%e.Patch != 0; e.Patch-- {
		}
		if e.Patch == 1 {
			return e, fmt.Errorf("rl: %s: observations: %w: got pictures of %d x %d, want sides with a common divisor from 2 to %d", id, ErrUnsupportedSpace, s[0], s[1], wantedPatch)
		}
	}
	switch a := action.(type) {
	case *spaces.Discrete:
		e.Actions, e.Start = a.N, a.Start
	case *spaces.Box:
		e.Low, e.High = slices.Clone(a.Low), slices.Clone(a.High)
	default:
		return e, fmt.Errorf("rl: %s: actions: %w: got %v, want a Discrete or a Box", id, ErrUnsupportedSpace, action)
	}
	return e, e.Validate()
}

// Validate returns an error that names a field out of range.
func (e *Environment) Validate() error {
	bad := func(field, format string, args ...any) error {
		return fmt.Errorf("rl: %w: environment %.40q: %s: %s", ErrConfig, e.ID, field, fmt.Sprintf(format, args...))
	}
	if e.ID == "" || len(e.ID) > maxID || strings.ContainsFunc(e.ID, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("-_./:", r))
	}) {
		return bad("id", "got %.40q, want 1 to %d letters, digits and -_./:", e.ID, maxID)
	}
	size, most := 1, maxObservation
	if e.Patch != 0 {
		most = maxSide * maxSide * 3
	}
	for _, n := range e.Observation {
		if n < 1 || n > most/size {
			return bad("observation", "got shape %v, want 1 to %d numbers", e.Observation, most)
		}
		size *= n
	}
	if len(e.Observation) == 0 || len(e.Observation) > 8 {
		return bad("observation", "got shape %v, want 1 to 8 axes", e.Observation)
	}
	if s := e.Observation; e.Patch != 0 && (e.Patch < 1 || e.Patch > maxPatch || len(s) != 3 || s[0] > maxSide || s[1] > maxSide || s[0]%e.Patch != 0 || s[1]%e.Patch != 0 || s[2] != 1 && s[2] != 3) {
		return bad("patch", "got patches of %d of a picture %v, want [H W C] of at most %d pixels a side in whole patches of at most %d, with 1 or 3 channels", e.Patch, s, maxSide, maxPatch)
	}
	if e.Patch != 0 && len(e.Mean)+len(e.Std) > 0 {
		return bad("mean, std", "got %d and %d numbers, want none of a picture", len(e.Mean), len(e.Std))
	}
	if e.Actions < 0 || e.Actions > maxActions || e.Start < -maxStart || e.Start > maxStart {
		return bad("actions, start", "got %d from %d on, want at most %d from at most %d on", e.Actions, e.Start, maxActions, maxStart)
	}
	if n := len(e.Low); n != len(e.High) || n > maxActions || (n > 0) == (e.Actions > 0) {
		return bad("actions, low, high", "got %d discrete actions, %d lower and %d upper limits, want discrete actions or 1 to %d limits", e.Actions, n, len(e.High), maxActions)
	}
	for i, low := range e.Low {
		if high := e.High[i]; !(low < high && low >= -maxBound && high <= maxBound) {
			return bad("low, high", "got limits %g to %g of action %d, want finite ones, the lower below the upper", low, high, i)
		}
	}
	if n := len(e.Mean); n != len(e.Std) || n != 0 && n != size {
		return bad("mean, std", "got %d and %d numbers, want none or %d", n, len(e.Std), size)
	}
	for i, m := range e.Mean {
		if s := e.Std[i]; !(m >= -maxBound && m <= maxBound && s > 0 && s <= maxBound) {
			return bad("mean, std", "got %g and %g of number %d, want finite ones, the second above 0", m, s, i)
		}
	}
	if !(e.ReturnScale >= 0 && e.ReturnScale <= maxBound) {
		return bad("return_scale", "got %g, want 0 to %g", e.ReturnScale, maxBound)
	}
	return nil
}

// Size is O, the numbers of an observation.
func (e *Environment) Size() int {
	size := 1
	for _, n := range e.Observation {
		size *= n
	}
	return size
}

// ActionSize is A, the numbers of an action as the environment takes it: 1 of a discrete one.
func (e *Environment) ActionSize() int { return max(1, len(e.Low)) }

// Discrete tells whether actions are discrete.
func (e *Environment) Discrete() bool { return e.Actions > 0 }

// ActionInputs is what the model has of an action: one-hot, or as many numbers as there are.
func (e *Environment) ActionInputs() int { return max(e.Actions, len(e.Low)) }

// patches is the number of patches of a picture.
func (e *Environment) patches() int {
	return e.Observation[0] / e.Patch * (e.Observation[1] / e.Patch)
}

// Targets is what the model predicts of an observation: all its numbers, or the mean colour of each patch of a picture, row after row.
func (e *Environment) Targets() int {
	if e.Patch == 0 {
		return e.Size()
	}
	return e.patches() * e.Observation[2]
}

// clone shares no memory with e.
func (e *Environment) clone() Environment {
	c := *e
	c.Observation = slices.Clone(e.Observation)
	for _, s := range []*[]float32{&c.Low, &c.High, &c.Mean, &c.Std} {
		*s = slices.Clone(*s)
	}
	return c
}
