package trajectory

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/rl/env/spaces"
)

// meta finds the spaces: those that we wrote, or those that the features suggest.
func (l *lerobot) meta(s *shelf, about info) (Meta, error) {
	parts := map[string]spaces.Space{}
	for name, f := range about.Features {
		part, ok := strings.CutPrefix(name, "observation.")
		if !ok {
			continue
		}
		size, err := f.size()
		if err != nil {
			return Meta{}, malformed(fileInfo, "%s: %v", name, err)
		}
		o := observed{name: name, size: size}
		low, high, of := float32(math.Inf(-1)), float32(math.Inf(1)), spaces.Float32
		if f.DType == dtypeImage {
			if len(f.Shape) != 3 || f.Shape[2] != 1 && f.Shape[2] != 3 {
				return Meta{}, malformed(fileInfo, "%s: got shape %v, want height, width and 1 or 3 channels", name, f.Shape)
			}
			o.picture, low, high, of = f.Shape, 0, 255, spaces.Uint8
		} else if !isNumber(f.DType) || len(f.Shape) != 1 {
			return Meta{}, malformed(fileInfo, "%s: got %v of type %s, which we don't read", name, f.Shape, f.DType)
		}
		b, err := spaces.NewBoxOf(low, high, of, f.Shape...)
		if err != nil {
			return Meta{}, malformed(fileInfo, "%s: %v", name, err)
		}
		parts[part], l.parts = b, append(l.parts, o)
	}
	if len(l.parts) == 0 {
		return Meta{}, malformed(fileInfo, "got no observation.* in the features")
	}
	slices.SortFunc(l.parts, func(a, b observed) int { return strings.Compare(a.name, b.name) })
	at := 0
	for i := range l.parts {
		l.parts[i].at = at
		at += l.parts[i].size
	}
	var m Meta
	if exists(s.root, fileOurs) {
		var o ours
		if err := readJSON(s.root, fileOurs, &o); err != nil {
			return Meta{}, err
		}
		if o.Observation == nil || o.Action == nil {
			return Meta{}, malformed(fileOurs, "got no spaces")
		}
		var err error
		m.Environment = o.Environment
		if m.Observation, err = o.Observation.space(); err != nil {
			return Meta{}, fmt.Errorf("%s: %w", fileOurs, err)
		}
		if m.Action, err = o.Action.space(); err != nil {
			return Meta{}, fmt.Errorf("%s: %w", fileOurs, err)
		}
		if m.Observation.Size() != at {
			return Meta{}, malformed(fileOurs, "got observations of %d numbers, and of %d in %s", m.Observation.Size(), at, fileInfo)
		}
		return m, l.check(about, m)
	}
	if about.Robot != nil {
		m.Environment = *about.Robot
	}
	if len(parts) == 1 {
		for _, p := range parts {
			m.Observation = p
		}
	} else {
		d, err := spaces.NewDict(parts)
		if err != nil {
			return Meta{}, malformed(fileInfo, "%v", err)
		}
		m.Observation = d
	}
	var err error
	m.Action, err = guessAction(s, about)
	return m, err
}

func isNumber(dtype string) bool {
	return slices.Contains([]string{dtypeFloat, dtypeReal, dtypeInt, dtypeBool, "int32", "uint8"}, dtype)
}

// check holds the action space to the features.
func (l *lerobot) check(about info, m Meta) error {
	f, ok := about.Features[columnAction]
	size, err := f.size()
	if !ok || err != nil || size != m.Action.Size() {
		return malformed(fileInfo, "action: got %d numbers and %v, want %d", size, err, m.Action.Size())
	}
	return nil
}

// guessAction is the smallest space for the actions of a data set that doesn't name it: whole numbers up to the largest one, or any numbers.
func guessAction(s *shelf, about info) (spaces.Space, error) {
	f, ok := about.Features[columnAction]
	size, err := f.size()
	if !ok || err != nil || !isNumber(f.DType) || len(f.Shape) != 1 {
		return nil, malformed(fileInfo, "action: got %v of type %q, want numbers", f.Shape, f.DType)
	}
	if f.DType != dtypeInt {
		return made(spaces.NewBoxOf(float32(math.Inf(-1)), float32(math.Inf(1)), spaces.Float32, size))
	}
	all := map[string]any{}
	if err := readJSON(s.root, fileStats, &all); err != nil {
		return nil, err
	}
	low, high, err := extremes(all[columnAction], size)
	if err != nil {
		return nil, malformed(fileStats, "action: %v", err)
	}
	if size == 1 {
		return made(spaces.NewDiscreteFrom(high[0]-min(low[0], 0)+1, min(low[0], 0)))
	}
	for i := range high {
		high[i]++
	}
	return made(spaces.NewMultiDiscrete(high...))
}

// extremes are the smallest and the largest of each of size whole numbers.
func extremes(v any, size int) (low, high []int, err error) {
	m, _ := v.(map[string]any)
	for key, to := range map[string]*[]int{"min": &low, "max": &high} {
		all, _ := m[key].([]any)
		for _, v := range all {
			x, ok := v.(float64)
			if !ok || x != math.Trunc(x) || math.Abs(x) > 1<<24 {
				return nil, nil, fmt.Errorf("%s: got %v, want whole numbers", key, v)
			}
			*to = append(*to, int(x))
		}
		if len(*to) != size {
			return nil, nil, fmt.Errorf("%s: got %d numbers, want %d", key, len(*to), size)
		}
	}
	return low, high, nil
}
