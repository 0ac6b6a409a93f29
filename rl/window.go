package rl

import (
	"fmt"
	"math/bits"

	"github.com/fmkit/fmkit/shared/nn"
)

// Parts say which tokens a step has, in this order. Pretraining has all three, hides those that aren't known, and has single observations by themselves; with
// NoActions it has observations alone.
type Parts uint8

// The parts of a step.
const (
	Returns      Parts = 1 << iota // the return to go: the sum of the rewards from this step on
	Observations                   // what the agent sees before it acts
	Actions                        // what it does
)

// parts are all of them, by their number.
var parts = [...]Parts{Returns, Observations, Actions}

// Has tells whether all of other are among p.
func (p Parts) Has(other Parts) bool { return p&other == other }

// Len is S, the tokens of a step.
func (p Parts) Len() int { return bits.OnesCount8(uint8(p)) }

// Place is where the token of a part stands in a step, 0 ... S-1.
func (p Parts) Place(part Parts) int { return (p & (part - 1)).Len() }

// A Window is B stretches of at most K steps of one environment, as the environment has their numbers: the model standardises them. As a batch
// it is [B, T = K S]; a length there counts tokens, so that a stretch may be shorter and end within a step.
type Window struct {
	Parts        Parts
	K            int
	Returns      []float32 // [B, K]
	Observations []float32 // [B, K, O]
	Actions      []float32 // [B, K, A]
	Hidden       []bool    // [B, K, S] tokens whose place a learnt vector takes, their numbers aren't read; nil: none
}

// Tokens is T, those of a stretch.
func (w *Window) Tokens() int { return w.K * w.Parts.Len() }

// check holds the sizes against a batch and an environment.
func (w *Window) check(b *nn.Batch, e *Environment, context int) error {
	if err := b.Validate(); err != nil {
		return err
	}
	if w.Parts == 0 || w.Parts&^(Returns|Observations|Actions) != 0 || w.K < 1 || w.K > context {
		return fmt.Errorf("%w: got %d steps of parts %b, want 1 to %d", ErrShapeMismatch, w.K, w.Parts, context)
	}
	if b.T != w.Tokens() || b.B > maxBatch {
		return fmt.Errorf("%w: got %d stretches of length %d, want at most %d of %d steps of %d tokens", ErrShapeMismatch, b.B, b.T, maxBatch, w.K, w.Parts.Len())
	}
	if w.Hidden != nil && len(w.Hidden) != b.B*b.T {
		return fmt.Errorf("%w: got %d flags of hidden tokens, want %d", ErrShapeMismatch, len(w.Hidden), b.B*b.T)
	}
	for i, part := range parts {
		if got, each := len(w.values(i)), e.numbers(i); w.Parts.Has(part) && got != b.B*w.K*each {
			return fmt.Errorf("%w: %s: got %d numbers, want %d of %d stretches", ErrShapeMismatch, partNames[i], got, b.B*w.K*each, b.B)
		}
	}
	return nil
}

var partNames = [...]string{"returns", "observations", "actions"}

// values are those of a part, by its number.
func (w *Window) values(part int) []float32 {
	return [...][]float32{w.Returns, w.Observations, w.Actions}[part]
}

// numbers is how many the environment has of a part in a step.
func (e *Environment) numbers(part int) int {
	switch parts[part] {
	case Observations:
		return e.Size()
	case Actions:
		return e.ActionSize()
	}
	return 1
}
