package nn

import (
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
)

// Standardize shifts the rows of x [N, D] to a mean of zero and scales all of x by one number, to a variance of one over all directions. It returns what
// it subtracted [D] and then divided by, 1 where the rows are all alike. It is canonical.
func Standardize(x []float32, n, d int) (mean []float32, std float32) {
	mean = make([]float32, d)
	kernels.ColumnSum(mean, x, n, d)
	kernels.Scale(mean, 1/float32(n))
	for i := range n {
		kernels.AddScaled(x[i*d:(i+1)*d], mean, -1)
	}
	std = float32(math.Sqrt(kernels.SumSquares(x[:n*d]) / float64(n*d)))
	if std == 0 {
		std = 1
	}
	kernels.Scale(x[:n*d], 1/std)
	return mean, std
}
