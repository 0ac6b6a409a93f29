package rl

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A History is what has happened in an environment, oldest first. Of more steps than the model sees only the last ones count.
type History struct {
	Returns      []float32 // [n] to go, as wanted; nil: whatever those who were recorded would do
	Observations []float32 // [n, O]
	Actions      []float32 // [n-1, A]; [n, A] for Forward
}

// Act sets action [A] to what the model does after a history: what those who were recorded did, or what they did where it came to the returns. It is
// the mask of the last action.
func (s *Inference) Act(action []float32, environment int, h History) error {
	return s.answer(environment, func(w *answerWork, p *projections) error {
		e := p.about
		n, err := steps(e, h.Observations)
		if err != nil {
			return err
		}
		if len(action) != e.ActionSize() || len(h.Actions) != (n-1)*e.ActionSize() || h.Returns != nil && len(h.Returns) != n {
			return fmt.Errorf("act: %w: got %d observations, %d returns, %d numbers of actions and room for %d, want as many returns or none, and %d of each action but the last",
				ErrShapeMismatch, n, len(h.Returns), len(h.Actions), len(action), e.ActionSize())
		}
		k := min(n, s.config.Context)
		w.begin(e, Returns|Observations|Actions, k, 1)
		w.put(0, k, h.Observations[(n-k)*e.Size():], h.Actions[(n-k)*e.ActionSize():])
		if h.Returns == nil {
			w.hide(0, Returns, 0, k)
		} else {
			copy(w.window.Returns, h.Returns[n-k:])
		}
		w.ask(0, Actions, k-1)
		if err := w.run(s, p, p.predictAction); err != nil {
			return err
		}
		e.TakeAction(action, w.out)
		return nil
	})
}

// Forward sets next [Targets] to the observation that the model expects after a history, with the action taken last: a vector, or the mean colours of a picture's
// patches. It is the mask of the last observation. Without actions it is of a model that was trained without.
func (s *Inference) Forward(next []float32, environment int, h History) error {
	return s.answer(environment, func(w *answerWork, p *projections) error {
		e := p.about
		n, err := steps(e, h.Observations)
		if err != nil {
			return err
		}
		if len(next) != e.Targets() || h.Actions != nil && len(h.Actions) != n*e.ActionSize() || s.config.Context < 2 {
			return fmt.Errorf("forward: %w: got %d observations, %d numbers of actions and room for %d of the next observation, want %d of each action, %d, and a context of two steps",
				ErrShapeMismatch, n, len(h.Actions), len(next), e.ActionSize(), e.Targets())
		}
		k := min(n, s.config.Context-1)
		w.begin(e, dynamics(h.Actions), k+1, 1)
		actions := h.Actions
		if actions != nil {
			actions = actions[(n-k)*e.ActionSize():]
		}
		w.expect(0, k, h.Observations[(n-k)*e.Size():], actions)
		if err := w.run(s, p, p.predictState); err != nil {
			return err
		}
		e.TakeTargets(next, w.out)
		return nil
	})
}

// Inverse sets actions [n-1, A] to those that led from each of n observations [n, O] to the next, of which there may be as many as the model sees. It is
// the mask of all actions.
func (s *Inference) Inverse(actions []float32, environment int, observations []float32) error {
	return s.answer(environment, func(w *answerWork, p *projections) error {
		e := p.about
		n, err := steps(e, observations)
		if err != nil {
			return err
		}
		if n < 2 || n > s.config.Context || len(actions) != (n-1)*e.ActionSize() {
			return fmt.Errorf("inverse: %w: got %d observations and room for %d numbers of actions, want 2 to %d, and %d of each action between them",
				ErrShapeMismatch, n, len(actions), s.config.Context, e.ActionSize())
		}
		w.begin(e, Returns|Observations|Actions, n, 1)
		w.put(0, n, observations, nil)
		w.hide(0, Returns, 0, n)
		w.hide(0, Actions, n-1, n)
		for step := range n - 1 {
			w.ask(0, Actions, step)
		}
		if err := w.run(s, p, p.predictAction); err != nil {
			return err
		}
		for i := range n - 1 {
			e.TakeAction(actions[i*e.ActionSize():][:e.ActionSize()], w.out[i*e.ActionInputs():][:e.ActionInputs()])
		}
		return nil
	})
}

// Anomaly sets scores [T] to how far each observation of an episode [T+1, O] after the first is from what the model expects after those before and the actions
// [T, A]: the mean squared error of its standardised numbers. Without actions it is of a model that was trained without.
func (s *Inference) Anomaly(scores []float64, environment int, observations, actions []float32) error {
	return s.answer(environment, func(w *answerWork, p *projections) error {
		e := p.about
		n, err := steps(e, observations)
		if err != nil {
			return err
		}
		if n < 2 || len(scores) != n-1 || actions != nil && len(actions) != (n-1)*e.ActionSize() || s.config.Context < 2 {
			return fmt.Errorf("anomaly: %w: got %d observations, %d numbers of actions and room for %d scores, want two or more, %d of each action between them, a score of each of those, and a context of two steps",
				ErrShapeMismatch, n, len(actions), len(scores), e.ActionSize())
		}
		for first := 0; first < n-1; first += anomalyBatch {
			many := min(anomalyBatch, n-1-first)
			w.begin(e, dynamics(actions), s.config.Context, many)
			for i := range many {
				at := first + i // the last step that is seen
				k := min(at+1, s.config.Context-1)
				var acted []float32
				if actions != nil {
					acted = actions[(at+1-k)*e.ActionSize():]
				}
				w.expect(i, k, observations[(at+1-k)*e.Size():], acted)
			}
			if err := w.run(s, p, p.predictState); err != nil {
				return err
			}
			targets := kernels.Grow(&w.targets, e.Targets())
			for i := range many {
				e.PutTargets(targets, observations[(first+i+1)*e.Size():][:e.Size()])
				kernels.AddScaled(targets, w.out[i*len(targets):][:len(targets)], -1)
				scores[first+i] = kernels.SumSquares(targets) / float64(len(targets))
			}
		}
		return nil
	})
}

// anomalyBatch is how many windows are read at once.
const anomalyBatch = 64

// dynamics are the parts of windows that ask for observations.
func dynamics(actions []float32) Parts {
	if actions == nil {
		return Observations
	}
	return Returns | Observations | Actions
}

// steps counts observations.
func steps(e *Environment, observations []float32) (int, error) {
	n := len(observations) / e.Size()
	if n == 0 || n*e.Size() != len(observations) {
		return 0, fmt.Errorf("observations: %w: got %d numbers, want at least one observation of %d", ErrShapeMismatch, len(observations), e.Size())
	}
	return n, nil
}
