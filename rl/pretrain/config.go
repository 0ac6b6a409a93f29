package pretrain

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/shared/train"
)

// ErrConfig means that a pretraining configuration is out of range; the error names the field.
var ErrConfig = errors.New("pretrain: config")

// A Config is the recipe of a pretraining run.
type Config struct {
	Model rl.Config `json:"model"` // without environments, which the data bring

	Causal    float64   `json:"causal"`               // fraction of the micro-batches that are read causally
	Alone     float64   `json:"alone"`                // fraction of them that are single observations, as policies without a memory have them
	Masks     Masks     `json:"masks"`                // of the others
	Rates     []float64 `json:"rates"`                // of hidden tokens, where they are hidden at random: each window draws one
	Short     float64   `json:"short"`                // fraction of those windows that are cut to a random number of steps
	NoActions bool      `json:"no_actions,omitempty"` // observations only, as of videos: actions and returns aren't read, and masks that ask for them not used
	Loss      Weights   `json:"loss"`

	Batch   int     `json:"batch"`          // windows of a micro-batch
	Held    float64 `json:"held"`           // fraction of the episodes held back
	EvalMax int     `json:"eval_max"`       // most held-back windows of an environment that an evaluation reads for each question
	Half    bool    `json:"half,omitempty"` // round the trained weights to float16 and store them so

	Train train.Config `json:"train"`
}

// Masks say how often a window is asked which question, one against the other.
type Masks struct {
	Random         float64 `json:"random"`         // tokens hidden at random
	Autoregressive float64 `json:"autoregressive"` // the same up to a token drawn at random, and everything from there on
	Policy         float64 `json:"policy"`         // the last action, without returns: behaviour cloning
	Return         float64 `json:"return"`         // the last action, with returns to go
	Forward        float64 `json:"forward"`        // the last observation, from what was before it
	Inverse        float64 `json:"inverse"`        // all actions, from observations
	Step           float64 `json:"step"`           // one observation, from all others and all actions: what is unusual in an episode
}

// Weights are those of the losses.
type Weights struct {
	Returns      float64 `json:"returns"`
	Observations float64 `json:"observations"`
	Actions      float64 `json:"actions"`
}

// defaultContext is K, of the order of the 20 of Decision Transformer.
const defaultContext = 16

// Default returns the recipe of a preset: tiny, mini or small. Hidden matrices move by Muon: on CartPole (64 wide, windows of 8, 1,500 steps, the same rate) held-back loss is 0.395 instead
// of AdamW's 0.421, and the error of the next observation less than half.
func Default(preset string) (Config, error) {
	m, err := rl.Preset(preset, defaultContext)
	if err != nil {
		return Config{}, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	t := train.DefaultConfig()
	t.LR, t.WeightDecay, t.Beta2, t.Optimizer = 3e-3, 0.01, 0.98, train.Muon
	t.Steps, t.Warmup, t.SaveEvery, t.EvalEvery = 2000, 100, 500, 500
	c := Config{
		Model: m, Causal: 0.25, Alone: 0.1,
		Masks: Masks{Random: 0.25, Autoregressive: 0.1, Policy: 0.1, Return: 0.1, Forward: 0.25, Inverse: 0.1, Step: 0.1},
		Rates: []float64{0.15, 0.35, 0.55, 0.75, 0.95}, Short: 0.2, Loss: Weights{Returns: 0.2, Observations: 1, Actions: 1},
		Batch: 64, Held: 0.1, EvalMax: 256, Train: t,
	}
	return c, c.Validate()
}

// ParseConfig reads a recipe over the defaults. Unknown keys are refused.
func ParseConfig(raw []byte, defaults Config) (Config, error) {
	c := defaults
	c.Rates = slices.Clone(c.Rates) // decoding writes into what it finds
	if err := strictjson.Decode(raw, &c, strictjson.Limits{}); err != nil {
		return Config{}, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	c.Model = c.Model.Defaults()
	return c, c.Validate()
}

// Validate returns an ErrConfig that names the first field out of range.
func (c *Config) Validate() error {
	if err := c.Model.Validate(); err != nil {
		return fmt.Errorf("%w: model: %w", ErrConfig, err)
	}
	if n := len(c.Model.Environments); n > 0 {
		return fmt.Errorf("%w: model: environments: got %d, want none: the data bring them", ErrConfig, n)
	}
	if err := c.Train.Validate(); err != nil {
		return fmt.Errorf("%w: train: %w", ErrConfig, err)
	}
	for _, f := range []struct {
		name           string
		got, low, high float64
	}{
		{"causal", c.Causal, 0, 1},
		{"alone", c.Alone, 0, 1},
		{"causal + alone", c.Causal + c.Alone, 0, 1},
		{"masks.random", c.Masks.Random, 0, 1e6},
		{"masks.autoregressive", c.Masks.Autoregressive, 0, 1e6},
		{"masks.policy", c.Masks.Policy, 0, 1e6},
		{"masks.return", c.Masks.Return, 0, 1e6},
		{"masks.forward", c.Masks.Forward, 0, 1e6},
		{"masks.inverse", c.Masks.Inverse, 0, 1e6},
		{"masks.step", c.Masks.Step, 0, 1e6},
		{"short", c.Short, 0, 1},
		{"loss.returns", c.Loss.Returns, 0, 1e6},
		{"loss.observations", c.Loss.Observations, 0, 1e6},
		{"loss.actions", c.Loss.Actions, 0, 1e6},
		{"batch", float64(c.Batch), 1, 1 << 14},
		{"held", c.Held, 0.001, 0.5},
		{"eval_max", float64(c.EvalMax), 1, 1e9},
		{"rates", float64(len(c.Rates)), 1, 100},
	} {
		if !(f.got >= f.low && f.got <= f.high) {
			return fmt.Errorf("%w: %s: got %v, want %v to %v", ErrConfig, f.name, f.got, f.low, f.high)
		}
	}
	for _, r := range c.Rates {
		if !(r > 0 && r < 1) {
			return fmt.Errorf("%w: rates: got %v, want more than 0 and less than 1", ErrConfig, r)
		}
	}
	if sum(c.weights()) == 0 && c.Causal+c.Alone < 1 {
		return fmt.Errorf("%w: masks: got no question to ask of the other windows", ErrConfig)
	}
	if c.Loss.Observations == 0 && (c.NoActions || c.Loss.Actions == 0 && c.Loss.Returns == 0) {
		return fmt.Errorf("%w: loss: got no weight of anything that is predicted", ErrConfig)
	}
	return nil
}

// parts are those of a step.
func (c *Config) parts() rl.Parts {
	if c.NoActions {
		return rl.Observations
	}
	return rl.Returns | rl.Observations | rl.Actions
}

// weights are those of the questions, by number.
func (c *Config) weights() [questions]float64 {
	m := &c.Masks
	w := [questions]float64{askRandom: m.Random, askRest: m.Autoregressive, askPolicy: m.Policy, askReturn: m.Return, askForward: m.Forward, askInverse: m.Inverse, askStep: m.Step}
	if c.NoActions {
		w[askPolicy], w[askReturn], w[askInverse] = 0, 0, 0
	}
	return w
}

func sum(w [questions]float64) float64 {
	total := 0.0
	for _, v := range w {
		total += v
	}
	return total
}
