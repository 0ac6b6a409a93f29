package text

import "github.com/fmkit/fmkit/shared/nn"

// bert is BERT (Devlin et al., 2018), and MiniLM and bge, which have its form.
func bert() *family {
	return &family{
		modelType: "bert", class: "Bert", prefix: prefix, roots: []string{"embeddings.", "encoder.", "pooler."},
		pooler: prefix + "pooler.dense", heads: []string{prefix + "pooler.", "cls.", "qa_outputs.", "classifier."},
		parse: parseBERT, head: bertHead,
	}
}

// fmkit is what our own configurations can say and BERT's can't.
func fmkit() *family {
	f := bert()
	f.modelType, f.class, f.head = "fmkit", "", fmkitHead
	return f
}

// fmkitHead is BERT's but for the activation of the masked-language head, which nn.LMHead always has GELU for.
func fmkitHead(kind headKind, c *headConfig) *headSpec {
	s := bertHead(kind, c)
	if kind == maskedLM {
		s.act = string(nn.GELU)
	}
	return s
}

func parseBERT(raw []byte) (Config, error) {
	var c Config
	c.Types, c.Dropout, c.AttentionDropout = 2, 0.1, 0.1 // BertConfig's defaults
	const missing = -1 << 31
	c.Intermediate, c.MaxPositions = missing, missing
	if err := decodeConfig(raw, &c); err != nil {
		return c, err
	}
	for _, p := range []*int{&c.Intermediate, &c.MaxPositions} {
		if *p == missing {
			*p = 0 // the default
		} else {
			*p = nonzero(*p)
		}
	}
	if c.PositionKind != "" && c.PositionKind != "absolute" && c.ModelType == "bert" {
		return c, unsupported("position_embedding_type: got %.40q, want absolute", c.PositionKind)
	}
	return c, nil
}

func bertHead(kind headKind, c *headConfig) *headSpec {
	switch kind {
	case maskedLM:
		return &headSpec{
			dense: "cls.predictions.transform.dense", act: c.Activation, norm: "cls.predictions.transform.LayerNorm",
			out: "cls.predictions.decoder", bias: "cls.predictions.bias", tied: true,
		}
	case sequenceClassification:
		return &headSpec{pooling: nn.PoolCLS, dense: prefix + "pooler.dense", act: "tanh", out: "classifier"}
	case tokenClassification:
		return &headSpec{out: "classifier"}
	case questionAnswering:
		return &headSpec{out: "qa_outputs"}
	}
	return nil
}
