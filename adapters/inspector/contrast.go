package inspector

import (
	"fmt"

	"github.com/fmkit/fmkit/vision"
)

// contrastOf is how many pictures say what contrast is usual.
const contrastOf = 64

// Contrast gives what View.Contrast is to be for pictures like the good ones at path: the mean of the standard deviations that the first of them have in the base's input, at the
// size that s has. Of pictures of one shade it is 0, which is the default.
func Contrast(base *vision.Model, path string, s Settings) (float64, error) {
	items, _, err := learnt(path, &Settings{})
	if err != nil {
		return 0, err
	}
	w, err := NewWindows(base, s)
	if err != nil {
		return 0, err
	}
	of := Items{items[:min(len(items), contrastOf)], w}
	pixels, sum := make([]float32, s.pixels()), 0.0
	for i := range of.Len() {
		if err := of.Read(pixels, i); err != nil {
			return 0, fmt.Errorf("inspector: contrast: %s: %w", of.Items[i].ID, err)
		}
		_, sd := deviation(pixels)
		sum += sd
	}
	return min(maxContrast, sum/float64(of.Len())), nil
}
