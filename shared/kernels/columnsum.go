package kernels

// ColumnSum adds the sum of each column of x [N, C] to dst [C]: dst[j] += x[0,j], then x[1,j], and so on, so rows of
// zeros change nothing wherever they are.
func ColumnSum(dst, x []float32, n, c int) {
	if len(dst) < c || len(x) < n*c {
		panic("kernels: ColumnSum: slice too short")
	}
	columnSums.run(columnSumColumns, columnSumArgs{dst, x, n, c}, c, n, stripWidth(c))
}

// columnBlock is how many columns a kernel sums at a time: their accumulators stay in the nearest cache.
const columnBlock = 1024

// stripWidth returns the multiple that parts of c columns should have: one strip a worker, of whole cache lines, for
// memory is read along the rows.
func stripWidth(c int) int { return max(c/Workers()+31, 32) / 32 * 32 }

type columnSumArgs struct {
	dst, x []float32
	n, c   int
}

var columnSums ranger[columnSumArgs]

func columnSumColumns(a *columnSumArgs, lo, hi int) {
	if a.n == 0 {
		return
	}
	for ; lo < hi; lo += columnBlock {
		columnSum(a.dst[lo:min(lo+columnBlock, hi)], a.x[lo:], a.n, a.c)
	}
}

// columnSumPlain is columnSum in plain Go: the first len(dst) columns of x with n rows, c apart.
func columnSumPlain(dst, x []float32, n, c int) {
	for i := range n {
		for j := range dst {
			dst[j] += x[i*c+j]
		}
	}
}
