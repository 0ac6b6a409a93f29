package text

import (
	"strings"

	"github.com/fmkit/fmkit/shared/nn"
)

// roberta is RoBERTa (Liu et al., 2019): BERT with a byte-level tokenizer, whose positions start behind the padding token's row.
func roberta() *family {
	return &family{
		modelType: "roberta", class: "Roberta", prefix: "roberta.", roots: []string{"embeddings.", "encoder.", "pooler."},
		names:  strings.NewReplacer(prefix, "roberta."),
		pooler: "roberta.pooler.dense", heads: []string{"roberta.pooler.", "lm_head.", "qa_outputs.", "classifier."},
		parse: parseRoBERTa, format: formatRoBERTa, head: robertaHead,
	}
}

func parseRoBERTa(raw []byte) (Config, error) {
	c := Config{VocabSize: 50265, PadTokenID: 1}
	c.Hidden, c.Layers, c.Heads, c.Intermediate, c.MaxPositions = 768, 12, 12, 3072, 514
	c.Types, c.Dropout, c.AttentionDropout = 2, 0.1, 0.1
	if err := decodeConfig(raw, &c); err != nil {
		return c, err
	}
	if c.PositionKind != "" && c.PositionKind != "absolute" {
		return c, unsupported("position_embedding_type: got %.40q, want absolute", c.PositionKind)
	}
	if c.PadTokenID < 0 || int(c.PadTokenID) >= c.MaxPositions {
		return c, invalid("max_position_embeddings: got %d, want more than pad_token_id, %d", c.MaxPositions, c.PadTokenID)
	}
	c.PositionOffset = int(c.PadTokenID) + 1
	c.MaxPositions = nonzero(c.MaxPositions - c.PositionOffset)
	return c, nil
}

// formatRoBERTa counts the rows in front of the first position in, as transformers does.
func formatRoBERTa(c Config) any {
	c.MaxPositions += c.PositionOffset
	c.PadTokenID, c.PositionOffset = int32(c.PositionOffset-1), 0
	return c
}

func robertaHead(kind headKind, c *headConfig) *headSpec {
	switch kind {
	case maskedLM:
		return &headSpec{dense: "lm_head.dense", act: "gelu", norm: "lm_head.layer_norm", out: "lm_head.decoder", bias: "lm_head.bias", tied: true}
	case sequenceClassification:
		return &headSpec{pooling: nn.PoolCLS, dense: "classifier.dense", act: "tanh", out: "classifier.out_proj"}
	}
	return bertHead(kind, c)
}
