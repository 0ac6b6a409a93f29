package picture

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// ErrConfig says that a preprocessor_config.json describes no processor that works here.
var ErrConfig = errors.New("bad preprocessor configuration")

// A Processor makes model input of a picture: resize, centre crop, rescale, normalise, each where it is set, in this order. It holds what
// preprocessor_config.json says; ParseProcessor and NewProcessor make valid ones. Concurrent use is safe while nobody changes it.
type Processor struct {
	Type string // "ViTImageProcessor", say; empty: that one

	Resize        bool
	Width, Height int // of a picture after resizing
	ShortestEdge  int // or of its shorter side, when not 0
	Filter        Filter

	CenterCrop            bool // to these sides; what a picture lacks is black
	CropWidth, CropHeight int

	Rescale   bool
	Factor    float64
	Normalize bool
	Mean, Std []float64 // of each channel: 3, or 1 for gray models
}

// A family is the defaults of one image processor of transformers.
type family struct {
	stem      string // of its name, before ImageProcessor, ImageProcessorFast, ImageProcessorPil or FeatureExtractor
	size      sizeConfig
	crop      int
	shortest  bool // a size that is one number is that of the shorter side
	filter    Filter
	mean, std []float64
}

var (
	halves   = []float64{0.5, 0.5, 0.5}
	clipMean = []float64{0.48145466, 0.4578275, 0.40821073}
	clipStd  = []float64{0.26862954, 0.26130258, 0.27577711}
)

// families are the processors whose steps are those of Processor.
var families = []family{
	{stem: "ViT", size: sizeConfig{one: 224}, filter: Bilinear, mean: halves, std: halves},
	{stem: "DeiT", size: sizeConfig{one: 256}, crop: 224, filter: Bicubic, mean: halves, std: halves},
	{stem: "Bit", size: sizeConfig{one: 224}, crop: 224, shortest: true, filter: Bicubic, mean: clipMean, std: clipStd},
	{stem: "CLIP", size: sizeConfig{one: 224}, crop: 224, shortest: true, filter: Bicubic, mean: clipMean, std: clipStd},
	{stem: "Siglip", size: sizeConfig{sizeByName: sizeByName{Height: 224, Width: 224}}, shortest: true, filter: Bicubic, mean: halves, std: halves},
}

func familyOf(name string) (family, error) {
	stem := name
	for _, end := range []string{"Fast", "Pil", "ImageProcessor", "FeatureExtractor"} {
		stem = strings.TrimSuffix(stem, end)
	}
	var known []string
	for _, f := range families {
		if f.stem == stem || name == "" {
			return f, nil
		}
		known = append(known, f.stem)
	}
	return family{}, fmt.Errorf("%w: image_processor_type: got %.80q, want an image processor of %v", ErrConfig, name, known)
}

// NewProcessor gives the processor of a ViT for pictures of that size: bilinear, values from -1 to 1.
func NewProcessor(w, h, channels int) Processor {
	p := Processor{
		Type: "ViTImageProcessor", Resize: true, Width: w, Height: h, Filter: Bilinear,
		Rescale: true, Factor: 1.0 / 255, Normalize: true,
	}
	for range channels {
		p.Mean, p.Std = append(p.Mean, 0.5), append(p.Std, 0.5)
	}
	return p
}

// Validate says what keeps p from giving pictures of one size and finite values.
func (p *Processor) Validate() error {
	if _, err := familyOf(p.Type); err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	sides := []struct {
		name string
		set  bool
		side int
	}{
		{"size: shortest_edge", p.Resize && p.ShortestEdge != 0, p.ShortestEdge},
		{"size: width", p.Resize && p.ShortestEdge == 0, p.Width},
		{"size: height", p.Resize && p.ShortestEdge == 0, p.Height},
		{"crop_size: width", p.CenterCrop, p.CropWidth},
		{"crop_size: height", p.CenterCrop, p.CropHeight},
	}
	const most = 8192
	for _, s := range sides {
		if s.set && (s.side < 1 || s.side > most) {
			return fmt.Errorf("picture: %w: %s: got %d, want 1 to %d", ErrConfig, s.name, s.side, most)
		}
	}
	if !p.CenterCrop && (!p.Resize || p.ShortestEdge != 0) {
		return fmt.Errorf("picture: %w: got results of any size, want do_center_crop, or do_resize to a width and a height", ErrConfig)
	}
	if err := p.Filter.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if p.Normalize && (len(p.Mean) != 1 && len(p.Mean) != 3 || len(p.Std) != len(p.Mean)) {
		return fmt.Errorf("picture: %w: image_mean and image_std: got %d and %d values, want 3 or 1 each", ErrConfig, len(p.Mean), len(p.Std))
	}
	for _, v := range p.appendTable(nil) {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("picture: %w: rescale_factor, image_mean and image_std: got values that aren't finite", ErrConfig)
		}
	}
	return nil
}

// Size gives width and height of what Process gives.
func (p *Processor) Size() (w, h int) {
	if p.CenterCrop {
		return p.CropWidth, p.CropHeight
	}
	return p.Width, p.Height
}

// Channels gives the number of channels of what Process gives.
func (p *Processor) Channels() int {
	if p.Normalize {
		return len(p.Mean)
	}
	return 3
}

// appendTable appends the values [C, 256] that a pixel's levels become: in float64 and then float32 as numpy computes them.
func (p *Processor) appendTable(table []float32) []float32 {
	for c := range p.Channels() {
		for level := range 256 {
			v := float32(level)
			if p.Rescale {
				v = float32(float64(level) * p.Factor)
			}
			if p.Normalize {
				v = (v - float32(p.Mean[c])) / float32(p.Std[c])
			}
			table = append(table, v)
		}
	}
	return table
}

// clone gives a processor that shares nothing with p.
func (p Processor) clone() Processor {
	p.Mean, p.Std = slices.Clone(p.Mean), slices.Clone(p.Std)
	return p
}
