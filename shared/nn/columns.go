package nn

import "github.com/fmkit/fmkit/shared/kernels"

// A ColumnScaler multiplies the columns of matrices. Its zero value is ready, and it serves one call at a time.
type ColumnScaler struct {
	y, x, s []float32
	n       int
}

// scalerRows is how many rows one worker does at a time.
const scalerRows = 64

// Scale sets y [N, C] to x [N, C] with each column multiplied by its element of s [C]; y may be x.
func (c *ColumnScaler) Scale(y, x, s []float32, n int) {
	c.y, c.x, c.s, c.n = y, x, s, n
	kernels.Parallel((n+scalerRows-1)/scalerRows, c)
	c.y, c.x, c.s = nil, nil, nil
}

// Run implements kernels.Task.
func (c *ColumnScaler) Run(i int) {
	w := len(c.s)
	for r := i * scalerRows; r < min(c.n, (i+1)*scalerRows); r++ {
		kernels.Mul(c.y[r*w:(r+1)*w], c.x[r*w:(r+1)*w], c.s)
	}
}
