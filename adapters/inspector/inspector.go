package inspector

import (
	"fmt"
	"math"
	"sync"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/kernels"
)

// An Inspector tells good pictures from others by a memory of good ones. It is safe for concurrent use.
type Inspector struct {
	features   Features
	rows, cols int
	settings   Settings
	whitening  *whitening // nil: none
	whole      *whole     // nil: pictures aren't judged on the whole
	standards  standards
	bank       *Bank
	naming     *naming // nil: defects have no names
	thresholds Thresholds
	smooth     *smoother
	pool       sync.Pool // of *scratch
	passport   *adapter.Passport
}

// scratch is the memory of one picture's inspection.
type scratch struct {
	raw, vectors, white, distance, moments []float32
	at                                     []int32
	canvas                                 canvas

	seen        []float32 // [R*C, D] vectors as the bank was asked for them
	worst       int       // of them
	off, logits []float32 // of a naming
}

func newInspector(f Features, s Settings) *Inspector {
	p := &Inspector{features: f, settings: s}
	p.rows, p.cols = f.Grid()
	p.smooth = newSmoother(p.rows, p.cols, s.Height, s.Width, s.Blur)
	p.pool.New = func() any { return new(scratch) }
	return p
}

// Settings are those of the fit.
func (p *Inspector) Settings() Settings { return p.settings }

// Thresholds are those that decide.
func (p *Inspector) Thresholds() Thresholds { return p.thresholds }

// Bank is the memory.
func (p *Inspector) Bank() *Bank { return p.bank }

// Passport says where the inspector comes from; nil where it was not loaded.
func (p *Inspector) Passport() *adapter.Passport { return p.passport }

// Inspect judges a picture [C, H, W], as the features want it.
func (p *Inspector) Inspect(pixels []float32) (*Answer, error) {
	m := &Map{Width: p.settings.Width, Height: p.settings.Height, Values: make([]float32, p.settings.Height*p.settings.Width)}
	s := p.pool.Get().(*scratch)
	defer p.pool.Put(s)
	score, err := p.look(m.Values, pixels, s)
	if err != nil {
		return nil, err
	}
	a := &Answer{Label: Abstain, Score: float64(score), Boxes: []Box{}, Map: m}
	t := p.thresholds
	if math.IsInf(float64(t.Defect), 1) {
		return a, nil
	}
	threshold := float64(t.Defect)
	a.Threshold = &threshold
	switch {
	case score > t.Defect:
		a.Label = Defect
	case score <= t.Certain:
		a.Label = OK
	}
	a.Boxes = m.Regions(t.Pixel, 0, p.settings.MinArea)
	if a.Label != Defect || p.naming == nil {
		return a, nil
	}
	if a.Class, err = p.name(s); err != nil {
		return nil, err
	}
	for i := range a.Boxes {
		a.Boxes[i].Label = a.Class
	}
	return a, nil
}

// Score gives the score of a picture [C, H, W] and, unless it is nil, sets values [H, W] to its map. It makes no garbage in steady state.
func (p *Inspector) Score(values, pixels []float32) (float32, error) {
	s := p.pool.Get().(*scratch)
	defer p.pool.Put(s)
	return p.look(values, pixels, s)
}

// look is Score in the memory s, which then knows what the picture looks like.
func (p *Inspector) look(values, pixels []float32, s *scratch) (float32, error) {
	if got, want := len(pixels), p.settings.pixels(); got != want {
		return 0, fmt.Errorf("inspector: picture: got %d values, want %d for %d channels of %dx%d", got, want, p.settings.Channels, p.settings.Width, p.settings.Height)
	}
	if got, want := len(values), p.settings.Height*p.settings.Width; values != nil && got != want {
		return 0, fmt.Errorf("inspector: map: got %d values, want %d", got, want)
	}
	n, d := p.rows*p.cols, p.bank.d
	raw, x := kernels.Grow(&s.raw, n*d), kernels.Grow(&s.vectors, n*d)
	if err := p.features.Patches(raw, pixels, 1); err != nil {
		return 0, fmt.Errorf("inspector: %w", err)
	}
	if err := local(x, raw, p.rows, p.cols, d, p.settings.Neighbourhood); err != nil {
		return 0, fmt.Errorf("inspector: %w", err)
	}
	return p.standards.judge(p.score(values, x, s)), nil
}

// score is Score of local vectors x [R*C, D], which it may change: of the worst patch and, where pictures are judged so, on the whole.
func (p *Inspector) score(values, x []float32, s *scratch) evidence {
	n, d := p.rows*p.cols, p.bank.d
	if p.whitening != nil {
		white := kernels.Grow(&s.white, n*d)
		p.whitening.apply(white, x, n)
		x = white
	}
	var e evidence
	if p.whole != nil {
		e.whole = p.whole.distance(x, n, d, &s.moments)
	}
	at, distance := kernels.Grow(&s.at, n), kernels.Grow(&s.distance, n)
	p.bank.Nearest(at, distance, x)
	worst := most(distance)
	s.seen, s.worst = x, worst
	if values != nil {
		p.smooth.apply(values, distance, &s.canvas)
	}
	e.patch = float32(distance[worst] * p.bank.weight(x[worst*d:(worst+1)*d], int(at[worst]), p.settings.Neighbours))
	return e
}

// most is the place of the first of the greatest values.
func most(values []float32) int {
	best := 0
	for i, v := range values {
		if v > values[best] {
			best = i
		}
	}
	return best
}
