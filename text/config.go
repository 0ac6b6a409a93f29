package text

import (
	"encoding/json"
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// A Config says what a model's config.json says, in the same words for every architecture.
type Config struct {
	backbone.Config
	ModelType     string   `json:"model_type"`              // bert, roberta, distilbert, electra, modernbert, or fmkit for what they have no name for
	Architectures []string `json:"architectures,omitempty"` // as transformers writes it
	VocabSize     int      `json:"vocab_size"`              // V, rows of the word embeddings
	PadTokenID    int32    `json:"pad_token_id"`
	Objectives    []string `json:"objectives,omitempty"` // of pretraining: masked, shifted, causal; empty where nobody says
}

// Preset returns the configuration of a named size: tiny, mini or small, with the given vocabulary.
func Preset(name string, vocab int) (Config, error) {
	b, err := backbone.Preset(name)
	if err != nil {
		return Config{}, fmt.Errorf("text: %w", err)
	}
	c := Config{Config: b, VocabSize: vocab}
	c.name()
	return c, nil
}

// The largest sizes that a config may ask for: a vocabulary of 16 million, and 2^28 values in the table of positions.
const (
	maxConfigBytes = 4 << 20

	maxVocab     = 1 << 24
	maxPositions = 1 << 28
	maxWidth     = 1 << 16
	maxLayers    = 1 << 10
)

// ParseConfig reads config.json.
func ParseConfig(raw []byte) (Config, error) {
	var kind struct {
		ModelType string          `json:"model_type"`
		AutoMap   json.RawMessage `json:"auto_map"`
	}
	if err := decodeConfig(raw, &kind); err != nil {
		return Config{}, err
	}
	if len(kind.AutoMap) > 0 {
		return Config{}, unsupported("auto_map asks for code of the folder, which is never run")
	}
	f, err := familyNamed(kind.ModelType)
	if err != nil {
		return Config{}, err
	}
	c, err := f.parse(raw)
	if err != nil {
		return Config{}, err
	}
	if len(c.Architectures) == 0 {
		c.Architectures = nil
	}
	if len(c.Objectives) == 0 {
		c.Objectives = nil
	}
	c.Config = c.Config.Defaults()
	for _, f := range []struct {
		name      string
		got, most int
	}{
		{"vocab_size", c.VocabSize, maxVocab},
		{"hidden_size", c.Hidden, maxWidth},
		{"intermediate_size", c.Intermediate, maxWidth},
		{"num_hidden_layers", c.Layers, maxLayers},
		{"num_attention_heads", c.Heads, maxWidth},
		{"type_vocab_size", c.Types, maxWidth},
		{"max_position_embeddings", c.MaxPositions, maxPositions / max(1, min(c.Hidden, maxWidth))},
	} {
		if f.got > f.most {
			return Config{}, fmt.Errorf("text: config.json: %w: %s: got %d, want at most %d", ErrConfigLimit, f.name, f.got, f.most)
		}
	}
	return c, c.Validate()
}

// decodeConfig reads config.json into v. Keys of transformers that change nothing here are passed over.
func decodeConfig(raw []byte, v any) error {
	if err := strictjson.Decode(raw, v, strictjson.Limits{Bytes: maxConfigBytes, AllowUnknown: true}); err != nil {
		return fmt.Errorf("text: config.json: %w: %w", ErrConfig, err)
	}
	return nil
}

func unsupported(format string, args ...any) error {
	return fmt.Errorf("text: config.json: %w: %s", ErrUnsupportedModel, fmt.Sprintf(format, args...))
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("text: config.json: %w: %s", ErrConfig, fmt.Sprintf(format, args...))
}

// nonzero turns a size that the file gives as 0 into one that is out of range, for 0 means the default in a Config.
func nonzero(size int) int {
	if size == 0 {
		return -1
	}
	return size
}

// Validate returns an ErrConfig that names every field out of range.
func (c *Config) Validate() error {
	if err := c.Config.Validate(); err != nil {
		return fmt.Errorf("text: %w: %w", ErrConfig, err)
	}
	if c.VocabSize < 1 || c.VocabSize > maxVocab {
		return fmt.Errorf("text: %w: vocab_size: got %d, want 1 to %d", ErrConfig, c.VocabSize, maxVocab)
	}
	if c.PadTokenID < 0 || int(c.PadTokenID) >= c.VocabSize {
		return fmt.Errorf("text: %w: pad_token_id: got %d, want 0 to %d", ErrConfig, c.PadTokenID, c.VocabSize-1)
	}
	return nil
}

// name sets the model type by what the configuration is.
func (c *Config) name() {
	c.ModelType, c.Architectures = "fmkit", nil
	plain := c.EmbeddingSize == 0 && c.PositionOffset == 0 && !c.Gated && c.Omit == backbone.Omit{}
	if plain && c.Norm == "post" && c.PositionKind == "absolute" && !c.Causal && c.Types > 0 {
		c.ModelType, c.Architectures = "bert", []string{"BertForMaskedLM"}
	}
}

// JSON returns the content of config.json, in the words of the model type.
func (c Config) JSON() ([]byte, error) {
	f, err := familyNamed(c.ModelType)
	if err != nil {
		return nil, err
	}
	return f.marshal(c)
}

// values is the number of values in the big tensors of a model, which a weight file must have at least.
func (c *Config) values() int64 {
	d, f := int64(c.Hidden), int64(c.Intermediate)
	width, products := d, int64(2)
	if c.EmbeddingSize > 0 {
		width = int64(c.EmbeddingSize)
	}
	if c.Gated {
		products = 3
	}
	n := int64(c.VocabSize)*width + int64(c.Layers)*(4*d*d+products*d*f)
	if c.PositionKind == "absolute" {
		n += int64(c.MaxPositions) * width
	}
	return n
}
