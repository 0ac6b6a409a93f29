package inspector

import (
	"cmp"
	"fmt"
	"image"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// A Detector finds defects of kinds that it has learnt from marked pictures, and names them. A vision encoder looks at windows of the picture, and a
// linear head gives every patch the odds of being good or of each kind. With a template the encoder sees the picture, the
// template and their difference (Stack). It is safe for concurrent use.
type Detector struct {
	model     *vision.Model
	infer     *vision.Inference
	processor picture.Processor
	head      *nn.Linear // [1+C, D], the first for good
	labels    []string
	settings  DetectorSettings
	passport  *adapter.Passport
}

// NewDetectorHead makes the head for width d and kinds of defects: a dense layer called classifier.
func NewDetectorHead(d, kinds int) *nn.Linear { return nn.NewLinear("classifier", d, 1+kinds) }

// NewDetector makes a detector of a model and a head as they are now.
func NewDetector(m *vision.Model, head *nn.Linear, labels []string, s DetectorSettings) (*Detector, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	switch {
	case head.In() != m.Width() || head.Out() != 1+len(labels) || len(labels) == 0:
		return nil, fmt.Errorf("inspector: detector: got a head from %d to %d for %d kinds, want one from %d to one more than kinds", head.In(), head.Out(), len(labels), m.Width())
	case s.Template && m.Config.Channels != 3:
		return nil, fmt.Errorf("inspector: detector: channels: got %d, want 3 for picture, template and difference", m.Config.Channels)
	}
	own := nn.NewLinear("classifier", head.In(), head.Out())
	copy(own.W.Value, head.W.Value)
	copy(own.B.Value, head.B.Value)
	return &Detector{model: m, infer: m.Snapshot(), processor: WindowProcessor(m), head: own, labels: slices.Clone(labels), settings: s}, nil
}

// WindowProcessor is that of m for pictures that have its size already: it only rescales and normalises.
func WindowProcessor(m *vision.Model) picture.Processor {
	p := m.Processor
	p.Resize, p.Width, p.Height, p.ShortestEdge, p.CenterCrop = true, m.Config.ImageSize, m.Config.ImageSize, 0, false
	return p
}

// Labels are the kinds of defects.
func (d *Detector) Labels() []string { return slices.Clone(d.labels) }

// Settings are those that it answers by.
func (d *Detector) Settings() DetectorSettings { return d.settings }

// Passport says where the detector comes from; nil where it was not loaded.
func (d *Detector) Passport() *adapter.Passport { return d.passport }

// With returns a detector of the same weights with other settings.
func (d *Detector) With(s DetectorSettings) (*Detector, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if s.Template != d.settings.Template {
		return nil, fmt.Errorf("inspector: detector: template: got %v, want %v, as it was trained", s.Template, d.settings.Template)
	}
	c := *d
	c.settings = s
	return &c, nil
}

// Inspect judges a picture of any size; template is nil unless the settings want one, of the same size. The answer's map is the chance that a pixel is part of
// a defect of any kind. A region above Level is a box; its kind is the one with the greatest sum of chances over its patches, and its score the sum of the
// map in it. The picture's class and score are those of its worst box.
func (d *Detector) Inspect(m, template *image.NRGBA) (*Answer, error) {
	if d.settings.Template != (template != nil) {
		return nil, fmt.Errorf("inspector: detector: template: got one: %v, want one: %v", template != nil, d.settings.Template)
	}
	if m.Rect.Empty() || m.Rect.Dx() > maxSide || m.Rect.Dy() > maxSide || m.Rect.Dx()*m.Rect.Dy() > maxPixels {
		return nil, fmt.Errorf("inspector: detector: got a picture of %v, want 1 to %d pixels a side and %d in all", m.Rect.Size(), maxSide, maxPixels)
	}
	if template != nil {
		var err error
		if m, err = Stack(m, template, d.settings.Shift, d.settings.Tolerance); err != nil {
			return nil, err
		}
	}
	return d.InspectStack(m)
}

// InspectStack is Inspect of what Stack gives, or of a picture without a template.
func (d *Detector) InspectStack(m *image.NRGBA) (*Answer, error) {
	chances, t, err := d.logits(m)
	if err != nil {
		return nil, err
	}
	k, n := d.head.Out(), t.rows*t.cols
	kernels.Softmax(chances, chances, n, k)
	bad := make([]float32, n)
	for i := range bad {
		bad[i] = 1 - chances[i*k]
	}
	w, h, patch := m.Rect.Dx(), m.Rect.Dy(), d.model.Config.PatchSize
	whole := make([]float32, t.rows*t.cols*patch*patch)
	newSmoother(t.rows, t.cols, t.rows*patch, t.cols*patch, 0).apply(whole, bad, new(canvas))
	out := &Map{Width: w, Height: h, Values: make([]float32, w*h)}
	for y := range h {
		copy(out.Values[y*w:(y+1)*w], whole[y*t.cols*patch:])
	}
	threshold := d.settings.Score
	a := &Answer{Label: OK, Threshold: &threshold, Boxes: []Box{}, Map: out}
	for _, b := range out.regions(float32(d.settings.Level), d.settings.Join, d.settings.MinArea) {
		if b.Score = b.sum; b.Score >= threshold {
			b.Label = d.labels[kind(chances, b.Box, t.cols, k, patch)]
			a.Boxes = append(a.Boxes, b)
		}
	}
	slices.SortStableFunc(a.Boxes, func(a, b Box) int { return cmp.Compare(b.Score, a.Score) })
	if len(a.Boxes) > 0 {
		a.Label, a.Class, a.Score = Defect, a.Boxes[0].Label, a.Boxes[0].Score
	}
	return a, nil
}

// kind is the number of the kind with the greatest sum of chances [R, C, K] over the patches that a box touches.
func kind(chances []float32, b metrics.Box, cols, k, patch int) int {
	sums := make([]float64, k)
	for r := int(b.YMin) / patch; r*patch < int(b.YMax); r++ {
		for c := int(b.XMin) / patch; c*patch < int(b.XMax); c++ {
			for i, v := range chances[(r*cols+c)*k:][:k] {
				sums[i] += float64(v)
			}
		}
	}
	best := 1
	for i := 2; i < k; i++ {
		if sums[i] > sums[best] {
			best = i
		}
	}
	return best - 1
}
