package nprandom_test

import (
	"fmt"

	"github.com/fmkit/fmkit/rl/env/nprandom"
)

// The numbers are those of numpy.random.default_rng(42).
func Example() {
	g := nprandom.New(42)
	fmt.Println(g.Float64(), g.Integers(6))
	// Output: 0.7739560485559633 3
}
