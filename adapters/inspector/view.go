package inspector

import (
	"fmt"

	"github.com/fmkit/fmkit/vision"
)

// A View says how a backbone looks at a picture. The zero value is for features that are none of a backbone's.
type View struct {
	Layers      []int   `json:"layers"`            // hidden states that a vector holds side by side: 0 is the embedding, k what the k-th block gives
	Step        int     `json:"step"`              // from one window to the next, pixels: the model's side for windows side by side, less for overlap
	Cell        int     `json:"cell"`              // side of the square of patches that one vector is the mean of
	Standardize bool    `json:"standardize"`       // first bring every picture to mean 0 and one standard deviation, so that exposure and contrast don't count
	Contrast    float64 `json:"contrast,omitzero"` // that standard deviation, in values of the model's input; 0 means 1. Where it is far from what pictures have, a model sees what it doesn't know: take Contrast's
}

// Bounds of a view.
const (
	maxLayers   = 16
	maxContrast = 100
)

// DefaultView looks at pictures of any size with two layers of a model, that in the middle and that before the last block or, of few, the last two; of a model with a stem of
// convolutions with what those make of the patches, which tells small defects better than any block after it (package comment); through windows side by side.
func DefaultView(c *vision.Config) View {
	v := View{Layers: []int{c.Layers / 2, c.Layers - 1}, Step: c.ImageSize, Cell: 1}
	if c.Layers < 4 {
		v.Layers = []int{max(0, c.Layers-1), c.Layers}
	}
	if len(c.Stem) > 0 {
		v.Layers = []int{0}
	}
	return v
}

// check says what keeps a model from looking at pictures as s has it.
func (v *View) check(c *vision.Config, s *Settings) error {
	switch {
	case s.Channels != c.Channels:
		return fmt.Errorf("inspector: %w: view: channels: got %d, want the model's %d", ErrSettings, s.Channels, c.Channels)
	case len(v.Layers) < 1 || len(v.Layers) > maxLayers:
		return fmt.Errorf("inspector: %w: view: layers: got %d of them, want 1 to %d", ErrSettings, len(v.Layers), maxLayers)
	case v.Cell < 1 || v.Cell > c.Grid():
		return fmt.Errorf("inspector: %w: view: cell: got %d patches, want 1 to the %d of a window", ErrSettings, v.Cell, c.Grid())
	case v.Step < 1 || v.Step > c.ImageSize:
		return fmt.Errorf("inspector: %w: view: step: got %d pixels, want 1 to %d", ErrSettings, v.Step, c.ImageSize)
	case !(v.Contrast >= 0 && v.Contrast <= maxContrast) || v.Contrast > 0 && !v.Standardize:
		return fmt.Errorf("inspector: %w: view: contrast: got %g, standardize %v, want 0 to %g, and 0 without", ErrSettings, v.Contrast, v.Standardize, float64(maxContrast))
	case s.Height < c.ImageSize || s.Width < c.ImageSize:
		return fmt.Errorf("inspector: %w: view: size: got %dx%d pixels, want sides of at least the model's %d", ErrSettings, s.Width, s.Height, c.ImageSize)
	}
	for i, k := range v.Layers {
		if k < 0 || k > c.Layers || i > 0 && k <= v.Layers[i-1] {
			return fmt.Errorf("inspector: %w: view: layers: got %d, want rising numbers from 0 to %d", ErrSettings, v.Layers, c.Layers)
		}
	}
	return nil
}

// Size gives the size at which a model looks at pictures of w x h pixels: their own, for resampling spoils fine texture, unless the longer side is more than
// most pixels or the shorter less than the model's.
func (v *View) Size(c *vision.Config, w, h, most int) (width, height int) {
	if long := max(w, h); long > most {
		w, h = w*most/long, h*most/long
	}
	if short := max(1, min(w, h)); short < c.ImageSize {
		w, h = w*c.ImageSize/short, h*c.ImageSize/short
	}
	return w, h
}
