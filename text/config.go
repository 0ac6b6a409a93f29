package text

import (
	"encoding/json"
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// A Config is a model's config.json. Keys of transformers that change nothing here are passed over when reading.
type Config struct {
	backbone.Config
	ModelType     string          `json:"model_type"`              // bert, or fmkit for what BERT has no name for
	Architectures []string        `json:"architectures,omitempty"` // as transformers writes it
	VocabSize     int             `json:"vocab_size"`              // V, rows of the word embeddings
	PadTokenID    int32           `json:"pad_token_id"`
	AutoMap       json.RawMessage `json:"auto_map,omitempty"` // asks for the folder's own code: refused
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
	maxVocab     = 1 << 24
	maxPositions = 1 << 28
	maxWidth     = 1 << 16
	maxLayers    = 1 << 10
)

// ParseConfig reads config.json.
func ParseConfig(raw []byte) (Config, error) {
	fail := func(err error, format string, args ...any) (Config, error) {
		return Config{}, fmt.Errorf("text: config.json: %w: %s", err, fmt.Sprintf(format, args...))
	}
	var c Config
	const missing = -1 << 31
	c.Intermediate, c.MaxPositions, c.PadTokenID = missing, missing, 0
	c.Types, c.Dropout, c.AttentionDropout = 2, 0.1, 0.1 // BertConfig's defaults
	if err := strictjson.Decode(raw, &c, strictjson.Limits{Bytes: 4 << 20, AllowUnknown: true}); err != nil {
		return Config{}, fmt.Errorf("text: config.json: %w: %w", ErrConfig, err)
	}
	switch {
	case len(c.AutoMap) > 0:
		return fail(ErrUnsupportedModel, "auto_map asks for code of the folder, which is never run")
	case c.ModelType != "bert" && c.ModelType != "fmkit":
		return fail(ErrUnsupportedModel, "model_type: got %.40q, want bert or fmkit", c.ModelType)
	case c.PositionKind != "" && c.PositionKind != "absolute" && c.ModelType == "bert":
		return fail(ErrUnsupportedModel, "position_embedding_type: got %.40q, want absolute", c.PositionKind)
	}
	for _, p := range []*int{&c.Intermediate, &c.MaxPositions} {
		switch *p {
		case missing:
			*p = 0
		case 0:
			*p = -1 // given as 0: out of range, not the default
		}
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
			return fail(ErrConfigLimit, "%s: got %d, want at most %d", f.name, f.got, f.most)
		}
	}
	return c, c.Validate()
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
	if c.Norm == "post" && c.PositionKind == "absolute" && !c.Causal && c.Types > 0 {
		c.ModelType, c.Architectures = "bert", []string{"BertForMaskedLM"}
	}
}

// JSON returns the content of config.json.
func (c Config) JSON() ([]byte, error) {
	raw, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("text: config: %w", err)
	}
	return append(raw, '\n'), nil
}

// values is the number of values in the big tensors of a model, which a weight file must have at least.
func (c *Config) values() int64 {
	d, f := int64(c.Hidden), int64(c.Intermediate)
	n := int64(c.VocabSize)*d + int64(c.Layers)*(4*d*d+2*d*f)
	if c.PositionKind == "absolute" {
		n += int64(c.MaxPositions) * d
	}
	return n
}
