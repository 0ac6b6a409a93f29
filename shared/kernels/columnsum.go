package kernels

// ColumnSum adds the sum of each column of x [N, C] to dst [C]: dst[j] += x[0,j], then x[1,j], and so on, so rows of
// zeros change nothing wherever they are.
func ColumnSum(dst, x []float32, n, c int) {
	if len(dst) < c || len(x) < n*c {
		panic("kernels: ColumnSum: slice too short")
	}
	columnSums.run(columnSumColumns, columnSumArgs{dst, x, n, c}, c, n, columnStep)
}

// columnStep is the width of the narrowest strip of columns that one worker takes: four vectors, two cache lines.
const columnStep = 32

type columnSumArgs struct {
	dst, x []float32
	n, c   int
}

var columnSums ranger[columnSumArgs]

func columnSumColumns(a *columnSumArgs, lo, hi int) {
	if a.n > 0 {
		columnSum(a.dst[lo:hi], a.x[lo:], a.n, a.c)
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
