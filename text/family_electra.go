package text

import (
	"strings"

	"github.com/fmkit/fmkit/shared/nn"
)

// electra is ELECTRA (Clark et al., 2020), generator and discriminator: BERT whose embeddings may be narrower than the encoder.
func electra() *family {
	return &family{
		modelType: "electra", class: "Electra", prefix: "electra.", roots: []string{"embeddings.", "embeddings_project.", "encoder."},
		names: strings.NewReplacer(prefix, "electra."),
		heads: []string{"discriminator_predictions.", "generator_predictions.", "generator_lm_head.", "qa_outputs.", "classifier."},
		parse: parseELECTRA, format: formatELECTRA, head: electraHead,
	}
}

func parseELECTRA(raw []byte) (Config, error) {
	c := Config{VocabSize: 30522}
	c.EmbeddingSize, c.Hidden, c.Layers, c.Heads, c.Intermediate, c.MaxPositions = 128, 256, 12, 4, 1024, 512
	c.Types, c.Dropout, c.AttentionDropout = 2, 0.1, 0.1
	if err := decodeConfig(raw, &c); err != nil {
		return c, err
	}
	if c.PositionKind != "" && c.PositionKind != "absolute" {
		return c, unsupported("position_embedding_type: got %.40q, want absolute", c.PositionKind)
	}
	c.EmbeddingSize, c.Intermediate, c.MaxPositions = nonzero(c.EmbeddingSize), nonzero(c.Intermediate), nonzero(c.MaxPositions)
	return c, nil
}

// formatELECTRA says the width of the embeddings where it is the encoder's too, for ElectraConfig has another default.
func formatELECTRA(c Config) any {
	if c.EmbeddingSize == 0 {
		c.EmbeddingSize = c.Hidden
	}
	return c
}

func electraHead(kind headKind, c *headConfig) *headSpec {
	switch kind {
	case maskedLM:
		return &headSpec{
			dense: "generator_predictions.dense", act: "gelu", norm: "generator_predictions.LayerNorm",
			out: "generator_lm_head", bias: "generator_lm_head.bias", tied: true,
		}
	case replacedTokens:
		return &headSpec{dense: "discriminator_predictions.dense", act: c.Activation, out: "discriminator_predictions.dense_prediction"}
	case sequenceClassification:
		return &headSpec{pooling: nn.PoolCLS, dense: "classifier.dense", act: "gelu", out: "classifier.out_proj"}
	}
	return bertHead(kind, c)
}
