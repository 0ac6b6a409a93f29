package bench

import (
	"fmt"
	"math"
)

// tolerance is the largest difference at which two results are those of the same work: vectors behind a layer norm are of the order of 1,
// and float32 kernels of different order of summation differ by some 1e-5 after many layers.
const tolerance = 1e-3

// difference gives the largest absolute difference of two results; one above tolerance is an error.
func difference(ours, peers []float32) (float64, error) {
	if len(ours) != len(peers) {
		return 0, fmt.Errorf("the peer gives %d values, want %d", len(peers), len(ours))
	}
	most := 0.0
	for i, v := range ours {
		d := math.Abs(float64(v) - float64(peers[i]))
		if !(d <= tolerance) { // NaN too
			return d, fmt.Errorf("value %d: got %g, the peer %g: not the same work", i, v, peers[i])
		}
		most = max(most, d)
	}
	return most, nil
}
