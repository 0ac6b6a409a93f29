package backbone

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/fmkit/fmkit/shared/nn"
)

// A Config describes an encoder, by the names of Hugging Face's config.json.
type Config struct {
	Hidden       int `json:"hidden_size"`             // D
	Layers       int `json:"num_hidden_layers"`       // blocks
	Heads        int `json:"num_attention_heads"`     // H
	Intermediate int `json:"intermediate_size"`       // F; default 4 D
	MaxPositions int `json:"max_position_embeddings"` // longest sequence; default 512
	Types        int `json:"type_vocab_size"`         // token types of a text embedding; 0: none

	EmbeddingSize  int `json:"embedding_size,omitempty"`  // width of the embedding tables where it isn't D: they are projected to D
	PositionOffset int `json:"position_offset,omitempty"` // row of the table of positions that position 0 has

	Activation       string  `json:"hidden_act"`                   // gelu (default), gelu_new, relu, silu
	Norm             string  `json:"norm"`                         // post (default): after the sum; pre: before the branch
	PositionKind     string  `json:"position_embedding_type"`      // absolute (default: learnt), sinusoidal, rotary
	Causal           bool    `json:"is_decoder"`                   // a token sees only what stands before it
	Eps              float32 `json:"layer_norm_eps"`               // default 1e-12
	Dropout          float32 `json:"hidden_dropout_prob"`          // of embeddings and branches while training
	AttentionDropout float32 `json:"attention_probs_dropout_prob"` // of attention probabilities while training

	Gated bool    `json:"gated,omitempty"`      // feed-forward layers with a gate: GeGLU with gelu
	Theta float64 `json:"rope_theta,omitempty"` // base of rotary positions; default 10000
	Local Local   `json:"local,omitzero"`       // layers that see a neighbourhood only
	Omit  Omit    `json:"omit,omitzero"`        // parameters that there are none of
}

// Local says which layers see a neighbourhood of a token instead of the whole sequence, as in ModernBERT (Warner et al., 2024).
type Local struct {
	Window int     `json:"window"`     // tokens seen: Window/2 on each side; 0: every layer sees all
	Every  int     `json:"every"`      // layers 0, Every, 2 Every... see all
	Theta  float64 `json:"rope_theta"` // base of rotary positions in the local layers; default Theta
}

// Omit names parameters that an architecture leaves out.
type Omit struct {
	AttentionBias   bool `json:"attention_bias"`    // biases of query, key, value and output
	FeedForwardBias bool `json:"feed_forward_bias"` // biases of the feed-forward layers
	NormBias        bool `json:"norm_bias"`         // shifts of the norms
	FirstNorm       bool `json:"first_norm"`        // the first attention's norm, pre-norm only
}

// Defaults returns c with defaults in place of zero values that can't be meant.
func (c Config) Defaults() Config {
	set := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	set(&c.Activation, string(nn.GELU))
	set(&c.Norm, "post")
	set(&c.PositionKind, "absolute")
	if c.Intermediate == 0 {
		c.Intermediate = 4 * c.Hidden
	}
	if c.MaxPositions == 0 {
		c.MaxPositions = 512
	}
	if c.Eps == 0 {
		c.Eps = 1e-12
	}
	if c.EmbeddingSize == c.Hidden {
		c.EmbeddingSize = 0
	}
	return c
}

// The largest sizes that Validate accepts: far above any encoder for a CPU, low enough that no product of two overflows.
const (
	maxWidth  = 1 << 16
	maxLayers = 1 << 10
	maxLength = 1 << 20
	maxTable  = 1 << 28 // positions times width: a gigabyte
)

// Validate reports every field that can't be used.
func (c Config) Validate() error {
	var errs []error
	size := func(name string, got, least, most int) {
		if got < least || got > most {
			errs = append(errs, fmt.Errorf("backbone: config: %s: got %d, want %d to %d", name, got, least, most))
		}
	}
	size("hidden_size", c.Hidden, 1, maxWidth)
	size("num_hidden_layers", c.Layers, 1, maxLayers)
	size("num_attention_heads", c.Heads, 1, maxWidth)
	size("intermediate_size", c.Intermediate, 1, maxWidth)
	size("max_position_embeddings", c.MaxPositions, 1, maxLength)
	size("type_vocab_size", c.Types, 0, maxWidth)
	size("embedding_size", c.EmbeddingSize, 0, maxWidth)
	size("position_offset", c.PositionOffset, 0, maxWidth)
	size("local.window", c.Local.Window, 0, maxLength)
	if c.Local.Window > 0 {
		size("local.every", c.Local.Every, 1, maxLayers)
	}
	if len(errs) == 0 {
		size("max_position_embeddings * hidden_size", c.MaxPositions*c.Hidden, 1, maxTable)
	}
	if c.Heads > 0 && c.Hidden%c.Heads != 0 {
		errs = append(errs, fmt.Errorf("backbone: config: hidden_size %d can't be split into %d heads", c.Hidden, c.Heads))
	} else if c.Heads > 0 && c.PositionKind == "rotary" && c.Hidden/c.Heads%2 != 0 {
		errs = append(errs, fmt.Errorf("backbone: config: head size: got %d, want an even one for rotary positions", c.Hidden/c.Heads))
	}
	if _, err := nn.ParseActivation(c.Activation); err != nil {
		errs = append(errs, fmt.Errorf("backbone: config: hidden_act: %w", err))
	}
	if c.Norm != "post" && c.Norm != "pre" {
		errs = append(errs, fmt.Errorf("backbone: config: norm: got %q, want post or pre", c.Norm))
	}
	switch c.PositionKind {
	case "absolute", "sinusoidal", "rotary":
	default:
		errs = append(errs, fmt.Errorf("backbone: config: position_embedding_type: got %q, want absolute, sinusoidal or rotary", c.PositionKind))
	}
	for _, t := range []struct {
		name  string
		theta float64
	}{{"rope_theta", c.Theta}, {"local.rope_theta", c.Local.Theta}} {
		if t.theta != 0 && !(t.theta >= 1 && t.theta <= 1e9) {
			errs = append(errs, fmt.Errorf("backbone: config: %s: got %g, want 1 to 1e9", t.name, t.theta))
		}
	}
	if c.Omit.FirstNorm && c.Norm != "pre" {
		errs = append(errs, fmt.Errorf("backbone: config: omit.first_norm: got true with norm %q, want pre", c.Norm))
	}
	if !(c.Eps > 0 && c.Eps < 1) {
		errs = append(errs, fmt.Errorf("backbone: config: layer_norm_eps: got %g, want more than 0 and less than 1", c.Eps))
	}
	for _, p := range []struct {
		name string
		p    float32
	}{{"hidden_dropout_prob", c.Dropout}, {"attention_probs_dropout_prob", c.AttentionDropout}} {
		if !(p.p >= 0 && p.p < 1) {
			errs = append(errs, fmt.Errorf("backbone: config: %s: got %g, want 0 or more and less than 1", p.name, p.p))
		}
	}
	return errors.Join(errs...)
}

// ReadConfig reads one JSON object, refuses keys that it doesn't know, and fills in defaults.
func ReadConfig(r io.Reader) (Config, error) {
	var c Config
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("backbone: config: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Config{}, fmt.Errorf("backbone: config: got more after the object, want the end")
	}
	c = c.Defaults()
	return c, c.Validate()
}

// Preset returns a named configuration: tiny (2 layers of width 128), mini (4 of 256) or small (6 of 384).
func Preset(name string) (Config, error) {
	c := Config{MaxPositions: 128, Types: 2, Dropout: 0.1, AttentionDropout: 0.1}
	switch name {
	case "tiny":
		c.Layers, c.Hidden, c.Heads = 2, 128, 2
	case "mini":
		c.Layers, c.Hidden, c.Heads = 4, 256, 4
	case "small":
		c.Layers, c.Hidden, c.Heads = 6, 384, 6
	default:
		return Config{}, fmt.Errorf("backbone: preset: got %q, want tiny, mini or small", name)
	}
	return c.Defaults(), nil
}

// Embedding returns the sizes of a text embedding that fits the encoder.
func (c Config) Embedding(vocab int) nn.EmbeddingConfig {
	return nn.EmbeddingConfig{
		Vocab: vocab, D: c.Hidden, Inner: c.EmbeddingSize, Positions: c.MaxPositions, Offset: c.PositionOffset,
		Kind: c.PositionKind, Types: c.Types, NoShift: c.Omit.NormBias, Eps: c.Eps, Dropout: c.Dropout,
	}
}

// global says whether layer i sees the whole sequence.
func (c Config) global(i int) bool { return c.Local.Window == 0 || i%c.Local.Every == 0 }
