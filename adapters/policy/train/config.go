package train

import (
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/shared/train"
)

var (
	// ErrConfig means that a configuration is out of range; the error names the field.
	ErrConfig = errors.New("policy: train: config")
	// ErrNonFinite means that loss or gradient got out of range.
	ErrNonFinite = train.ErrNonFinite
)

// Algorithms.
const (
	Online = "ppo"    // by playing
	Clone  = "clone"  // from episodes: what was done after an observation
	Return = "return" // from episodes: what was done after some steps, given the return that was to come (Chen et al., Decision transformer, 2021)
)

// A Config is the recipe of a policy.
type Config struct {
	Algorithm   string    `json:"algorithm"`   // Online, Clone or Return
	Method      string    `json:"method"`      // adapter.Full, Head, a method of package peft, or Scratch: random weights
	Environment string    `json:"environment"` // its name; "" with episodes: theirs
	Steps       int       `json:"steps"`       // of the environment, or with episodes of the optimizer
	Seed        uint64    `json:"seed"`
	peft.Config           // settings of a method of package peft; none: peft.Default's
	Sizes       Sizes     `json:"sizes"`    // of the model where there is no base
	PPO         PPO       `json:"ppo"`      // of Online
	Cloning     Cloning   `json:"cloning"`  // of the others
	Margin      float64   `json:"margin"`   // of the policy's envelope
	Fallback    []float32 `json:"fallback"` // of the policy's envelope; nil: 0 or what is nearest
	Episodes    int       `json:"episodes"` // played at the end for a score; 0: none
}

// Sizes are those of a model of random weights.
type Sizes struct {
	Hidden       int `json:"hidden_size"`
	Layers       int `json:"num_hidden_layers"`
	Heads        int `json:"num_attention_heads"`
	Intermediate int `json:"intermediate_size"`
}

// Default gives the recipe of an algorithm for the environment of a name.
func Default(algorithm, environment string) Config {
	c := Config{
		Algorithm: algorithm, Method: adapter.Full, Environment: environment, Steps: 100_000, Seed: 1,
		Sizes: Sizes{Hidden: 64, Layers: 1, Heads: 1, Intermediate: 128}, PPO: DefaultPPO().For(environment), Cloning: DefaultCloning(), Margin: policy.DefaultMargin, Episodes: 100,
	}
	if algorithm != Online {
		c.Steps = 2000
	}
	if algorithm == Return {
		c.Cloning.Context = 20
	}
	return c
}

// ParseConfig reads a recipe as a passport has it, over the defaults. Unknown keys are refused.
func ParseConfig(raw []byte) (Config, error) {
	c := Default(Online, "")
	if err := strictjson.Decode(raw, &c, strictjson.Limits{}); err != nil {
		return c, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return c, c.Validate()
}

// Validate returns an ErrConfig that names the first field out of range.
func (c *Config) Validate() error {
	_, few := peft.Default(c.Method)
	if c.Config != (peft.Config{}) {
		if err := c.Config.Validate(); err != nil {
			return fmt.Errorf("%w: %w", ErrConfig, err)
		}
	}
	switch {
	case c.Algorithm != Online && c.Algorithm != Clone && c.Algorithm != Return:
		return fmt.Errorf("%w: algorithm: got %q, want %s, %s or %s", ErrConfig, c.Algorithm, Online, Clone, Return)
	case !few && c.Method != adapter.Full && c.Method != adapter.Head && c.Method != adapter.Scratch:
		return fmt.Errorf("%w: method: got %q, want %s, %s, %s or one of package peft, such as %s", ErrConfig, c.Method, adapter.Full, adapter.Head, adapter.Scratch, adapter.LoRA)
	case c.Config != (peft.Config{}) && c.Config.Method() != c.Method:
		return fmt.Errorf("%w: %s: got its settings with method %q", ErrConfig, c.Config.Method(), c.Method)
	case c.Steps < 1 || c.Steps > 1<<40:
		return fmt.Errorf("%w: steps: got %d, want at least 1", ErrConfig, c.Steps)
	case c.Episodes < 0 || c.Episodes > 1<<20:
		return fmt.Errorf("%w: episodes: got %d, want 0 to %d", ErrConfig, c.Episodes, 1<<20)
	case !(c.Margin >= 0 && c.Margin <= 1e6):
		return fmt.Errorf("%w: margin: got %g, want 0 to 1e6", ErrConfig, c.Margin)
	case (c.Algorithm == Return) != (c.Cloning.Context > 0) && c.Algorithm != Online:
		return fmt.Errorf("%w: cloning: context: got %d with algorithm %s, want some with %s only", ErrConfig, c.Cloning.Context, c.Algorithm, Return)
	}
	if c.Algorithm == Online {
		return c.PPO.Validate()
	}
	return c.Cloning.Validate()
}
