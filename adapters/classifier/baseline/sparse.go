package baseline

// A Sparse matrix [N, Cols] holds of each row only the values that aren't zero.
type Sparse struct {
	Cols  int
	Start []int     // [N+1]: row i is Col and Val from Start[i] to Start[i+1]
	Col   []int32   // ascending within a row
	Val   []float64 // the same length as Col
}

// Rows is N.
func (m *Sparse) Rows() int { return len(m.Start) - 1 }

// Row gives the columns and values of row i.
func (m *Sparse) Row(i int) ([]int32, []float64) {
	a, b := m.Start[i], m.Start[i+1]
	return m.Col[a:b], m.Val[a:b]
}

func (m *Sparse) cols() int { return m.Cols }

func (m *Sparse) square(sum float64, i int) float64 {
	_, vals := m.Row(i)
	for _, v := range vals {
		sum += v * v
	}
	return sum
}

func (m *Sparse) dot(sum float64, i int, w []float64) float64 {
	cols, vals := m.Row(i)
	for k, j := range cols {
		sum += w[j] * vals[k]
	}
	return sum
}

func (m *Sparse) add(w []float64, i int, by float64) {
	cols, vals := m.Row(i)
	for k, j := range cols {
		w[j] += by * vals[k]
	}
}
