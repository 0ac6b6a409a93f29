// Package vector steps many environments side by side, over contiguous arrays, with Gymnasium's autoreset.
//
// Environment i is seeded with the seed plus i and keeps random numbers of its own, so its episodes are those that it has alone,
// whatever the others do. Gymnasium's SyncVectorEnv does the same; its CartPoleVectorEnv draws for all from one stream.
package vector

import (
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/spaces"
)

// An Autoreset says when an environment whose episode ended begins the next.
type Autoreset int

const (
	// NextStep resets in the step after the last one of an episode: that step ignores its action, gives the first
	// observation of the new episode, no reward and no flags. It is Gymnasium's default.
	NextStep Autoreset = iota
	// SameStep resets in the last step of an episode itself, which gives the first observation of the new one; the last of the old one
	// is in Batch.Final.
	SameStep
)

func (a Autoreset) String() string {
	switch a {
	case NextStep:
		return "NextStep"
	case SameStep:
		return "SameStep"
	}
	return fmt.Sprintf("Autoreset(%d)", int(a))
}

// An Env is N environments of one kind. It is not safe for concurrent use.
type Env interface {
	// N is how many there are.
	N() int
	// ObservationSpace and ActionSpace are those of one.
	ObservationSpace() spaces.Space
	ActionSpace() spaces.Space
	// Reset begins an episode in every environment, seeded with seed + i, or going on for env.Continue, and writes the first
	// observations to b.
	Reset(b *Batch, seed int64, options env.Options) error
	// Step takes actions [N, size of an action]. It checks all before the first environment moves.
	Step(b *Batch, actions []float32) error
}

// A Batch is what a step of N environments gives. It belongs to its caller and can be used again and again.
type Batch struct {
	Observations []float32  // [N, size of an observation]
	Rewards      []float64  // [N]
	Terminated   []bool     // [N]
	Truncated    []bool     // [N]
	Final        []float32  // [N, size of an observation]: the last observation of an episode that ended in a SameStep
	Infos        []env.Info // [N], nil where there is nothing to say; with SameStep that of the step, not of the reset
}

// NewBatch makes a batch for v.
func NewBatch(v Env) *Batch {
	n, size := v.N(), v.ObservationSpace().Size()
	return &Batch{
		Observations: make([]float32, n*size), Rewards: make([]float64, n), Terminated: make([]bool, n), Truncated: make([]bool, n),
		Final: make([]float32, n*size), Infos: make([]env.Info, n),
	}
}

// ErrBatch means a batch or a number of environments that doesn't fit.
var ErrBatch = errors.New("vector: wrong size")

// maxN bounds the number of environments.
const maxN = 1 << 24

// Check says whether the batch and the actions, nil at a reset, have the sizes of v.
func (b *Batch) Check(v Env, actions []float32) error {
	n, size := v.N(), v.ObservationSpace().Size()
	if len(b.Observations) != n*size || len(b.Final) != n*size || len(b.Rewards) != n || len(b.Terminated) != n || len(b.Truncated) != n || len(b.Infos) != n {
		return fmt.Errorf("%w: the batch isn't for %d environments with observations of %d numbers", ErrBatch, n, size)
	}
	if want := n * v.ActionSpace().Size(); actions != nil && len(actions) != want {
		return fmt.Errorf("%w: got %d numbers of actions, want %d", env.ErrAction, len(actions), want)
	}
	return nil
}

// CheckSize refuses numbers of environments and modes that can't be.
func CheckSize(n int, mode Autoreset) error {
	if n < 1 || n > maxN {
		return fmt.Errorf("%w: got %d environments, want 1 to %d", ErrBatch, n, maxN)
	}
	if mode != NextStep && mode != SameStep {
		return fmt.Errorf("%w: got autoreset mode %v", env.ErrOption, mode)
	}
	return nil
}
