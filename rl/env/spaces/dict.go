package spaces

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// A Dict is several spaces under names. Its elements lie one after another in the order of the sorted names.
type Dict struct {
	names  []string
	spaces map[string]Space
	stream
}

// NewDict makes a space of named ones.
func NewDict(named map[string]Space) (*Dict, error) {
	size := 0
	for name, s := range named {
		if s == nil {
			return nil, errorf("Dict: %q has no space", name)
		}
		if size += s.Size(); size > maxSize {
			return nil, errorf("Dict: it has more than %d elements", maxSize)
		}
	}
	return &Dict{names: slices.Sorted(maps.Keys(named)), spaces: maps.Clone(named)}, nil
}

// Names are those of the spaces, sorted.
func (d *Dict) Names() []string { return slices.Clone(d.names) }

// Space gives the one of a name, nil where there is none.
func (d *Dict) Space(name string) Space { return d.spaces[name] }

// Part gives the place in x, an element, of the space under name: a slice of x, nil where there is no such name.
func (d *Dict) Part(x []float32, name string) []float32 {
	for _, n := range d.names {
		size := d.spaces[n].Size()
		if n == name {
			return x[:size:size]
		}
		x = x[size:]
	}
	return nil
}

// Size is the sum of the spaces' sizes.
func (d *Dict) Size() int {
	n := 0
	for _, name := range d.names {
		n += d.spaces[name].Size()
	}
	return n
}

// Shape is nil.
func (d *Dict) Shape() []int { return nil }

// Contains tells whether every part is an element of its space.
func (d *Dict) Contains(x []float32) bool {
	if len(x) != d.Size() {
		return false
	}
	for _, name := range d.names {
		if !d.spaces[name].Contains(d.Part(x, name)) {
			return false
		}
	}
	return true
}

// Seed seeds each space by a number that the seed draws.
func (d *Dict) Seed(seed uint64) {
	d.stream.Seed(seed)
	for _, name := range d.names {
		d.spaces[name].Seed(uint64(d.rng.Integers(math.MaxInt32)))
	}
}

// Sample draws from each space.
func (d *Dict) Sample(x []float32) {
	if d.rng == nil {
		d.Seed(0)
	}
	for _, name := range d.names {
		d.spaces[name].Sample(d.Part(x, name))
	}
}

// FlatSize is the sum of the spaces' flat sizes.
func (d *Dict) FlatSize() int {
	n := 0
	for _, name := range d.names {
		n += d.spaces[name].FlatSize()
	}
	return n
}

// Flatten writes one part after another.
func (d *Dict) Flatten(flat, x []float32) {
	for _, name := range d.names {
		s := d.spaces[name]
		s.Flatten(flat[:s.FlatSize()], x[:s.Size()])
		flat, x = flat[s.FlatSize():], x[s.Size():]
	}
}

func (d *Dict) String() string {
	parts := make([]string, len(d.names))
	for i, name := range d.names {
		parts[i] = fmt.Sprintf("'%s': %v", name, d.spaces[name])
	}
	return "Dict(" + strings.Join(parts, ", ") + ")"
}
