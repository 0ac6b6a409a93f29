package inspector

import (
	"cmp"
	"fmt"
	"image"
	"slices"
	"sync"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// A Detector finds defects of kinds that it has learnt from marked pictures, and names them. A vision encoder looks at windows of the picture, and a
// linear head gives every patch the chances of being good or of each kind. With a template the encoder sees picture, template and difference
// (Template.Stack) round the places that the template proposes; without, the picture alone, everywhere. It is safe for concurrent use.
type Detector struct {
	model     *vision.Model
	infer     *vision.Inference
	processor picture.Processor
	head      *nn.Linear // [1+C, D], the first for good
	labels    []string
	settings  DetectorSettings
	pool      *sync.Pool // of *windowSpace
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
	case s.Template != nil && m.Config.Channels != 3:
		return nil, fmt.Errorf("inspector: detector: channels: got %d, want 3 for picture, template and difference", m.Config.Channels)
	}
	own := nn.NewLinear("classifier", head.In(), head.Out())
	copy(own.W.Value, head.W.Value)
	copy(own.B.Value, head.B.Value)
	return &Detector{
		model: m, infer: m.Snapshot(), processor: WindowProcessor(m), head: own, labels: slices.Clone(labels), settings: s,
		pool: &sync.Pool{New: func() any { return new(windowSpace) }},
	}, nil
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
	if (s.Template == nil) != (d.settings.Template == nil) {
		return nil, fmt.Errorf("inspector: detector: template: got one: %v, want it as in training: %v", s.Template != nil, d.settings.Template != nil)
	}
	c := *d
	c.settings = s
	return &c, nil
}

// Inspect judges a picture of any size; template is nil unless the settings want one, of the same size. The answer's map is the chance that a pixel is part of
// a defect of any kind. The picture's class and score are those of its worst box, reported or not; without any box, and without a template, its score is the
// highest value of the map.
//
// With a template, a box is a place that the template proposes; its score is the mean chance of a defect over the patches of what differs, without the pad, times the greatest
// difference there.
// Without, it is a region of the map above Level, padded, and its score the highest value of the map in the region, or where the settings say so their sum. Its kind is the one with the greatest sum
// of chances over the same patches.
func (d *Detector) Inspect(m, template *image.NRGBA) (*Answer, error) {
	if (d.settings.Template == nil) != (template == nil) {
		return nil, fmt.Errorf("inspector: detector: template: got one: %v, want one: %v", template != nil, d.settings.Template != nil)
	}
	if m.Rect.Empty() || m.Rect.Dx() > maxSide || m.Rect.Dy() > maxSide || m.Rect.Dx()*m.Rect.Dy() > maxPixels {
		return nil, fmt.Errorf("inspector: detector: got a picture of %v, want 1 to %d pixels a side and %d in all", m.Rect.Size(), maxSide, maxPixels)
	}
	if template == nil {
		return d.InspectStack(m)
	}
	m, err := d.settings.Template.Stack(m, template)
	if err != nil {
		return nil, err
	}
	return d.InspectStack(m)
}

// InspectStack is Inspect of what Template.Stack gives, or of a picture without a template.
func (d *Detector) InspectStack(m *image.NRGBA) (*Answer, error) {
	threshold := d.settings.Score
	a := &Answer{Label: OK, Threshold: &threshold, Boxes: []Box{}}
	find := d.judge
	if d.settings.Template == nil {
		find = d.search
	}
	boxes, out, err := find(m)
	if err != nil {
		return nil, err
	}
	a.Map = out
	slices.SortStableFunc(boxes, func(a, b Box) int { return cmp.Compare(b.Score, a.Score) })
	for _, b := range boxes {
		if b.Score >= threshold {
			a.Boxes = append(a.Boxes, b)
		}
	}
	switch {
	case len(boxes) > 0:
		a.Score = boxes[0].Score
	case d.settings.Template == nil:
		a.Score = float64(highest(out.Values))
	}
	switch {
	case len(a.Boxes) > 0:
		a.Label, a.Class = Defect, a.Boxes[0].Label
	case d.settings.Certain > 0 && a.Score >= d.settings.Certain:
		a.Label = Abstain
	}
	return a, nil
}

// Paint paints the map of an answer over its picture, of any size: a chance of a half is green, certainty red.
func (d *Detector) Paint(m *image.NRGBA, a *Answer) (*image.NRGBA, error) {
	return Paint(m, a.Map, 0.05, 1)
}
