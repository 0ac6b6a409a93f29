package env

import "fmt"

// A TimeLimit truncates episodes after a number of steps.
type TimeLimit struct {
	Env
	steps, limit int
}

// NewTimeLimit wraps e. The limit is at least 1.
func NewTimeLimit(e Env, limit int) (*TimeLimit, error) {
	if limit < 1 {
		return nil, fmt.Errorf("%w: time limit: got %d steps, want at least 1", ErrOption, limit)
	}
	return &TimeLimit{Env: e, limit: limit}, nil
}

// Unwrap gives the environment inside.
func (l *TimeLimit) Unwrap() Env { return l.Env }

// Limit is the number of steps.
func (l *TimeLimit) Limit() int { return l.limit }

// Reset begins an episode and counts anew.
func (l *TimeLimit) Reset(observation []float32, seed int64, options Options) (Info, error) {
	info, err := l.Env.Reset(observation, seed, options)
	if err == nil {
		l.steps = 0
	}
	return info, err
}

// Step counts. The last step is truncated even where it terminates, as in Gymnasium.
func (l *TimeLimit) Step(observation, action []float32) (Outcome, error) {
	o, err := l.Env.Step(observation, action)
	if err != nil {
		return o, err
	}
	l.steps++
	o.Truncated = o.Truncated || l.steps >= l.limit
	return o, nil
}
