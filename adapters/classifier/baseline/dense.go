package baseline

// A matrix holds a row of features for every example.
type matrix interface {
	Rows() int
	cols() int
	square(start float64, i int) float64           // start plus the square of the length of row i
	dot(start float64, i int, w []float64) float64 // start plus row i times w [cols]
	add(w []float64, i int, by float64)            // adds row i, scaled, to w [cols]
}

// A dense matrix [N, cols] holds every value.
type dense struct {
	width  int
	values []float32
}

func (m *dense) Rows() int           { return len(m.values) / m.width }
func (m *dense) cols() int           { return m.width }
func (m *dense) row(i int) []float32 { return m.values[i*m.width : (i+1)*m.width] }

func (m *dense) square(sum float64, i int) float64 {
	for _, v := range m.row(i) {
		sum += float64(float64(v) * float64(v))
	}
	return sum
}

func (m *dense) dot(sum float64, i int, w []float64) float64 {
	w = w[:m.width]
	for j, v := range m.row(i) {
		sum += float64(w[j] * float64(v))
	}
	return sum
}

func (m *dense) add(w []float64, i int, by float64) {
	w = w[:m.width]
	for j, v := range m.row(i) {
		w[j] += float64(by * float64(v))
	}
}
