package pretrain

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// ErrConfig means that a pretraining configuration is out of range; the error names the field.
var ErrConfig = errors.New("pretrain: config")

// A Config is the recipe of a pretraining run.
type Config struct {
	Model vision.Config `json:"model"` // vit_mae, with fixed positions
	Mask  float64       `json:"mask"`  // fraction of the patches that the encoder doesn't see, rounded down to whole patches

	DecoderLayers int  `json:"decoder_layers"`
	DecoderHidden int  `json:"decoder_hidden"` // width, a multiple of 4 and of the heads
	DecoderHeads  int  `json:"decoder_heads"`
	NormPixels    bool `json:"norm_pixels"` // predict the pixels of a patch at mean 0 and variance 1

	Augment picture.Augment `json:"augment"`        // of training pictures
	Batch   int             `json:"batch"`          // pictures of a micro-batch
	Held    float64         `json:"held"`           // fraction of the pictures held back
	EvalMax int             `json:"eval_max"`       // most held-back pictures that an evaluation reads
	Half    bool            `json:"half,omitempty"` // round the trained weights to float16 and store them so

	Train train.Config `json:"train"`
}

// Default returns the recipe of a preset, tiny, mini or small, for square pictures of a side cut into patches of another, with 1 or 3 channels. Hidden matrices move by
// Muon: after 310 seconds on one core (vision/mini's model and pictures, 590 steps) held-back loss is 0.408, after 1,000 steps of AdamW at 1e-3, as long, 0.509.
func Default(preset string, image, patch, channels int) (Config, error) {
	m, err := vision.Preset(preset, image, patch)
	if err != nil {
		return Config{}, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	m.ModelType, m.PositionKind, m.Channels, m.Architectures = "vit_mae", "sinusoidal", channels, []string{"ViTMAEForPreTraining"}
	t := train.DefaultConfig()
	t.LR, t.WeightDecay, t.Beta2, t.Optimizer = 4e-3, 0.05, 0.95, train.Muon
	t.Steps, t.Warmup, t.SaveEvery, t.EvalEvery = 2000, 200, 200, 200
	c := Config{
		Model: m, Mask: 0.75, DecoderLayers: 2, DecoderHidden: 128, DecoderHeads: 4, NormPixels: true,
		Augment: picture.Augment{Crop: &picture.RandomCrop{Width: image, Height: image, Scale: [2]float64{0.5, 1}, Filter: picture.Bilinear}, FlipH: 0.5},
		Batch:   64, Held: 0.05, EvalMax: 512, Train: t,
	}
	if preset == "tiny" {
		c.DecoderLayers = 1
	}
	return c, c.Validate()
}

// ParseConfig reads a recipe over the defaults. Unknown keys are refused.
func ParseConfig(raw []byte, defaults Config) (Config, error) {
	c := defaults
	c.Model.Architectures = slices.Clone(c.Model.Architectures)
	if crop := c.Augment.Crop; crop != nil { // decoding writes into what it finds
		own := *crop
		c.Augment.Crop = &own
	}
	if err := strictjson.Decode(raw, &c, strictjson.Limits{}); err != nil {
		return Config{}, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	c.Model = c.Model.Defaults()
	if crop, was := c.Augment.Crop, defaults.Augment.Crop; crop != nil && was != nil && crop.Width == was.Width && crop.Height == was.Height {
		crop.Width += c.Model.ImageSize - defaults.Model.ImageSize // crops that the recipe leaves alone keep up with its pictures
		crop.Height += c.Model.ImageSize - defaults.Model.ImageSize
	}
	return c, c.Validate()
}

// Validate returns an ErrConfig that names the first field out of range.
func (c *Config) Validate() error {
	if err := c.Model.Validate(); err != nil {
		return fmt.Errorf("%w: model: %w", ErrConfig, err)
	}
	if c.Model.ModelType != "vit_mae" || c.Model.PositionKind != "sinusoidal" {
		return fmt.Errorf("%w: model: got %s with %s positions, want vit_mae with sinusoidal", ErrConfig, c.Model.ModelType, c.Model.PositionKind)
	}
	if err := c.Train.Validate(); err != nil {
		return fmt.Errorf("%w: train: %w", ErrConfig, err)
	}
	if err := c.Augment.Validate(); err != nil {
		return fmt.Errorf("%w: augment: %w", ErrConfig, err)
	}
	for _, f := range []struct {
		name           string
		got, low, high float64
	}{
		{"mask", c.Mask, 0.01, 0.99},
		{"decoder_layers", float64(c.DecoderLayers), 1, 64},
		{"decoder_hidden", float64(c.DecoderHidden), 4, 1 << 14},
		{"decoder_heads", float64(c.DecoderHeads), 1, 1 << 10},
		{"batch", float64(c.Batch), 1, 1e5},
		{"held", c.Held, 0.001, 0.5},
		{"eval_max", float64(c.EvalMax), 1, 1e9},
	} {
		if !(f.got >= f.low && f.got <= f.high) {
			return fmt.Errorf("%w: %s: got %v, want %v to %v", ErrConfig, f.name, f.got, f.low, f.high)
		}
	}
	if c.DecoderHidden%4 != 0 || c.DecoderHidden%c.DecoderHeads != 0 {
		return fmt.Errorf("%w: decoder_hidden: got %d, want a multiple of 4 and of %d heads", ErrConfig, c.DecoderHidden, c.DecoderHeads)
	}
	if n := c.patches(); c.kept() == n || c.kept() == 0 {
		return fmt.Errorf("%w: mask: got %v, %d of %d patches kept, want at least one kept and one hidden", ErrConfig, c.Mask, c.kept(), n)
	}
	if err := c.decoder().Validate(); err != nil {
		return fmt.Errorf("%w: decoder: %w", ErrConfig, err)
	}
	if n := c.Model.Channels * c.Model.ImageSize * c.Model.ImageSize; c.Batch > maxPixels/n {
		return fmt.Errorf("%w: batch: got %d pictures of %d values, want at most %d values", ErrConfig, c.Batch, n, maxPixels)
	}
	return nil
}

// maxPixels bounds the values of a batch of pictures: a gigabyte.
const maxPixels = 1 << 28

// patches is N, those of a picture.
func (c *Config) patches() int { return c.Model.Grid() * c.Model.Grid() }

// kept is K, the patches of a picture that the encoder sees.
func (c *Config) kept() int { return c.patches() - int(c.Mask*float64(c.patches())) }

// decoder is the configuration of the decoder's blocks.
func (c *Config) decoder() backbone.Config {
	return backbone.Config{
		Hidden: c.DecoderHidden, Layers: c.DecoderLayers, Heads: c.DecoderHeads, MaxPositions: 1 + c.patches(),
		Activation: c.Model.Activation, Norm: "pre", PositionKind: "sinusoidal", Eps: c.Model.Eps,
	}.Defaults()
}

// keys are what transformers' ViTMAEForPreTraining reads of config.json beside the encoder's.
func (c *Config) keys() map[string]any {
	d := c.decoder()
	return map[string]any{
		"decoder_hidden_size": d.Hidden, "decoder_num_hidden_layers": d.Layers, "decoder_num_attention_heads": d.Heads, "decoder_intermediate_size": d.Intermediate,
		"mask_ratio": c.Mask, "norm_pix_loss": c.NormPixels,
	}
}
