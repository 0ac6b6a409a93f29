package pictures

import (
	"fmt"
	"strconv"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/vision"
)

// Export writes encoder and head as a folder of transformers' ViTForImageClassification, with half the weights as float16. That class reads the class token's
// vector as it is, so predictors with another pooling, with vectors of length 1 or on a model with a stem are refused with vision.ErrUnsupportedModel.
func (p *Predictor) Export(dir string, half bool) error {
	if p.pool != nn.PoolCLS || p.settings.Normalize {
		return fmt.Errorf("pictures: export: %w: pooling %s, normalize %t: transformers has a form for cls alone", vision.ErrUnsupportedModel, p.settings.Pooling, p.settings.Normalize)
	}
	if len(p.model.Config.Stem) > 0 {
		return fmt.Errorf("pictures: export: %w: stem_channels: got %v, want none: transformers has no such model", vision.ErrUnsupportedModel, p.model.Config.Stem)
	}
	m := *p.model
	m.Config.ModelType, m.Config.PositionKind, m.Config.Architectures = "vit", "absolute", []string{"ViTForImageClassification"} // fixed positions are stored like learnt ones
	names, ids := map[string]string{}, map[string]int{}
	for i, l := range p.labels {
		names[strconv.Itoa(i)], ids[l] = l, i
	}
	var own []checkpoint.Tensor
	for _, w := range p.layer.Params() {
		own = append(own, checkpoint.Tensor{Name: w.Name, Shape: w.Shape, Data: w.Value})
	}
	err := m.Save(dir, vision.SaveOptions{Half: half, Extra: own, Keys: map[string]any{"id2label": names, "label2id": ids}})
	if err != nil {
		return fmt.Errorf("pictures: export: %w", err)
	}
	return nil
}
