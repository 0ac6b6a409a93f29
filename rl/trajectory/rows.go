package trajectory

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/rl/trajectory/columnar"
)

// Rows are a range of the rows of a file.
type rows struct {
	file     *columnar.File
	from, to int64
}

func (r rows) len() int { return int(r.to - r.from) }

// floats reads a column of n numbers a row to dst, of which row i begins at i*stride.
func (r rows) floats(dst []float32, stride, n int, path ...string) error {
	v, err := r.values(n, path...)
	if err != nil {
		return err
	}
	for i := range r.len() {
		to := dst[i*stride:][:n]
		switch {
		case v.Floats != nil:
			copy(to, v.Floats[i*n:])
		case v.Reals != nil:
			for j := range to {
				to[j] = float32(v.Reals[i*n+j])
			}
		default:
			for j := range to {
				x := v.Ints[i*n+j]
				if x < -1<<24 || x > 1<<24 {
					return fmt.Errorf("column %v: got %d, want a whole number up to 2^24", path, x)
				}
				to[j] = float32(x)
			}
		}
	}
	return nil
}

// reals reads a column of a number a row.
func (r rows) reals(dst []float64, path ...string) ([]float64, error) {
	v, err := r.values(1, path...)
	if err != nil {
		return nil, err
	}
	dst = dst[:0]
	for _, x := range v.Floats {
		dst = append(dst, float64(x))
	}
	dst = append(dst, v.Reals...)
	for _, x := range v.Ints {
		dst = append(dst, float64(x))
	}
	return dst, nil
}

// ints reads a column of a whole number, or a boolean, a row.
func (r rows) ints(path ...string) ([]int64, error) {
	v, err := r.values(1, path...)
	if err != nil {
		return nil, err
	}
	if v.Len() != len(v.Ints) {
		return nil, fmt.Errorf("column %v: got other values than whole numbers", path)
	}
	return v.Ints, nil
}

// pictures reads a column of PNG or JPEG pictures to dst, of which row i begins at i*stride.
func (r rows) pictures(dst []float32, stride int, shape []int, path ...string) error {
	c, err := r.file.Column(path...)
	if err != nil {
		return err
	}
	if c.Kind != columnar.ByteArray || c.List {
		return fmt.Errorf("column %v: got other values than pictures", path)
	}
	if len(shape) != 3 || shape[2] != 1 && shape[2] != 3 {
		return fmt.Errorf("column %v: got pictures, want elements of shape %v", path, shape)
	}
	size := shape[0] * shape[1] * shape[2]
	for i := range r.len() { // one by one: they may be large
		v, err := r.file.Read(c, r.from+int64(i), r.from+int64(i)+1, 1)
		if err != nil {
			return err
		}
		if err := decodePicture(dst[i*stride:][:size], v.Bytes[0], shape); err != nil {
			return fmt.Errorf("column %v, row %d: %w", path, r.from+int64(i), err)
		}
	}
	return nil
}

// values reads n numbers a row.
func (r rows) values(n int, path ...string) (*columnar.Values, error) {
	c, err := r.file.Column(path...)
	if err != nil {
		return nil, err
	}
	if c.Kind == columnar.ByteArray {
		return nil, fmt.Errorf("column %v: got strings, want numbers", path)
	}
	v, err := r.file.Read(c, r.from, r.to, r.len()*n)
	if err != nil {
		return nil, err
	}
	for i, got := range v.Counts {
		if got != n {
			return nil, fmt.Errorf("column %v, row %d: got %d numbers, want %d", path, r.from+int64(i), got, n)
		}
	}
	if v.Len() != r.len()*n {
		return nil, fmt.Errorf("column %v: got %d numbers, want %d in each of %d rows", path, v.Len(), n, r.len())
	}
	return v, nil
}

// grown gives a slice of n elements, x itself where it is long enough.
func grown[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}

// fits says whether n elements in each of t rows are within the limits.
func fits(t int64, n int) error {
	if t > maxSteps || t*int64(n) > maxNumbers || n > math.MaxInt32 {
		return fmt.Errorf("%w: got an episode of %d steps with %d numbers each, want at most %d steps and %d numbers in all", ErrLimit, t, n, maxSteps, maxNumbers)
	}
	return nil
}
