package spaces

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Type is what kind of number a Box has.
type Type int

const (
	Float32 Type = iota // any number
	Uint8               // whole numbers from 0 to 255, such as pixels
)

func (t Type) String() string {
	if t == Uint8 {
		return "uint8"
	}
	return "float32"
}

// A Box is numbers between bounds, which are infinite where there is none.
type Box struct {
	Low, High []float32 // [Size]
	Type      Type

	shape []int
	stream
}

// NewBox makes the space of vectors between low and high.
func NewBox(low, high []float32) (*Box, error) {
	if len(low) != len(high) || len(low) == 0 || len(low) > maxSize {
		return nil, errorf("Box: got %d lower and %d upper bounds, want as many of both", len(low), len(high))
	}
	for i := range low {
		if !(low[i] <= high[i]) {
			return nil, errorf("Box: bound %d: got %v to %v, want low <= high", i, low[i], high[i])
		}
	}
	return &Box{Low: slices.Clone(low), High: slices.Clone(high), shape: []int{len(low)}}, nil
}

// NewBoxOf makes the space of tensors of a shape whose elements all lie between low and high.
func NewBoxOf(low, high float32, of Type, shape ...int) (*Box, error) {
	size := 1
	for _, n := range shape {
		if n < 1 || n > maxSize/size {
			return nil, errorf("Box: got shape %v, want 1 to %d elements", shape, maxSize)
		}
		size *= n
	}
	if of == Uint8 && !(low >= 0 && high <= math.MaxUint8 && low == float32(int(low)) && high == float32(int(high))) {
		return nil, errorf("Box: got %v to %v, want whole numbers of uint8", low, high)
	}
	b, err := NewBox(slices.Repeat([]float32{low}, size), slices.Repeat([]float32{high}, size))
	if err != nil {
		return nil, err
	}
	b.Type, b.shape = of, slices.Clone(shape)
	return b, nil
}

// Size is the number of elements.
func (b *Box) Size() int { return len(b.Low) }

// Shape is the tensor's shape.
func (b *Box) Shape() []int { return slices.Clone(b.shape) }

// Contains tells whether x lies between the bounds, with whole numbers where the type has no others. Like Gymnasium it refuses NaN.
func (b *Box) Contains(x []float32) bool {
	if len(x) != len(b.Low) {
		return false
	}
	for i, v := range x {
		if !(v >= b.Low[i] && v <= b.High[i]) || b.Type == Uint8 && v != float32(int(v)) {
			return false
		}
	}
	return true
}

// Sample draws in Gymnasium's order: first the elements without bounds from the normal distribution, then those with only a lower
// one from the exponential above it, those with only an upper one below it, and last the bounded ones evenly.
func (b *Box) Sample(x []float32) {
	g := b.random()
	b.each(false, false, func(i int) { x[i] = float32(g.Normal()) })
	b.each(true, false, func(i int) { x[i] = float32(g.Exponential() + float64(b.Low[i])) })
	b.each(false, true, func(i int) { x[i] = float32(float64(b.High[i]) - g.Exponential()) })
	b.each(true, true, func(i int) {
		if b.Type == Uint8 {
			x[i] = float32(math.Floor(g.Uniform(float64(b.Low[i]), float64(b.High[i])+1)))
			return
		}
		x[i] = float32(g.Uniform(float64(b.Low[i]), float64(b.High[i])))
	})
}

// each calls f with the elements that have these bounds.
func (b *Box) each(below, above bool, f func(i int)) {
	for i := range b.Low {
		if below == !math.IsInf(float64(b.Low[i]), -1) && above == !math.IsInf(float64(b.High[i]), 1) {
			f(i)
		}
	}
}

// FlatSize is Size.
func (b *Box) FlatSize() int { return len(b.Low) }

// Flatten copies x.
func (b *Box) Flatten(flat, x []float32) { copy(flat, x) }

func (b *Box) String() string {
	shape := make([]string, len(b.shape))
	for i, n := range b.shape {
		shape[i] = fmt.Sprint(n)
	}
	dims := strings.Join(shape, ", ")
	if len(shape) == 1 {
		dims += ","
	}
	return fmt.Sprintf("Box(%s, %s, (%s), %v)", b.bounds(b.Low), b.bounds(b.High), dims, b.Type)
}

// bounds is one number where all are the same.
func (b *Box) bounds(x []float32) string {
	words := make([]string, len(x))
	for i, v := range x {
		words[i] = strings.ToLower(strings.TrimPrefix(fmt.Sprint(v), "+"))
		if b.Type == Float32 && v == float32(int64(v)) {
			words[i] = fmt.Sprintf("%.1f", v)
		}
	}
	if all := slices.Compact(slices.Clone(words)); len(all) == 1 {
		return all[0]
	}
	return "[" + strings.Join(words, " ") + "]"
}

// Stack makes the space of n elements one after another, of shape [n, ...].
func (b *Box) Stack(n int) (*Box, error) {
	if n < 1 || n > maxSize/b.Size() {
		return nil, errorf("Box: got %d elements of size %d, want 1 to %d numbers in all", n, b.Size(), maxSize)
	}
	return &Box{Low: slices.Repeat(b.Low, n), High: slices.Repeat(b.High, n), Type: b.Type, shape: append([]int{n}, b.shape...)}, nil
}
