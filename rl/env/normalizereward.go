package env

import "fmt"

// A NormalizeReward divides rewards by the standard deviation of the discounted return so far. It doesn't shift them.
type NormalizeReward struct {
	Env
	Frozen bool // what is seen no longer counts, as for a score

	seen           running[float64]
	discounted     [1]float64
	gamma, epsilon float64
}

// NewNormalizeReward wraps e. Gamma discounts, from 0 to 1; epsilon is added to the variance, and 0 is Gymnasium's 1e-8.
func NewNormalizeReward(e Env, gamma, epsilon float64) (*NormalizeReward, error) {
	if !(gamma >= 0 && gamma <= 1) {
		return nil, fmt.Errorf("%w: NormalizeReward: got gamma %v, want 0 to 1", ErrOption, gamma)
	}
	epsilon, err := positive("NormalizeReward", epsilon)
	if err != nil {
		return nil, err
	}
	return &NormalizeReward{Env: e, seen: newRunning[float64](1), gamma: gamma, epsilon: epsilon}, nil
}

// Unwrap gives the environment inside.
func (n *NormalizeReward) Unwrap() Env { return n.Env }

// Step normalizes the reward. The discounted return goes on over truncated episodes, as in Gymnasium.
func (n *NormalizeReward) Step(observation, action []float32) (Outcome, error) {
	o, err := n.Env.Step(observation, action)
	if err != nil {
		return o, err
	}
	if o.Terminated {
		n.discounted[0] = 0
	}
	n.discounted[0] = float64(n.discounted[0]*n.gamma) + o.Reward
	if !n.Frozen {
		n.seen.update(n.discounted[:])
	}
	o.Reward /= n.seen.deviation(0, n.epsilon)
	return o, nil
}
