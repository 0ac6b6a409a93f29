package text

import (
	"strings"

	"github.com/fmkit/fmkit/shared/nn"
)

// distilbert is DistilBERT (Sanh et al., 2019): BERT without token types, under other names.
func distilbert() *family {
	return &family{
		modelType: "distilbert", class: "DistilBert", prefix: "distilbert.", roots: []string{"embeddings.", "transformer."},
		names: strings.NewReplacer(
			prefix+"encoder.layer.", "distilbert.transformer.layer.", prefix, "distilbert.",
			".attention.self.query.", ".attention.q_lin.", ".attention.self.key.", ".attention.k_lin.",
			".attention.self.value.", ".attention.v_lin.", ".attention.output.dense.", ".attention.out_lin.",
			".attention.output.LayerNorm.", ".sa_layer_norm.",
			".intermediate.dense.", ".ffn.lin1.", ".output.dense.", ".ffn.lin2.", ".output.LayerNorm.", ".output_layer_norm.",
		),
		heads: []string{"vocab_transform.", "vocab_layer_norm.", "vocab_projector.", "pre_classifier.", "classifier.", "qa_outputs."},
		parse: parseDistilBERT, format: formatDistilBERT, head: distilbertHead,
	}
}

// distilbertConfig is its config.json.
type distilbertConfig struct {
	ModelType        string   `json:"model_type"`
	Architectures    []string `json:"architectures,omitempty"`
	VocabSize        int      `json:"vocab_size"`
	PadTokenID       int32    `json:"pad_token_id"`
	Dim              int      `json:"dim"`
	Layers           int      `json:"n_layers"`
	Heads            int      `json:"n_heads"`
	Hidden           int      `json:"hidden_dim"`
	MaxPositions     int      `json:"max_position_embeddings"`
	Activation       string   `json:"activation"`
	Dropout          float32  `json:"dropout"`
	AttentionDropout float32  `json:"attention_dropout"`
}

func parseDistilBERT(raw []byte) (Config, error) {
	f := distilbertConfig{
		VocabSize: 30522, Dim: 768, Layers: 6, Heads: 12, Hidden: 3072, MaxPositions: 512,
		Activation: "gelu", Dropout: 0.1, AttentionDropout: 0.1,
	}
	if err := decodeConfig(raw, &f); err != nil {
		return Config{}, err
	}
	c := Config{ModelType: f.ModelType, Architectures: f.Architectures, VocabSize: f.VocabSize, PadTokenID: f.PadTokenID}
	c.Hidden, c.Layers, c.Heads, c.Intermediate, c.MaxPositions = f.Dim, f.Layers, f.Heads, nonzero(f.Hidden), nonzero(f.MaxPositions)
	c.Activation, c.Dropout, c.AttentionDropout, c.Eps = f.Activation, f.Dropout, f.AttentionDropout, 1e-12
	return c, nil
}

func formatDistilBERT(c Config) any {
	return distilbertConfig{
		ModelType: c.ModelType, Architectures: c.Architectures, VocabSize: c.VocabSize, PadTokenID: c.PadTokenID,
		Dim: c.Hidden, Layers: c.Layers, Heads: c.Heads, Hidden: c.Intermediate, MaxPositions: c.MaxPositions,
		Activation: c.Activation, Dropout: c.Dropout, AttentionDropout: c.AttentionDropout,
	}
}

func distilbertHead(kind headKind, c *headConfig) *headSpec {
	switch kind {
	case maskedLM:
		return &headSpec{dense: "vocab_transform", act: c.Activation, norm: "vocab_layer_norm", out: "vocab_projector", bias: "vocab_projector.bias", tied: true}
	case sequenceClassification:
		return &headSpec{pooling: nn.PoolCLS, dense: "pre_classifier", act: "relu", out: "classifier"}
	}
	return bertHead(kind, c)
}
