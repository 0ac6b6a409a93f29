package rl

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// A Config says what a model's config.json says. Of the encoder's it has the sizes, the activation, the epsilon and the dropout; the encoder is pre-norm, and
// positions are rotary, those of tokens: on CartPole learnt positions of steps need many times the training to find the step before.
type Config struct {
	backbone.Config
	ModelType    string        `json:"model_type"`             // fmkit_trajectory
	Context      int           `json:"context"`                // K, the steps that the model sees at once
	Environments []Environment `json:"environments,omitempty"` // each has projections of its own
}

// modelType is that of every config.json here.
const modelType = "fmkit_trajectory"

// The largest values that a config may ask for.
const (
	maxConfigBytes  = 4 << 20
	maxWidth        = 1 << 14
	maxLayers       = 1 << 8
	maxContext      = 1 << 12
	maxEnvironments = 1 << 8
	maxProjection   = 1 << 27 // values of one projection: half a gigabyte
)

// defaultEps is that of GPT-2 and so of Decision Transformer.
const defaultEps = 1e-5

// Preset returns the configuration of a named size, tiny, mini or small, that sees k steps.
func Preset(name string, k int) (Config, error) {
	b, err := backbone.Preset(name)
	if err != nil {
		return Config{}, fmt.Errorf("rl: %w", err)
	}
	b.Dropout, b.AttentionDropout, b.Eps = 0, 0, 0
	c := Config{Config: b, Context: k}.Defaults()
	return c, c.Validate()
}

// Defaults returns c with the fields that follow from others, and defaults in place of zeros.
func (c Config) Defaults() Config {
	c.Norm, c.Types, c.PositionKind, c.MaxPositions = "pre", 0, "rotary", max(1, 3*c.Context)
	if c.Eps == 0 {
		c.Eps = defaultEps
	}
	if c.ModelType == "" {
		c.ModelType = modelType
	}
	c.Config = c.Config.Defaults()
	return c
}

// fileConfig is config.json.
type fileConfig struct {
	ModelType        string        `json:"model_type"`
	Hidden           int           `json:"hidden_size"`
	Layers           int           `json:"num_hidden_layers"`
	Heads            int           `json:"num_attention_heads"`
	Intermediate     int           `json:"intermediate_size"`
	Activation       string        `json:"hidden_act"`
	Eps              float32       `json:"layer_norm_eps"`
	Dropout          float32       `json:"hidden_dropout_prob"`
	AttentionDropout float32       `json:"attention_probs_dropout_prob"`
	Context          int           `json:"context"`
	Environments     []Environment `json:"environments"`
}

// ParseConfig reads config.json. Unknown keys are refused.
func ParseConfig(raw []byte) (Config, error) {
	var kind struct {
		ModelType string `json:"model_type"`
	}
	if err := decodeConfig(raw, &kind, true); err != nil {
		return Config{}, err
	}
	if kind.ModelType != modelType {
		return Config{}, fmt.Errorf("rl: config.json: %w: model_type: got %.40q, want %s", ErrUnsupportedModel, kind.ModelType, modelType)
	}
	var f fileConfig
	if err := decodeConfig(raw, &f, false); err != nil {
		return Config{}, err
	}
	c := f.config().Defaults()
	if err := c.Validate(); err != nil {
		return Config{}, fmt.Errorf("config.json: %w", err)
	}
	return c, nil
}

func decodeConfig(raw []byte, v any, unknown bool) error {
	if err := strictjson.Decode(raw, v, strictjson.Limits{Bytes: maxConfigBytes, AllowUnknown: unknown}); err != nil {
		return fmt.Errorf("rl: config.json: %w: %w", ErrConfig, err)
	}
	return nil
}

func (f *fileConfig) config() Config {
	return Config{
		ModelType: f.ModelType, Context: f.Context, Environments: f.Environments,
		Config: backbone.Config{
			Hidden: f.Hidden, Layers: f.Layers, Heads: f.Heads, Intermediate: f.Intermediate, Activation: f.Activation,
			Eps: f.Eps, Dropout: f.Dropout, AttentionDropout: f.AttentionDropout,
		},
	}
}

// file gives the content of config.json.
func (c *Config) file() fileConfig {
	f := fileConfig{
		ModelType: c.ModelType, Hidden: c.Hidden, Layers: c.Layers, Heads: c.Heads, Intermediate: c.Intermediate,
		Activation: c.Activation, Eps: c.Eps, Dropout: c.Dropout, AttentionDropout: c.AttentionDropout, Context: c.Context, Environments: c.Environments,
	}
	if f.Environments == nil {
		f.Environments = []Environment{}
	}
	return f
}

// Validate returns an error that names a field out of range.
func (c *Config) Validate() error {
	if c.ModelType != modelType {
		return fmt.Errorf("rl: %w: model_type: got %.40q, want %s", ErrConfig, c.ModelType, modelType)
	}
	for _, s := range []struct {
		name      string
		got, most int
	}{
		{"hidden_size", c.Hidden, maxWidth},
		{"num_hidden_layers", c.Layers, maxLayers},
		{"num_attention_heads", c.Heads, maxWidth},
		{"intermediate_size", c.Intermediate, maxWidth},
		{"context", c.Context, maxContext},
	} {
		if s.got < 1 || s.got > s.most {
			return fmt.Errorf("rl: %w: %s: got %d, want 1 to %d", ErrConfig, s.name, s.got, s.most)
		}
	}
	if err := c.Config.Validate(); err != nil {
		return fmt.Errorf("rl: %w: %w", ErrConfig, err)
	}
	f := c.file()
	if again := f.config().Defaults(); again.Config != c.Config {
		return fmt.Errorf("rl: %w: encoder: got %+v, want what a model of trajectories can be: %+v", ErrConfig, c.Config, again.Config)
	}
	if len(c.Environments) > maxEnvironments {
		return fmt.Errorf("rl: %w: environments: got %d, want at most %d", ErrConfig, len(c.Environments), maxEnvironments)
	}
	for i := range c.Environments {
		e := &c.Environments[i]
		if err := e.Validate(); err != nil {
			return err
		}
		if slices.ContainsFunc(c.Environments[:i], func(o Environment) bool { return o.ID == e.ID }) {
			return fmt.Errorf("rl: %w: environments: got %q twice", ErrConfig, e.ID)
		}
		if n := c.Hidden * max(e.inputs(), e.Targets(), e.ActionInputs()); n > maxProjection {
			return fmt.Errorf("rl: %w: environment %q: got a projection of %d values, want at most %d", ErrConfig, e.ID, n, maxProjection)
		}
	}
	return nil
}

// clone shares no memory with c.
func (c Config) clone() Config {
	all := make([]Environment, len(c.Environments))
	for i := range all {
		all[i] = c.Environments[i].clone()
	}
	c.Environments = all
	return c
}

// JSON returns the content of config.json.
func (c Config) JSON() ([]byte, error) {
	raw, err := json.MarshalIndent(c.file(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("rl: config: %w", err)
	}
	return append(raw, '\n'), nil
}
