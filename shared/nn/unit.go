package nn

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
)

// Unit scales every row [D] of a batch's [B, D] to length 1; a row of zeros, or nearly, becomes zeros.
type Unit struct {
	D int

	norms    []float32 // [B]
	products []float32 // [D]
}

// Name implements Sublayer.
func (u *Unit) Name() string { return "unit" }

// Params implements Sublayer.
func (u *Unit) Params() []*Param { return nil }

// Shape implements Sublayer: [B, D].
func (u *Unit) Shape(b *Batch) []int { return []int{b.B, u.D} }

// Forward implements Sublayer.
func (u *Unit) Forward(y, x []float32, b *Batch) error {
	if len(x) < b.B*u.D {
		return fmt.Errorf("nn: unit: got %d values, want %d rows of width %d", len(x), b.B, u.D)
	}
	unitRows(y, kernels.Grow(&u.norms, b.B), x, b.B, u.D)
	return nil
}

// Backward implements Sublayer.
func (u *Unit) Backward(dx, dy, _, y []float32, b *Batch) error {
	if dx != nil {
		unitRowsBackward(dx, dy, y, u.norms, kernels.Grow(&u.products, u.D), b.B, u.D)
	}
	return nil
}

// UnitRows scales the rows of x [N, D] to length 1, as Unit does, in place. It is safe for concurrent use on different rows.
func UnitRows(x []float32, n, d int) {
	for i := range n {
		unitRow(x[i*d : (i+1)*d])
	}
}

// leastNorm is the length below which a row counts as zeros: gradients over it must be float32s.
const leastNorm = 1e-30

// unitRow scales a row to length 1 and returns the length it had; rows of zeros, or nearly, become zeros of length 0.
func unitRow(row []float32) float32 {
	norm := float32(math.Sqrt(kernels.SumSquares(row)))
	if norm < leastNorm {
		clear(row)
		return 0
	}
	kernels.Scale(row, 1/norm)
	return norm
}

// unitRows scales the rows of x [N, D] to length 1 and keeps their norms [N].
func unitRows(unit, norms, x []float32, n, d int) {
	copy(unit[:n*d], x)
	for i := range n {
		norms[i] = unitRow(unit[i*d : (i+1)*d])
	}
}

// unitRowsBackward sets dx [N, D] from the gradient dunit [N, D] of unitRows: the part of it that is orthogonal to the row, over its norm.
func unitRowsBackward(dx, dunit, unit, norms, products []float32, n, d int) {
	for i := range n {
		row := dx[i*d : (i+1)*d]
		clear(row)
		if norms[i] == 0 {
			continue
		}
		u, du := unit[i*d:(i+1)*d], dunit[i*d:(i+1)*d]
		kernels.Mul(products[:d], u, du)
		along := float32(kernels.Sum(products[:d]))
		copy(row, du)
		kernels.AddScaled(row, u, -along)
		kernels.Scale(row, 1/norms[i])
	}
}
