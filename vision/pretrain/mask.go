package pretrain

import (
	"slices"

	"github.com/fmkit/fmkit/shared/random"
)

// What the key of a sample is mixed with for each use.
const (
	drawMask = iota
	drawAugment
	drawDropout
)

// keepPatches sets kept [K] to patches out of n in rising order, drawn by the key of a sample.
func keepPatches(kept []int32, n int, key uint64) {
	copy(kept, random.Perm(random.Mix(key, drawMask), n))
	slices.Sort(kept)
}
