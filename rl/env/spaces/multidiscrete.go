package spaces

import (
	"fmt"
	"slices"
	"strings"
)

// A MultiDiscrete is several whole numbers, the i-th of them 0 ... Counts[i]-1.
type MultiDiscrete struct {
	Counts []int
	stream
}

// NewMultiDiscrete makes the space of numbers below counts.
func NewMultiDiscrete(counts ...int) (*MultiDiscrete, error) {
	if len(counts) == 0 {
		return nil, errorf("MultiDiscrete: got no counts")
	}
	for i, n := range counts {
		if n < 1 || n > maxWhole {
			return nil, errorf("MultiDiscrete: count %d: got %d, want 1 to 2^24", i, n)
		}
	}
	return &MultiDiscrete{Counts: slices.Clone(counts)}, nil
}

// Size is the number of counts.
func (m *MultiDiscrete) Size() int { return len(m.Counts) }

// Shape is [Size].
func (m *MultiDiscrete) Shape() []int { return []int{len(m.Counts)} }

// Contains tells whether every number is whole and in range.
func (m *MultiDiscrete) Contains(x []float32) bool {
	if len(x) != len(m.Counts) {
		return false
	}
	for i, n := range m.Counts {
		if !whole(x[i], 0, n) {
			return false
		}
	}
	return true
}

// Sample draws random(Size) * Counts, rounded down.
func (m *MultiDiscrete) Sample(x []float32) {
	g := m.random()
	for i, n := range m.Counts {
		x[i] = float32(int64(g.Float64() * float64(n)))
	}
}

// FlatSize is the sum of the counts.
func (m *MultiDiscrete) FlatSize() int {
	n := 0
	for _, c := range m.Counts {
		n += c
	}
	return n
}

// Flatten writes one number after another one-hot.
func (m *MultiDiscrete) Flatten(flat, x []float32) {
	for i, n := range m.Counts {
		oneHot(flat[:n], int(x[i]))
		flat = flat[n:]
	}
}

func (m *MultiDiscrete) String() string {
	return fmt.Sprintf("MultiDiscrete([%s])", strings.Trim(fmt.Sprint(m.Counts), "[]"))
}
