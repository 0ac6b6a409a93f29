package rl_test

import (
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/envtest"
)

// TestEnvironments holds every environment with a name to the contract.
func TestEnvironments(t *testing.T) {
	for _, s := range rl.Specs() {
		t.Run(s.ID, func(t *testing.T) {
			envtest.Run(t, func() (env.Env, error) { return rl.Make(s.ID) })
		})
	}
}
