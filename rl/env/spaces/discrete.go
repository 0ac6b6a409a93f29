package spaces

import "fmt"

// A Discrete is the whole numbers Start ... Start+N-1.
type Discrete struct {
	N     int
	Start int
	stream
}

// NewDiscrete makes the space 0 ... n-1.
func NewDiscrete(n int) (*Discrete, error) { return NewDiscreteFrom(n, 0) }

// NewDiscreteFrom makes the space start ... start+n-1.
func NewDiscreteFrom(n, start int) (*Discrete, error) {
	if n < 1 || n > maxWhole || start < -maxWhole || start > maxWhole-n {
		return nil, errorf("Discrete: got n %d and start %d, want at least 1 number, all below 2^24", n, start)
	}
	return &Discrete{N: n, Start: start}, nil
}

// Size is 1.
func (d *Discrete) Size() int { return 1 }

// Shape is empty.
func (d *Discrete) Shape() []int { return []int{} }

// Contains tells whether x is one whole number in range.
func (d *Discrete) Contains(x []float32) bool {
	return len(x) == 1 && whole(x[0], d.Start, d.N)
}

// Index gives the place of x, an element, from 0 on.
func (d *Discrete) Index(x []float32) int { return int(x[0]) - d.Start }

// Sample draws integers(N) + Start.
func (d *Discrete) Sample(x []float32) {
	x[0] = float32(int64(d.Start) + d.random().Integers(int64(d.N)))
}

// FlatSize is N.
func (d *Discrete) FlatSize() int { return d.N }

// Flatten writes N zeros with a one at x.
func (d *Discrete) Flatten(flat, x []float32) { oneHot(flat, d.Index(x)) }

func (d *Discrete) String() string {
	if d.Start != 0 {
		return fmt.Sprintf("Discrete(%d, start=%d)", d.N, d.Start)
	}
	return fmt.Sprintf("Discrete(%d)", d.N)
}

// whole tells whether v is one of n whole numbers from start on.
func whole(v float32, start, n int) bool {
	i := int(v)
	return v > -2*maxWhole && v < 2*maxWhole && float32(i) == v && i >= start && i < start+n
}
