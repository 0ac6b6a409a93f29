package text

import (
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// modernbert is ModernBERT (Warner et al., 2024): pre-norm with GeGLU, rotary positions, most layers local, and no biases.
func modernbert() *family {
	return &family{
		modelType: "modernbert", class: "ModernBert", prefix: "model.", roots: []string{"embeddings.", "layers.", "final_norm."},
		names: strings.NewReplacer(
			prefix+"embeddings.word_embeddings.", "model.embeddings.tok_embeddings.", prefix+"embeddings.LayerNorm.", "model.embeddings.norm.",
			prefix+"encoder.layer.", "model.layers.", prefix+"encoder.LayerNorm.", "model.final_norm.",
			".attention.self.", ".attn.Wqkv.", ".attention.output.dense.", ".attn.Wo.", ".attention.output.LayerNorm.", ".attn_norm.",
			".intermediate.dense.", ".mlp.Wi.input.", ".intermediate.gate.", ".mlp.Wi.gate.",
			".output.dense.", ".mlp.Wo.", ".output.LayerNorm.", ".mlp_norm.",
		),
		stacks: []stack{{".attn.Wqkv.", []string{"query", "key", "value"}}, {".mlp.Wi.", []string{"input", "gate"}}},
		heads:  []string{"head.", "decoder.", "classifier."},
		parse:  parseModernBERT, format: formatModernBERT, head: modernbertHead,
	}
}

// A ropeConfig is the rotary positions of one kind of layer, in the form of transformers 5.
type ropeConfig struct {
	Type  string  `json:"rope_type"`
	Theta float64 `json:"rope_theta"`
}

// modernbertConfig is its config.json, in the form of transformers 4 and, with Layers and Rope, of 5.
type modernbertConfig struct {
	ModelType        string                 `json:"model_type"`
	Architectures    []string               `json:"architectures,omitempty"`
	VocabSize        int                    `json:"vocab_size"`
	PadTokenID       int32                  `json:"pad_token_id"`
	Hidden           int                    `json:"hidden_size"`
	Intermediate     int                    `json:"intermediate_size"`
	Layers           int                    `json:"num_hidden_layers"`
	Heads            int                    `json:"num_attention_heads"`
	MaxPositions     int                    `json:"max_position_embeddings"`
	Activation       string                 `json:"hidden_activation"`
	Eps              float32                `json:"norm_eps"`
	NormBias         bool                   `json:"norm_bias"`
	AttentionBias    bool                   `json:"attention_bias"`
	MLPBias          bool                   `json:"mlp_bias"`
	AttentionDropout float32                `json:"attention_dropout"`
	EmbeddingDropout float32                `json:"embedding_dropout"`
	MLPDropout       float32                `json:"mlp_dropout"`
	Window           int                    `json:"local_attention"`
	Every            int                    `json:"global_attn_every_n_layers,omitempty"`
	GlobalTheta      float64                `json:"global_rope_theta,omitempty"`
	LocalTheta       *float64               `json:"local_rope_theta,omitempty"`
	LayerTypes       []string               `json:"layer_types,omitempty"`
	Rope             map[string]*ropeConfig `json:"rope_parameters,omitempty"`
}

const (
	fullAttention    = "full_attention"
	slidingAttention = "sliding_attention"
)

func parseModernBERT(raw []byte) (Config, error) {
	f := modernbertConfig{
		VocabSize: 50368, PadTokenID: 50283, Hidden: 768, Intermediate: 1152, Layers: 22, Heads: 12, MaxPositions: 8192,
		Activation: "gelu", Eps: 1e-5, Window: 128, Every: 3, GlobalTheta: 160000,
	}
	if err := decodeConfig(raw, &f); err != nil {
		return Config{}, err
	}
	c := Config{ModelType: f.ModelType, Architectures: f.Architectures, VocabSize: f.VocabSize, PadTokenID: f.PadTokenID}
	c.Hidden, c.Layers, c.Heads, c.Intermediate, c.MaxPositions = f.Hidden, f.Layers, f.Heads, nonzero(f.Intermediate), nonzero(f.MaxPositions)
	c.Activation, c.Eps, c.Norm, c.PositionKind, c.Gated = f.Activation, f.Eps, "pre", "rotary", true
	c.Dropout, c.AttentionDropout = max(f.EmbeddingDropout, f.MLPDropout), f.AttentionDropout
	c.Omit = backbone.Omit{AttentionBias: !f.AttentionBias, FeedForwardBias: !f.MLPBias, NormBias: !f.NormBias, FirstNorm: true}
	c.Theta, c.Local = f.GlobalTheta, backbone.Local{Window: f.Window, Every: f.Every, Theta: 10000}
	if f.LocalTheta != nil {
		c.Local.Theta = *f.LocalTheta
	}
	for kind, to := range map[string]*float64{fullAttention: &c.Theta, slidingAttention: &c.Local.Theta} {
		r := f.Rope[kind]
		if r == nil {
			continue
		}
		if r.Type != "" && r.Type != "default" {
			return c, unsupported("rope_parameters: %s: got rope_type %.40q, want default", kind, r.Type)
		}
		if r.Theta != 0 {
			*to = r.Theta
		}
	}
	if f.LayerTypes != nil {
		every, ok := period(f.LayerTypes, f.Layers)
		if !ok {
			return c, unsupported("layer_types: want %s at every n-th layer, from the first, and %s elsewhere", fullAttention, slidingAttention)
		}
		c.Local.Every = every
	}
	if c.Local.Window < 2 || c.Local.Every < 1 {
		return c, invalid("local_attention, global_attn_every_n_layers: got %d and %d, want at least 2 and 1", c.Local.Window, c.Local.Every)
	}
	return c, nil
}

// period finds n such that layers 0, n, 2n... of the list are full and the others are not.
func period(types []string, layers int) (n int, ok bool) {
	if len(types) != layers || layers == 0 {
		return 0, false
	}
	n = layers // only the first
	if i := slices.Index(types[1:], fullAttention); i >= 0 {
		n = i + 1
	}
	for i, t := range types {
		want := slidingAttention
		if i%n == 0 {
			want = fullAttention
		}
		if t != want {
			return 0, false
		}
	}
	return n, true
}

func formatModernBERT(c Config) any {
	local := c.Local.Theta
	if local == 0 {
		local = c.Theta
	}
	return modernbertConfig{
		ModelType: c.ModelType, Architectures: c.Architectures, VocabSize: c.VocabSize, PadTokenID: c.PadTokenID,
		Hidden: c.Hidden, Intermediate: c.Intermediate, Layers: c.Layers, Heads: c.Heads, MaxPositions: c.MaxPositions,
		Activation: c.Activation, Eps: c.Eps, NormBias: !c.Omit.NormBias, AttentionBias: !c.Omit.AttentionBias, MLPBias: !c.Omit.FeedForwardBias,
		AttentionDropout: c.AttentionDropout, EmbeddingDropout: c.Dropout, MLPDropout: c.Dropout,
		Window: c.Local.Window, Every: c.Local.Every, GlobalTheta: c.Theta, LocalTheta: &local,
	}
}

func modernbertHead(kind headKind, c *headConfig) *headSpec {
	s := &headSpec{
		dense: "head.dense", denseBare: !c.ClassifierBias, act: c.ClassifierActivation,
		norm: "head.norm", normBare: !c.NormBias, eps: c.NormEps, out: "classifier",
	}
	switch kind {
	case maskedLM:
		s.out, s.tied = "decoder", true
		if c.DecoderBias {
			s.bias = "decoder.bias"
		}
	case sequenceClassification:
		s.pooling = nn.Pooling(c.ClassifierPooling)
	case tokenClassification, questionAnswering:
	default:
		return nil
	}
	return s
}
