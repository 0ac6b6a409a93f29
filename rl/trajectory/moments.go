package trajectory

import "math"

// Moments are the statistics of numbers that come row by row, D a row: Welford's method in float64, in the order of the rows.
type Moments struct {
	Count          int
	Mean, Min, Max []float64 // [D]
	squares        []float64 // [D]: sums of squared distances from the mean
}

// NewMoments makes those of no rows yet.
func NewMoments(d int) *Moments {
	m := &Moments{Mean: make([]float64, d), Min: make([]float64, d), Max: make([]float64, d), squares: make([]float64, d)}
	for i := range d {
		m.Min[i], m.Max[i] = math.Inf(1), math.Inf(-1)
	}
	return m
}

// Add takes rows [N, D] in.
func (m *Moments) Add(x []float32) {
	d := len(m.Mean)
	for ; len(x) >= d && d > 0; x = x[d:] {
		m.Count++
		for i, v := range x[:d] {
			m.add(i, float64(v))
		}
	}
}

// add takes number i of a row in that is counted already.
func (m *Moments) add(i int, v float64) {
	distance := v - m.Mean[i]
	m.Mean[i] += distance / float64(m.Count)
	m.squares[i] += float64(distance * (v - m.Mean[i]))
	m.Min[i], m.Max[i] = min(m.Min[i], v), max(m.Max[i], v)
}

// Std gives the standard deviations, of the rows themselves and not of what they might be a sample of, as numpy does.
func (m *Moments) Std() []float64 {
	s := make([]float64, len(m.squares))
	for i, v := range m.squares {
		s[i] = math.Sqrt(v / float64(max(m.Count, 1)))
	}
	return s
}
