package classic

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/fmkit/fmkit/rl/env"
)

// pi is a variable so that multiples of it are rounded as in Gymnasium.
var pi = math.Pi

// bounds reads the options low and high, between which the first state is drawn.
func bounds(o env.Options, low, high float64) (l, h float64, err error) {
	if len(o) == 0 {
		return low, high, nil
	}
	if err := known(o, "low", "high"); err != nil {
		return 0, 0, err
	}
	if v, ok := o["low"]; ok {
		low = v
	}
	if v, ok := o["high"]; ok {
		high = v
	}
	if !(low <= high) || math.IsInf(high-low, 0) {
		return 0, 0, fmt.Errorf("%w: got bounds from %v to %v, want low <= high, both finite", env.ErrOption, low, high)
	}
	return low, high, nil
}

// known refuses options that aren't among the names.
func known(o env.Options, names ...string) error {
	for _, k := range slices.Sorted(maps.Keys(o)) {
		if !slices.Contains(names, k) {
			return fmt.Errorf("%w: got %q, want one of %q", env.ErrOption, k, names)
		}
	}
	return nil
}

// clip is numpy's clip for numbers: the lower bound first.
func clip(v, low, high float64) float64 {
	if v < low {
		v = low
	}
	if v > high {
		v = high
	}
	return v
}
