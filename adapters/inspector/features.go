package inspector

import (
	"context"
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
)

// Features gives the patch vectors of n pictures [n, C, H, W]: y [n, R*C, D] in row order. Safe for concurrent use.
type Features interface {
	Grid() (rows, cols int)
	Width() int
	Patches(y, pixels []float32, n int) error
}

// Pictures are the good pictures that an inspector learns from.
type Pictures interface {
	Len() int
	Read(pixels []float32, i int) error // picture i [C, H, W], as the features want it
}

// batch is how many pictures go through the features at once.
const batch = 8

// vectors gives the local vectors of all pictures: [n, R*C, D].
func vectors(ctx context.Context, f Features, p Pictures, s *Settings) ([]float32, error) {
	rows, cols := f.Grid()
	d, n := f.Width(), p.Len()
	size, per := s.pixels(), rows*cols*d
	pixels, raw := make([]float32, batch*size), make([]float32, batch*per)
	all := kernels.Make[float32](n * per)
	for from := 0; from < n; from += batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b := min(batch, n-from)
		for i := range b {
			if err := p.Read(pixels[i*size:(i+1)*size], from+i); err != nil {
				return nil, fmt.Errorf("inspector: picture %d: %w", from+i, err)
			}
		}
		if err := f.Patches(raw[:b*per], pixels[:b*size], b); err != nil {
			return nil, fmt.Errorf("inspector: pictures %d to %d: %w", from, from+b-1, err)
		}
		for i := range b {
			at := (from + i) * per
			if err := local(all[at:at+per], raw[i*per:(i+1)*per], rows, cols, d, s.Neighbourhood); err != nil {
				return nil, fmt.Errorf("inspector: picture %d: %w", from+i, err)
			}
		}
	}
	return all, nil
}

// local sets y [R, C, D] to the mean of every vector of x [R, C, D] and its neighbours in a square of the given odd side, so that a vector knows what
// is around it. At the border the mean is over those that there are; PatchCore counts zeros for the rest.
func local(y, x []float32, rows, cols, d, side int) error {
	if !finite(x) {
		return fmt.Errorf("features: got NaN or a value beyond %g", maxVector)
	}
	h := side / 2
	for r := range rows {
		for c := range cols {
			dst := y[(r*cols+c)*d : (r*cols+c+1)*d]
			clear(dst)
			n := 0
			for i := max(0, r-h); i <= min(rows-1, r+h); i++ {
				for j := max(0, c-h); j <= min(cols-1, c+h); j++ {
					kernels.Add(dst, x[(i*cols+j)*d:(i*cols+j+1)*d])
					n++
				}
			}
			kernels.Scale(dst, 1/float32(n))
		}
	}
	return nil
}

// maxVector bounds the values of vectors, so that their squared distances stay finite.
const maxVector = 1e15

func finite(x []float32) bool {
	for _, v := range x {
		if !(math.Abs(float64(v)) <= maxVector) {
			return false
		}
	}
	return true
}
