package peft

import (
	"fmt"
	"strings"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// A BitFitConfig tunes the biases of the encoder, those of its norms among them, in place (Ben Zaken et al., "BitFit: Simple Parameter-efficient Fine-tuning for
// Transformer-based Masked Language-models", 2022). It has no settings.
type BitFitConfig struct{}

// validate implements method.
func (c *BitFitConfig) validate() error { return nil }

// plan implements method.
func (c *BitFitConfig) plan(e *backbone.Encoder, _ uint64) (*Change, error) {
	var chosen []*nn.Param
	for _, p := range own(e) {
		if len(p.Shape) == 1 && strings.HasSuffix(p.Name, ".bias") {
			chosen = append(chosen, p)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%w: bitfit: the encoder has no biases", ErrConfig)
	}
	return inPlace(Config{BitFit: &BitFitConfig{}}, chosen), nil
}
