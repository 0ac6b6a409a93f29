package train

import "fmt"

// PPO is the recipe of proximal policy optimization (Schulman et al., 2017), by the names of CleanRL's ppo.py (Huang et al., The 37 implementation
// details of proximal policy optimization, 2022).
type PPO struct {
	Envs         int     `json:"num_envs"`        // N, side by side
	Steps        int     `json:"num_steps"`       // T of a rollout
	Minibatches  int     `json:"num_minibatches"` // that a rollout is cut into
	Epochs       int     `json:"update_epochs"`   // passes over a rollout
	LR           float64 `json:"learning_rate"`
	Anneal       bool    `json:"anneal_lr"` // linearly to 0
	Gamma        float64 `json:"gamma"`
	Lambda       float64 `json:"gae_lambda"`
	Clip         float64 `json:"clip_coef"`
	ClipValue    float64 `json:"clip_vloss"` // largest change of a value that an update is led by; 0: any
	Entropy      float64 `json:"ent_coef"`
	Value        float64 `json:"vf_coef"`
	MaxNorm      float64 `json:"max_grad_norm"`
	Normalize    bool    `json:"norm_adv"`      // advantages of a minibatch to mean 0 and variance 1
	ScaleRewards bool    `json:"norm_reward"`   // by the deviation of the discounted return
	Deviation    float64 `json:"log_deviation"` // of action vectors, at the start
	Renew        int     `json:"renew"`         // rollouts after which all environments begin anew, so that a checkpoint needs nothing of them
}

// DefaultPPO is a recipe for small environments.
func DefaultPPO() PPO {
	return PPO{
		Envs: 8, Steps: 128, Minibatches: 4, Epochs: 4, LR: 1e-3, Anneal: true, Gamma: 0.99, Lambda: 0.95, Clip: 0.2, Value: 0.5, MaxNorm: 0.5,
		Normalize: true, ScaleRewards: true, Renew: 16,
	}
}

// For gives the recipe for the environment of a name: the default, or what was found better there.
func (c PPO) For(environment string) PPO {
	switch environment {
	case "Acrobot-v1":
		c.Envs = 16
	case "Pendulum-v1":
		c.Steps, c.Minibatches, c.Epochs, c.Gamma, c.Renew = 256, 8, 10, 0.95, 8
	case "SortingCell-v0": // with an entropy of 0 to 0.03 it learns to wait, which costs least while most pushes are mistakes: -5; so 200,000 steps still come to -5, 1,000,000 to 19.9
		c.Envs, c.Minibatches, c.LR, c.Gamma, c.Entropy = 32, 8, 7e-4, 0.995, 0.1
	case "Hopper-v5", "HalfCheetah-v5": // those of CleanRL's ppo_continuous_action.py, but for eight environments side by side
		c.Steps, c.Minibatches, c.Epochs, c.LR, c.Renew = 256, 32, 10, 3e-4, 8
	}
	return c
}

// Rollouts is how many there are for a number of steps of the environment.
func (c *PPO) Rollouts(steps int) int { return max(1, steps/(c.Envs*c.Steps)) }

// Validate returns an ErrConfig that names the first field out of range.
func (c *PPO) Validate() error {
	for _, f := range []struct {
		name           string
		got, low, high float64
	}{
		{"num_envs", float64(c.Envs), 1, 1 << 12},
		{"num_steps", float64(c.Steps), 1, 1 << 16},
		{"num_minibatches", float64(c.Minibatches), 1, float64(c.Envs * c.Steps)},
		{"update_epochs", float64(c.Epochs), 1, 1000},
		{"learning_rate", c.LR, 1e-9, 1},
		{"gamma", c.Gamma, 0, 1},
		{"gae_lambda", c.Lambda, 0, 1},
		{"clip_coef", c.Clip, 1e-3, 10},
		{"clip_vloss", c.ClipValue, 0, 1e6},
		{"ent_coef", c.Entropy, 0, 100},
		{"vf_coef", c.Value, 0, 100},
		{"max_grad_norm", c.MaxNorm, 0, 1e6},
		{"log_deviation", c.Deviation, -10, 2},
		{"renew", float64(c.Renew), 1, 1 << 20},
	} {
		if !(f.got >= f.low && f.got <= f.high) {
			return fmt.Errorf("%w: ppo: %s: got %g, want %g to %g", ErrConfig, f.name, f.got, f.low, f.high)
		}
	}
	if c.Envs*c.Steps > 1<<22 {
		return fmt.Errorf("%w: ppo: num_envs times num_steps: got %d, want at most %d", ErrConfig, c.Envs*c.Steps, 1<<22)
	}
	return nil
}
