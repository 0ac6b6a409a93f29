package text

import (
	"fmt"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// headConfig is what config.json says of heads.
type headConfig struct {
	ModelType            string            `json:"model_type"`
	Architectures        []string          `json:"architectures"`
	Labels               map[string]string `json:"id2label"`
	ProblemType          string            `json:"problem_type"`
	Activation           string            `json:"hidden_act"`
	DistilActivation     string            `json:"activation"`
	Tied                 *bool             `json:"tie_word_embeddings"`
	ClassifierPooling    string            `json:"classifier_pooling"`
	ClassifierBias       bool              `json:"classifier_bias"`
	ClassifierActivation string            `json:"classifier_activation"`
	DecoderBias          bool              `json:"decoder_bias"`
	NormBias             bool              `json:"norm_bias"`
	NormEps              float32           `json:"norm_eps"`
}

// kind finds the head in the name of the class.
func (c *headConfig) kind(f *family) (headKind, error) {
	for _, a := range c.Architectures {
		rest, ok := strings.CutPrefix(a, f.class)
		if !ok || f.class == "" {
			continue
		}
		switch k := headKind(rest); {
		case k == replacedTokens && f.modelType == "bert":
			return maskedLM, nil
		case k == maskedLM, k == replacedTokens, k == sequenceClassification, k == tokenClassification, k == questionAnswering:
			return k, nil
		}
	}
	return "", fmt.Errorf("text: config.json: %w: architectures: got %q", ErrNoHead, c.Architectures)
}

// keys are those of config.json that say how the head is built.
func (c *headConfig) keys() map[string]any {
	k := map[string]any{}
	if c.ProblemType != "" {
		k["problem_type"] = c.ProblemType
	}
	if c.Tied != nil {
		k["tie_word_embeddings"] = *c.Tied
	}
	if c.ModelType == "modernbert" {
		k["classifier_pooling"], k["classifier_bias"] = c.ClassifierPooling, c.ClassifierBias
		k["classifier_activation"], k["decoder_bias"] = c.ClassifierActivation, c.DecoderBias
	}
	return k
}

// labels lists id2label in the order of the ids.
func (c *headConfig) labels(n int) ([]string, error) {
	all, err := checkpoint.Labels(c.Labels, n)
	if err != nil {
		return nil, invalid("%v", err)
	}
	return all, nil
}
