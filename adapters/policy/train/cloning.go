package train

import "fmt"

// Cloning is the recipe of learning from episodes.
type Cloning struct {
	Batch       int     `json:"batch"` // observations, or windows with a context, of a step
	LR          float64 `json:"lr"`    // peak learning rate
	WeightDecay float64 `json:"weight_decay"`
	ClipNorm    float64 `json:"clip_norm"`
	Top         float64 `json:"top"`     // fraction of the episodes, those of the highest return, that is learnt from
	Held        float64 `json:"held"`    // fraction of those that is held back, by episode
	Context     int     `json:"context"` // K, steps of a window; 0: single observations
	Target      float64 `json:"target"`  // of the best return, what is asked for unless the caller asks for another
}

// DefaultCloning learns from all episodes.
func DefaultCloning() Cloning {
	return Cloning{Batch: 64, LR: 1e-3, WeightDecay: 1e-4, ClipNorm: 1, Top: 1, Held: 0.1, Target: 1}
}

// Validate returns an ErrConfig that names the first field out of range.
func (c *Cloning) Validate() error {
	for _, f := range []struct {
		name           string
		got, low, high float64
	}{
		{"batch", float64(c.Batch), 1, 1 << 14},
		{"lr", c.LR, 1e-9, 1},
		{"weight_decay", c.WeightDecay, 0, 10},
		{"clip_norm", c.ClipNorm, 0, 1e6},
		{"top", c.Top, 1e-6, 1},
		{"held", c.Held, 0, 0.9},
		{"context", float64(c.Context), 0, 1 << 10},
		{"target", c.Target, -100, 100},
	} {
		if !(f.got >= f.low && f.got <= f.high) {
			return fmt.Errorf("%w: cloning: %s: got %g, want %g to %g", ErrConfig, f.name, f.got, f.low, f.high)
		}
	}
	return nil
}
