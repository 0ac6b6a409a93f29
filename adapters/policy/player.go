package policy

import "fmt"

// Player makes what package rl/trajectory records by: a function that writes the actions [N, A] after observations [N, O], the likeliest ones or drawn ones. Those are
// drawn by seed, the episode's seed and the step, so no row depends on another. A policy that reads returns is asked by a Session instead: ErrSettings.
func (p *Policy) Player(seed uint64, sample bool) (func(seeds []int64, steps []int, observations, actions []float32) error, error) {
	if k := p.settings.Context; k > 0 {
		return nil, fmt.Errorf("policy: player: %w: context: got a policy that reads %d steps and what they brought, want one that reads observations alone", ErrSettings, k)
	}
	s, o, a := p.NewSession(seed), p.settings.Environment.Size(), p.actions.Size()
	return func(seeds []int64, steps []int, observations, actions []float32) error {
		for i, episode := range seeds {
			s.episode, s.step = int(episode), steps[i]
			if _, err := s.Predict(actions[i*a:][:a], observations[i*o:][:o], !sample); err != nil {
				return err
			}
		}
		return nil
	}, nil
}
