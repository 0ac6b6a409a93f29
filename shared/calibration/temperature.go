package calibration

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

// Limits of a temperature.
const (
	minTemperature = 1.0 / 256
	maxTemperature = 256
)

// Temperature gives the T for which softmax(z/T) has the least mean cross-entropy with the true classes; a class below 0 is none of them, and the item isn't
// used. z [N, C] are logits of items that the model wasn't trained on. With n items the true class is asked for with a chance of (n+1)/(n+2) and the others share
// the rest (Platt, "Probabilistic outputs for support vector machines", 1999, section 2.2), so that items that are all right don't make a model sure of everything.
// The loss is convex in 1/T: its slope, the mean of the expected less the wanted logit, is halved down to a float32.
func Temperature(z []float32, labels []int32, c int) (float64, error) {
	n, err := check(z, labels, c)
	if err != nil {
		return 0, err
	}
	miss := 1 / float64(n+2)
	p := make([]float32, c)
	slope := func(inverse float64) float64 { // rises with inverse
		t := float32(1 / inverse)
		var total float64
		for i, y := range labels {
			if y < 0 {
				continue
			}
			row := z[i*c : (i+1)*c]
			Probabilities(p, row, t)
			for j, v := range row {
				want := miss / float64(c-1)
				if j == int(y) {
					want = 1 - miss
				}
				total += float64((float64(p[j]) - want) * float64(v))
			}
		}
		return total
	}
	low, high := 1.0/maxTemperature, 1.0/minTemperature
	for range 60 {
		if mid := (low + high) / 2; slope(mid) < 0 {
			low = mid
		} else {
			high = mid
		}
	}
	return float64(float32(1 / high)), nil
}

// Probabilities writes softmax(z/t) to p; both are [C], and p may be z.
func Probabilities(p, z []float32, t float32) {
	for j, v := range z {
		p[j] = v / t
	}
	kernels.Softmax(p, p, 1, len(p))
}

// check counts the items of some class.
func check(z []float32, labels []int32, c int) (known int, err error) {
	if c < 2 || len(z) != len(labels)*c {
		return 0, fmt.Errorf("calibration: got %d logits, want [%d, %d], 2 classes at least", len(z), len(labels), c)
	}
	for i, y := range labels {
		if int(y) >= c {
			return 0, fmt.Errorf("calibration: item %d: got class %d, want less than %d", i, y, c)
		}
		if y >= 0 {
			known++
		}
	}
	for i, v := range z {
		if v-v != 0 {
			return 0, fmt.Errorf("calibration: item %d: a logit is %v", i/c, v)
		}
	}
	if known == 0 {
		return 0, fmt.Errorf("calibration: %w: got none of a known class", ErrFew)
	}
	return known, nil
}
