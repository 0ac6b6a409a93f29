package vision

import (
	"encoding/json"
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// A Config says what a model's config.json says. Of the encoder's it has what a ViT can be: pre-norm, with positions that are learnt (PositionKind absolute) or
// fixed sines and cosines (sinusoidal), which the patch embedding adds; MaxPositions is 1+N.
type Config struct {
	backbone.Config
	ModelType     string   `json:"model_type"`              // vit (default) or vit_mae
	Architectures []string `json:"architectures,omitempty"` // as transformers writes it
	ImageSize     int      `json:"image_size"`              // pixels of a side
	PatchSize     int      `json:"patch_size"`              // pixels of a side, P; divides ImageSize
	Channels      int      `json:"num_channels"`            // C: 3, or 1 for gray pictures
	QKVBias       bool     `json:"qkv_bias"`                // query, key and value have biases
	Stem          []int    `json:"stem_channels,omitempty"` // channels of nn.ConvStem's stages before the projection of patches, 2^stages pixels a side; none: ViT's own projection of pixels. Our own key: transformers has no such model
}

// Preset returns the configuration of a named size, tiny, mini or small, for RGB pictures of a side cut into patches of another.
func Preset(name string, image, patch int) (Config, error) {
	b, err := backbone.Preset(name)
	if err != nil {
		return Config{}, fmt.Errorf("vision: %w", err)
	}
	b.Dropout, b.AttentionDropout = 0, 0 // as ViT's
	c := Config{Config: b, ImageSize: image, PatchSize: patch, Channels: 3, QKVBias: true}.Defaults()
	return c, c.Validate()
}

// Grid is the number of patches along a side.
func (c *Config) Grid() int { return c.ImageSize / max(c.PatchSize, 1) }

// Defaults returns c with the fields that follow from others: those of the encoder that every ViT shares, and the model type.
func (c Config) Defaults() Config {
	c.Norm, c.Types, c.MaxPositions = "pre", 0, 1+c.Grid()*c.Grid()
	c.Config = c.Config.Defaults()
	if c.ModelType == "" {
		c.ModelType = modelViT
	}
	return c
}

// Model types of config.json.
const (
	modelViT = "vit"
	modelMAE = "vit_mae"
)

// fileConfig is config.json, with transformers' names. The kind of positions is transformers' own only by the model type: ViTMAE's are fixed.
type fileConfig struct {
	ModelType        string   `json:"model_type"`
	Architectures    []string `json:"architectures,omitempty"`
	Hidden           int      `json:"hidden_size"`
	Layers           int      `json:"num_hidden_layers"`
	Heads            int      `json:"num_attention_heads"`
	Intermediate     int      `json:"intermediate_size"`
	Activation       string   `json:"hidden_act"`
	Eps              float32  `json:"layer_norm_eps"`
	Dropout          float32  `json:"hidden_dropout_prob"`
	AttentionDropout float32  `json:"attention_probs_dropout_prob"`
	ImageSize        int      `json:"image_size"`
	PatchSize        int      `json:"patch_size"`
	Channels         int      `json:"num_channels"`
	QKVBias          bool     `json:"qkv_bias"`
	PositionKind     string   `json:"position_embedding_type,omitempty"`
	Stem             []int    `json:"stem_channels,omitempty"`
}

// The largest values that a config may ask for.
const (
	maxConfigBytes = 4 << 20

	maxWidth      = 1 << 16
	maxLayers     = 1 << 10
	maxImage      = 1 << 13
	maxPatch      = 1 << 10
	maxPatches    = 1 << 16
	maxProjection = 1 << 28 // values of the projection of patches: a gigabyte
)

// ParseConfig reads config.json. What it leaves out has transformers' defaults, those of ViT-Base; keys that change nothing here are passed over.
func ParseConfig(raw []byte) (Config, error) {
	var kind struct {
		ModelType string          `json:"model_type"`
		AutoMap   json.RawMessage `json:"auto_map"`
	}
	if err := decodeConfig(raw, &kind); err != nil {
		return Config{}, err
	}
	if len(kind.AutoMap) > 0 {
		return Config{}, fmt.Errorf("vision: config.json: %w: auto_map asks for code of the folder, which is never run", ErrUnsupportedModel)
	}
	if kind.ModelType != modelViT && kind.ModelType != modelMAE {
		return Config{}, fmt.Errorf("vision: config.json: %w: model_type: got %.40q, want %s or %s", ErrUnsupportedModel, kind.ModelType, modelViT, modelMAE)
	}
	f := fileConfig{
		Hidden: 768, Layers: 12, Heads: 12, Intermediate: 3072, Activation: string(nn.GELU), Eps: 1e-12,
		ImageSize: 224, PatchSize: 16, Channels: 3, QKVBias: true, PositionKind: "absolute",
	}
	if kind.ModelType == modelMAE {
		f.PositionKind = "sinusoidal"
	}
	if err := decodeConfig(raw, &f); err != nil {
		return Config{}, err
	}
	c, err := f.config()
	if err != nil {
		return Config{}, err
	}
	return c, c.Validate()
}

// config turns f into a Config, if no field is empty or over a limit.
func (f *fileConfig) config() (Config, error) {
	for _, s := range []struct {
		name      string
		got, most int
	}{
		{"hidden_size", f.Hidden, maxWidth},
		{"num_hidden_layers", f.Layers, maxLayers},
		{"num_attention_heads", f.Heads, maxWidth},
		{"intermediate_size", f.Intermediate, maxWidth},
		{"image_size", f.ImageSize, maxImage},
		{"patch_size", f.PatchSize, maxPatch},
	} {
		if s.got < 1 {
			return Config{}, fmt.Errorf("vision: config.json: %w: %s: got %d, want 1 to %d", ErrConfig, s.name, s.got, s.most)
		}
		if s.got > s.most {
			return Config{}, fmt.Errorf("vision: config.json: %w: %s: got %d, want at most %d", ErrConfigLimit, s.name, s.got, s.most)
		}
	}
	if f.Eps == 0 || f.Activation == "" || f.PositionKind == "" { // an encoder's defaults, which a file can't mean
		return Config{}, fmt.Errorf("vision: config.json: %w: layer_norm_eps, hidden_act, position_embedding_type: got %g, %q and %q, want none of them empty", ErrConfig, f.Eps, f.Activation, f.PositionKind)
	}
	c := Config{
		ModelType: f.ModelType, Architectures: f.Architectures, ImageSize: f.ImageSize, PatchSize: f.PatchSize, Channels: f.Channels, QKVBias: f.QKVBias, Stem: f.Stem,
	}
	if len(c.Architectures) == 0 {
		c.Architectures = nil
	}
	c.Config = backbone.Config{
		Hidden: f.Hidden, Layers: f.Layers, Heads: f.Heads, Intermediate: f.Intermediate, Activation: f.Activation,
		PositionKind: f.PositionKind, Eps: f.Eps, Dropout: f.Dropout, AttentionDropout: f.AttentionDropout,
	}
	return c.Defaults(), nil
}

func decodeConfig(raw []byte, v any) error {
	if err := strictjson.Decode(raw, v, strictjson.Limits{Bytes: maxConfigBytes, AllowUnknown: true}); err != nil {
		return fmt.Errorf("vision: config.json: %w: %w", ErrConfig, err)
	}
	return nil
}

// Validate returns an error that names a field out of range.
func (c *Config) Validate() error {
	bad := func(field, format string, args ...any) error {
		return fmt.Errorf("vision: %w: %s: %s", ErrConfig, field, fmt.Sprintf(format, args...))
	}
	switch {
	case c.ModelType != modelViT && c.ModelType != modelMAE:
		return bad("model_type", "got %.40q, want %s or %s", c.ModelType, modelViT, modelMAE)
	case c.PatchSize < 1 || c.PatchSize > maxPatch:
		return bad("patch_size", "got %d, want 1 to %d", c.PatchSize, maxPatch)
	case c.ImageSize < 1 || c.ImageSize > maxImage || c.ImageSize%c.PatchSize != 0:
		return bad("image_size, patch_size", "got %d and %d, want 1 to %d pixels in whole patches", c.ImageSize, c.PatchSize, maxImage)
	case c.Grid()*c.Grid() > maxPatches:
		return bad("image_size, patch_size", "got %d and %d, %d patches, want at most %d", c.ImageSize, c.PatchSize, c.Grid()*c.Grid(), maxPatches)
	case c.Channels != 1 && c.Channels != 3:
		return bad("num_channels", "got %d, want 1 or 3", c.Channels)
	}
	if err := c.Config.Validate(); err != nil {
		return fmt.Errorf("vision: %w: %w", ErrConfig, err)
	}
	if n := c.Channels * c.PatchSize * c.PatchSize * c.Hidden; n > maxProjection {
		return bad("num_channels * patch_size^2 * hidden_size", "got %d, want at most %d", n, maxProjection)
	}
	switch {
	case c.PositionKind != "absolute" && c.PositionKind != "sinusoidal":
		return bad("position_embedding_type", "got %.40q, want absolute or sinusoidal", c.PositionKind)
	case c.PositionKind == "sinusoidal" && c.Hidden%4 != 0:
		return bad("hidden_size", "got %d, want a multiple of 4 for sinusoidal positions", c.Hidden)
	}
	if err := c.checkStem(); err != nil {
		return err
	}
	f := c.file()
	if again, err := f.config(); err != nil {
		return err
	} else if again.Config != c.Config {
		return bad("encoder", "got %+v, want what a ViT can be: %+v", c.Config, again.Config)
	}
	return nil
}

// checkStem returns an error where the stem has a stage out of range or doesn't halve a patch to one place.
func (c *Config) checkStem() error {
	if len(c.Stem) == 0 {
		return nil
	}
	if c.PatchSize != 1<<len(c.Stem) {
		return fmt.Errorf("vision: %w: stem_channels: got %d stages for patches of %d pixels, want as many as halve a patch to one", ErrConfig, len(c.Stem), c.PatchSize)
	}
	in := c.Channels
	for i, out := range c.Stem {
		if out < 1 || out > maxWidth || 9*in*out > maxProjection {
			return fmt.Errorf("vision: %w: stem_channels: stage %d: got %d after %d, want at least 1 and a kernel of at most %d values", ErrConfig, i, out, in, maxProjection)
		}
		in = out
	}
	return nil
}

// file gives the content of config.json.
func (c *Config) file() fileConfig {
	return fileConfig{
		ModelType: c.ModelType, Architectures: c.Architectures, Hidden: c.Hidden, Layers: c.Layers, Heads: c.Heads, Intermediate: c.Intermediate,
		Activation: c.Activation, Eps: c.Eps, Dropout: c.Dropout, AttentionDropout: c.AttentionDropout,
		ImageSize: c.ImageSize, PatchSize: c.PatchSize, Channels: c.Channels, QKVBias: c.QKVBias, PositionKind: c.PositionKind, Stem: c.Stem,
	}
}

// JSON returns the content of config.json.
func (c Config) JSON() ([]byte, error) {
	raw, err := json.MarshalIndent(c.file(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("vision: config: %w", err)
	}
	return append(raw, '\n'), nil
}
