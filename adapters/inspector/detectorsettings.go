package inspector

import (
	"fmt"

	"github.com/fmkit/fmkit/vision/picture"
)

// DetectorSettings say how a Detector looks at a picture and what it calls a defect. The passport holds them.
type DetectorSettings struct {
	Template *Template `json:"template,omitempty"` // proposes places; nil: pictures come without templates, and every place is looked at

	Step    int     `json:"step"`              // without a template: from one window to the next, patches
	Level   float64 `json:"level"`             // without a template: a pixel that is likelier a defect than this belongs to a region
	Join    int     `json:"join"`              // without a template: regions up to twice this apart are one, pixels
	MinArea int     `json:"min_area"`          // without a template: of a region, pixels
	Pad     int     `json:"pad"`               // without a template: boxes are this much larger each way than what is learnt to be the defect, pixels
	Highest bool    `json:"highest,omitempty"` // without a template: a box's score is the highest chance of a defect in it; false: the sum over its pixels, by which large ones come first

	Turns int `json:"turns,omitempty"` // ways of picture.Turn in which every window is looked at, its chances their mean; 0 means one, as it is

	Score   float64 `json:"score"`             // a box with less is not reported; of a trained detector the threshold
	Certain float64 `json:"certain,omitempty"` // a picture whose worst box has at least this, and less than Score, is neither called defective nor good; 0: there are none such
}

// DefaultDetector gives settings for defects of ten pixels and more. With templates, the model judges the places that DefaultTemplate proposes. Without, windows of 16 patches overlap by half.
func DefaultDetector(template bool) DetectorSettings {
	s := DetectorSettings{Step: 8, Level: 0.5, MinArea: 16}
	if template {
		t := DefaultTemplate()
		s.Template = &t
	} else {
		s.Level, s.Highest = 0.3, true
	}
	return s
}

// Validate reports what is out of range.
func (s DetectorSettings) Validate() error {
	if s.Template != nil {
		if err := s.Template.Validate(); err != nil {
			return err
		}
	}
	for _, c := range []struct {
		name           string
		got, low, high float64
	}{
		{"step", float64(s.Step), 1, maxSide},
		{"level", s.Level, 0, 1},
		{"join", float64(s.Join), 0, maxSide},
		{"min_area", float64(s.MinArea), 1, maxPixels},
		{"pad", float64(s.Pad), 0, maxSide},
		{"turns", float64(s.Turns), 0, picture.Turns},
		{"score", s.Score, 0, maxPixels},
		{"certain", s.Certain, 0, s.Score},
	} {
		if !(c.got >= c.low && c.got <= c.high) {
			return fmt.Errorf("inspector: detector: %s: got %g, want %g to %g", c.name, c.got, c.low, c.high)
		}
	}
	return nil
}
