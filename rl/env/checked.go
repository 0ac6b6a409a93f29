package env

import "fmt"

// A Checked environment holds its caller to the contract, as Gymnasium's OrderEnforcing and PassiveEnvChecker: no step before a reset or
// after the end of an episode, actions of the action space, slices of the right length. Everything that rl.Make gives is checked.
type Checked struct {
	Env
	ready, ended bool
}

// Check wraps e.
func Check(e Env) *Checked { return &Checked{Env: e} }

// Unwrap gives the environment inside.
func (c *Checked) Unwrap() Env { return c.Env }

// Reset begins an episode.
func (c *Checked) Reset(observation []float32, seed int64, options Options) (Info, error) {
	if err := checkReset(c.ObservationSpace(), observation, seed); err != nil {
		return nil, err
	}
	info, err := c.Env.Reset(observation, seed, options)
	if err != nil {
		return nil, err
	}
	c.ready, c.ended = true, false
	return info, nil
}

// Step goes on with the episode.
func (c *Checked) Step(observation, action []float32) (Outcome, error) {
	if !c.ready {
		return Outcome{}, fmt.Errorf("%w: got a step before the first reset", ErrResetNeeded)
	}
	if c.ended {
		return Outcome{}, fmt.Errorf("%w: got a step after the end of an episode", ErrResetNeeded)
	}
	if s := c.ObservationSpace(); len(observation) != s.Size() {
		return Outcome{}, lengthError(s, observation)
	}
	if err := CheckAction(c.ActionSpace(), action); err != nil {
		return Outcome{}, err
	}
	o, err := c.Env.Step(observation, action)
	if err != nil {
		return Outcome{}, err
	}
	c.ended = o.Done()
	return o, nil
}
