package transfer

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/finetune"
)

// A Setting is a point of the grid of arms whose training is told in steps: a peak rate and a number of optimizer steps.
type Setting struct {
	LR    float64 `json:"lr"`
	Steps int     `json:"steps"`
}

// String says it as an arm's choice.
func (s Setting) String() string { return fmt.Sprintf("rate %g, %d steps", s.LR, s.Steps) }

// Validate returns a finetune.ErrConfig for what can't be trained by.
func (s Setting) Validate() error {
	if !(s.LR > 0 && s.LR <= 10) || s.Steps < 1 || s.Steps > 1e9 {
		return fmt.Errorf("%w: transfer: grid: got rate %g and %d steps, want a rate above 0 and at least 1 step", finetune.ErrConfig, s.LR, s.Steps)
	}
	return nil
}

// Trained is the arm of a method of tuning that chooses from a grid. fit learns from examples at one of its points.
func Trained[E any](method string, grid []Setting, fit func(ctx context.Context, train []E, at Setting, seed uint64) (*Model[E], error)) Arm[E] {
	a := Arm[E]{Name: method, About: About(method)}
	for _, s := range grid {
		a.Choices = append(a.Choices, s.String())
	}
	a.Fit = func(ctx context.Context, train []E, choice int, seed uint64) (*Model[E], error) {
		return fit(ctx, train, grid[choice], seed)
	}
	return a
}
