package inspector

import "fmt"

// DetectorSettings say how a Detector looks at a picture and what it calls a defect. The passport holds them.
type DetectorSettings struct {
	Template  bool    `json:"template"`  // every picture comes with a template
	Shift     int     `json:"shift"`     // how far a picture may be moved against its template, pixels
	Tolerance int     `json:"tolerance"` // how far an edge may lie off in the difference from the template, pixels
	Step      int     `json:"step"`      // from one window to the next, patches
	Level     float64 `json:"level"`     // a pixel that is likelier a defect than this belongs to a region
	Join      int     `json:"join"`      // regions up to twice this apart are one, pixels
	MinArea   int     `json:"min_area"`  // of a region, pixels
	Score     float64 `json:"score"`     // a region with less is not reported; of a trained detector the threshold
}

// DefaultDetector gives settings for defects of ten pixels and more; the windows overlap by half where they are 16 patches wide.
func DefaultDetector(template bool) DetectorSettings {
	return DetectorSettings{Template: template, Shift: 5, Tolerance: 2, Step: 8, Level: 0.5, MinArea: 16}
}

// Validate reports what is out of range.
func (s DetectorSettings) Validate() error {
	for _, c := range []struct {
		name           string
		got, low, high float64
	}{
		{"shift", float64(s.Shift), 0, 64},
		{"tolerance", float64(s.Tolerance), 0, 32},
		{"step", float64(s.Step), 1, maxSide},
		{"level", s.Level, 0, 1},
		{"join", float64(s.Join), 0, maxSide},
		{"min_area", float64(s.MinArea), 1, maxPixels},
		{"score", s.Score, 0, maxPixels},
	} {
		if !(c.got >= c.low && c.got <= c.high) {
			return fmt.Errorf("inspector: detector: %s: got %g, want %g to %g", c.name, c.got, c.low, c.high)
		}
	}
	return nil
}
