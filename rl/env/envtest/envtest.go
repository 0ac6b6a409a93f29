// Package envtest is what every environment should pass, whoever wrote it: it holds an environment to the contract of package env.
package envtest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fmkit/fmkit/rl/env"
)

const (
	seed = 20
	// A check that follows episodes takes this many steps, and a tenth of it where an observation has more numbers than a few.
	steps = 1500
	few   = 1000
)

// A check looks at one promise of the contract.
type check struct {
	name string
	run  func(env.Constructor) error
}

// checks are all of them, in an order in which the first failure explains those that follow.
var checks = []check{
	{"spaces", spacesFit},
	{"elements", elements},
	{"determinism", determinism},
	{"aliasing", aliasing},
	{"order", order},
	{"arguments", arguments},
	{"time limit", timeLimit},
}

// Run tests environments that the constructor makes, each promise as a test of its own.
func Run(t *testing.T, constructor env.Constructor) {
	t.Helper()
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			if err := c.safely(constructor); err != nil {
				t.Error(err)
			}
		})
	}
}

// Check is Run outside of tests: it gives everything that is wrong.
func Check(constructor env.Constructor) error {
	var all []error
	for _, c := range checks {
		if err := c.safely(constructor); err != nil {
			all = append(all, fmt.Errorf("envtest: %s: %w", c.name, err))
		}
	}
	return errors.Join(all...)
}

// safely makes a panic an error.
func (c check) safely(constructor env.Constructor) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return c.run(constructor)
}
