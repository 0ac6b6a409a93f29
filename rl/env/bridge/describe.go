package bridge

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// protocol is the version of what both sides say.
const protocol = 1

// A greeting is what the child says of itself and the environment.
type greeting struct {
	Protocol    int         `json:"protocol"`
	Gymnasium   string      `json:"gymnasium"`
	Python      string      `json:"python"`
	Observation description `json:"observation"`
	Action      description `json:"action"`
}

// A description is a space.
type description struct {
	Kind   string        `json:"kind"`
	Shape  []int         `json:"shape"`  // Box
	Uint8  bool          `json:"uint8"`  // Box
	N      int           `json:"n"`      // Discrete
	Start  int           `json:"start"`  // Discrete
	Counts []int         `json:"counts"` // MultiDiscrete
	Names  []string      `json:"names"`  // Dict, sorted
	Spaces []description `json:"spaces"` // Dict
}

// meet reads a greeting; the bounds of its boxes are in the frame's numbers.
func meet(f *frame) (g greeting, observation, action spaces.Space, err error) {
	if err := strictjson.Decode(f.json, &g, strictjson.Limits{}); err != nil {
		return g, nil, nil, fmt.Errorf("%w: greeting: %w", ErrProtocol, err)
	}
	if g.Protocol != protocol {
		return g, nil, nil, fmt.Errorf("%w: got protocol %d, want %d", ErrProtocol, g.Protocol, protocol)
	}
	bounds := f.raw
	if observation, err = g.Observation.space(&bounds); err != nil {
		return g, nil, nil, fmt.Errorf("%w: observations: %w", ErrMake, err)
	}
	if action, err = g.Action.space(&bounds); err != nil {
		return g, nil, nil, fmt.Errorf("%w: actions: %w", ErrMake, err)
	}
	if len(bounds) > 0 {
		return g, nil, nil, fmt.Errorf("%w: greeting: got %d bytes of bounds too many", ErrProtocol, len(bounds))
	}
	return g, observation, action, nil
}

// space makes the space and takes its bounds.
func (d description) space(bounds *[]byte) (spaces.Space, error) {
	switch d.Kind {
	case "Box":
		return d.box(bounds)
	case "Discrete":
		return spaces.NewDiscreteFrom(d.N, d.Start)
	case "MultiDiscrete":
		return spaces.NewMultiDiscrete(d.Counts...)
	case "Dict":
		if len(d.Names) != len(d.Spaces) || !slices.IsSorted(d.Names) || len(slices.Compact(slices.Clone(d.Names))) != len(d.Names) {
			return nil, fmt.Errorf("%w: a Dict of names %q with %d spaces", ErrProtocol, d.Names, len(d.Spaces))
		}
		named := map[string]spaces.Space{}
		for i, name := range d.Names {
			s, err := d.Spaces[i].space(bounds)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", name, err)
			}
			named[name] = s
		}
		return spaces.NewDict(named)
	}
	return nil, fmt.Errorf("%w: a space of kind %.40q", ErrProtocol, d.Kind)
}

func (d description) box(bounds *[]byte) (spaces.Space, error) {
	of := spaces.Float32
	if d.Uint8 {
		of = spaces.Uint8
	}
	size := 1
	for _, n := range d.Shape {
		if n < 1 || n > maxRaw/8/size {
			return nil, fmt.Errorf("a Box of shape %v: want 1 to %d numbers", d.Shape, maxRaw/8)
		}
		size *= n
	}
	if len(*bounds) < 8*size {
		return nil, fmt.Errorf("%w: got %d bytes of bounds for a Box of shape %v", ErrProtocol, len(*bounds), d.Shape)
	}
	low, high := make([]float32, size), make([]float32, size)
	floats(low, (*bounds)[:4*size])
	floats(high, (*bounds)[4*size:8*size])
	*bounds = (*bounds)[8*size:]
	if _, err := spaces.NewBox(low, high); err != nil { // every pair of bounds
		return nil, err
	}
	b, err := spaces.NewBoxOf(slices.Min(low), slices.Max(high), of, d.Shape...)
	if err != nil {
		return nil, err
	}
	b.Low, b.High = low, high
	return b, nil
}

// A leaf is a run of numbers of an observation, all of one type.
type leaf struct {
	n     int
	uint8 bool
}

// leaves are an observation's in the order of its bytes, with the length of all.
func leaves(s spaces.Space) (all []leaf, bytes int) {
	if d, ok := s.(*spaces.Dict); ok {
		for _, name := range d.Names() {
			inner, n := leaves(d.Space(name))
			all, bytes = append(all, inner...), bytes+n
		}
		return all, bytes
	}
	l := leaf{n: s.Size()}
	if b, ok := s.(*spaces.Box); ok && b.Type == spaces.Uint8 {
		l.uint8 = true
		return []leaf{l}, l.n
	}
	return []leaf{l}, 4 * l.n
}

// decode writes the numbers of raw, which has the length of all leaves, to x.
func decode(x []float32, all []leaf, raw []byte) {
	for _, l := range all {
		if !l.uint8 {
			floats(x[:l.n], raw)
			x, raw = x[l.n:], raw[4*l.n:]
			continue
		}
		for i := range l.n {
			x[i] = float32(raw[i])
		}
		x, raw = x[l.n:], raw[l.n:]
	}
}

// floats reads float32 numbers.
func floats(x []float32, raw []byte) {
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
}
