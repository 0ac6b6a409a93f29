package inspector

import (
	"fmt"
	"image"
	"io/fs"
	"sync"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/vision"
)

// A Station judges pictures as they come: decoded, of any size. It is an inspector with the model that it looks through, and safe for concurrent use.
type Station struct {
	*Inspector
	windows *Windows
	pixels  sync.Pool // of *[]float32
}

// NewStation makes a station of an inspector fitted on w.
func NewStation(p *Inspector, w *Windows) *Station {
	s := &Station{Inspector: p, windows: w}
	s.pixels.New = func() any { return new([]float32) }
	return s
}

// Open attaches the adapter folder dir to base. It returns what Load returns, and adapter.ErrBaseMismatch where the passport names another processor.
func Open(dir string, base *vision.Model) (*Station, error) {
	return adapter.In(dir, func(fsys fs.FS) (*Station, error) { return OpenFS(fsys, base) })
}

// OpenFS is Open from the root of fsys, whose files must be able to read at an offset.
func OpenFS(fsys fs.FS, base *vision.Model) (*Station, error) {
	folder, err := adapter.OpenFS(fsys)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	id := base.Identity()
	if err := folder.Passport.Attach(Task, id.Fingerprint); err != nil {
		return nil, err
	}
	if want := folder.Passport.Base.Tokenizer; id.Tokenizer != want {
		return nil, fmt.Errorf("inspector: %w: processor: got %s, want %s", adapter.ErrBaseMismatch, id.Tokenizer, want)
	}
	s, err := settingsOf(folder.Passport)
	if err != nil {
		return nil, err
	}
	w, err := NewWindows(base, s)
	if err != nil {
		return nil, fmt.Errorf("inspector: %w: %w", adapter.ErrPassport, err)
	}
	p, err := LoadFS(fsys, w, id.Fingerprint)
	if err != nil {
		return nil, err
	}
	return NewStation(p, w), nil
}

// settingsOf reads the settings of the fit that a passport holds.
func settingsOf(p *adapter.Passport) (Settings, error) {
	var s stored
	err := strictjson.Decode(p.Settings, &s, strictjson.Limits{})
	if err == nil {
		err = s.Validate()
	}
	if err != nil {
		return Settings{}, fmt.Errorf("inspector: %w: settings: %w", adapter.ErrPassport, err)
	}
	return s.Settings, nil
}

// Judge says what it thinks of a picture. Boxes are in the picture's own pixels; the map has the size of the settings.
func (s *Station) Judge(m *image.NRGBA) (*Answer, error) {
	pixels := s.pixels.Get().(*[]float32)
	defer s.pixels.Put(pixels)
	if err := s.windows.Process(kernels.Grow(pixels, s.settings.pixels()), m); err != nil {
		return nil, err
	}
	a, err := s.Inspect(*pixels)
	if err != nil {
		return nil, err
	}
	x, y := float64(m.Rect.Dx())/float64(s.settings.Width), float64(m.Rect.Dy())/float64(s.settings.Height)
	for i := range a.Boxes {
		b := &a.Boxes[i].Box
		b.XMin, b.XMax, b.YMin, b.YMax = b.XMin*x, b.XMax*x, b.YMin*y, b.YMax*y
	}
	return a, nil
}

// Paint paints the map of an answer over its picture, of any size, so that the highest value that a good picture may have is green and twice that red.
func (s *Station) Paint(m *image.NRGBA, a *Answer) (*image.NRGBA, error) {
	high := 2 * s.thresholds.Pixel
	if !(high > 0 && high < maxVector) { // too few good pictures to know
		high = max(1e-6, 2*highest(a.Map.Values))
	}
	return Paint(m, a.Map, high/4, high)
}
