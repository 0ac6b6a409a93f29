package sortingcell

import (
	"fmt"
	"image"
	"maps"
	"slices"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/raster"
	"github.com/fmkit/fmkit/rl/env/spaces"
)

const (
	seen     = 4         // parts in an observation
	partSize = 2 + kinds // numbers of each
	size     = 2 + seen*partSize + 2

	cameraSide = 64
)

// SortingCell is SortingCell-v0; see the package comment.
type SortingCell struct {
	env.Base
	cell   cell
	camera *raster.Canvas // nil: the observation is a vector
}

// Config has the options of the constructor.
type Config struct {
	Camera bool // the observation is a picture
}

// New makes a cell.
func New(c Config) (*SortingCell, error) {
	actions, err := spaces.NewDiscrete(actions)
	if err != nil {
		return nil, err
	}
	s := &SortingCell{}
	observations, err := spaces.NewBoxOf(0, 1, spaces.Float32, size)
	if c.Camera {
		observations, err = spaces.NewBoxOf(0, 255, spaces.Uint8, cameraSide, cameraSide, 3)
		s.camera = newCanvas(cameraSide, cameraSide)
	}
	if err != nil {
		return nil, err
	}
	s.Base = env.NewBase(observations, actions)
	return s, nil
}

// Reset begins a batch.
func (s *SortingCell) Reset(observation []float32, seed int64, o env.Options) (env.Info, error) {
	speed, parts, err := options(o)
	if err != nil {
		return nil, err
	}
	if err := s.Begin(observation, seed); err != nil {
		return nil, err
	}
	s.cell.start(s.Random(), speed, parts)
	s.observe(observation)
	return nil, nil
}

// options reads those of a reset.
func options(o env.Options) (speed, parts int, err error) {
	speed, parts = defaultSpeed, defaultParts
	for _, name := range slices.Sorted(maps.Keys(o)) {
		var low, high int
		var to *int
		switch name {
		case "speed":
			low, high, to = 5, 40, &speed
		case "parts":
			low, high, to = 1, 1000, &parts
		default:
			return 0, 0, fmt.Errorf("%w: got %q, want speed or parts", env.ErrOption, name)
		}
		v := o[name]
		if !(v >= float64(low) && v <= float64(high)) || v != float64(int(v)) {
			return 0, 0, fmt.Errorf("%w: %s: got %v, want a whole number from %d to %d", env.ErrOption, name, v, low, high)
		}
		*to = int(v)
	}
	return speed, parts, nil
}

// Step is one of the cell.
func (s *SortingCell) Step(observation, action []float32) (env.Outcome, error) {
	if err := s.Check(observation, action); err != nil {
		return env.Outcome{}, err
	}
	reward, done := s.cell.step(int(action[0]), s.Random())
	s.observe(observation)
	return env.Outcome{Reward: reward, Terminated: done}, nil
}

// observe writes the vector, or the camera's picture.
func (s *SortingCell) observe(x []float32) {
	if s.camera != nil {
		s.cell.draw(s.camera)
		for i := range cameraSide * cameraSide {
			for k := range 3 {
				x[3*i+k] = float32(s.camera.Pix[4*i+k])
			}
		}
		return
	}
	c := &s.cell
	clear(x)
	x[0] = float32(c.arm) / beltEnd
	if c.busy {
		x[1] = 1
	}
	for i, p := range c.belt[:min(seen, len(c.belt))] {
		at := x[2+i*partSize:]
		at[0], at[1], at[2+p.kind] = 1, float32(p.at)/beltEnd, 1
	}
	x[size-2], x[size-1] = float32(c.coming)/float32(c.parts), float32(c.mistakes)/maxMistakes
}

// Render draws the cell for people, 512 by 512 pixels.
func (s *SortingCell) Render() (*image.RGBA, error) {
	if !s.Started() {
		return nil, fmt.Errorf("%w: got a picture before the first reset", env.ErrResetNeeded)
	}
	c := newCanvas(512, 512)
	s.cell.draw(c)
	return c.RGBA, nil
}

// Scripted sorts by the vector: it goes for the part that is at its bin next, waits there and pushes.
func Scripted(x, action []float32) {
	action[0] = wait
	arm := millimetres(x[0])
	target, at, soonest := -1, 0, 0
	for i := range seen {
		p := x[2+i*partSize:][:partSize]
		if p[0] == 0 {
			break
		}
		bin := binAt(slices.Index(p[2:], 1))
		if left := bin + reach - millimetres(p[1]); left >= 0 && (target < 0 || left < soonest) {
			target, at, soonest = bin, millimetres(p[1]), left
		}
	}
	switch {
	case target < 0:
	case arm > target:
		action[0] = back
	case arm < target:
		action[0] = forward
	case distance(arm, at) <= reach:
		action[0] = push
	}
}

// millimetres undoes the division of an observation.
func millimetres(v float32) int { return int(float32(v*beltEnd) + 0.5) }
