package pretrain

import (
	"math"
	"slices"

	"github.com/fmkit/fmkit/rl"
)

// measurements are sums over observations, in float64 and in the order of the data, around the first one.
type measurements struct {
	first, sums, squares []float64 // [O]; nil for pictures
	n                    float64
	largest              float32 // return to go, without its sign

	low, high []float32 // [A] of actions, where they have no limits; else nil
}

func newMeasurements(e *rl.Environment, unlimited bool) *measurements {
	m := &measurements{}
	if unlimited {
		inf := float32(math.Inf(1))
		m.low, m.high = slices.Repeat([]float32{inf}, e.ActionSize()), slices.Repeat([]float32{-inf}, e.ActionSize())
	}
	if e.Patch == 0 {
		m.sums, m.squares = make([]float64, e.Size()), make([]float64, e.Size())
	}
	return m
}

func (m *measurements) add(e *toGo) {
	for _, r := range e.returns {
		m.largest = max(m.largest, r, -r)
	}
	for i, v := range e.Actions {
		if n := len(m.low); n > 0 {
			m.low[i%n], m.high[i%n] = min(m.low[i%n], v), max(m.high[i%n], v)
		}
	}
	size := len(m.sums)
	if size == 0 {
		return
	}
	if m.first == nil {
		for _, v := range e.Observations[:size] {
			m.first = append(m.first, float64(v))
		}
	}
	for at := 0; at < len(e.Observations); at += size {
		for i, v := range e.Observations[at : at+size] {
			d := float64(v) - m.first[i]
			m.sums[i] += d
			m.squares[i] += float64(d * d)
		}
		m.n++
	}
}

// flat is the deviation, as a share of the mean, below which a number counts as constant.
const flat = 1e-6

// put sets mean, deviation, the scale of returns, and limits of actions that have none.
func (m *measurements) put(e *rl.Environment) {
	if e.ReturnScale = m.largest; e.ReturnScale == 0 {
		e.ReturnScale = 1
	}
	for i, low := range m.low {
		if high := m.high[i]; low < high {
			e.Low[i], e.High[i] = low, high
		} else if low == high { // a constant
			e.Low[i], e.High[i] = low-1, low+1
		}
	}
	for i, sum := range m.sums {
		mean := sum / m.n
		std := math.Sqrt(max(0, m.squares[i]/m.n-float64(mean*mean)))
		mean += m.first[i]
		if std <= flat*max(1, math.Abs(mean)) {
			std = 1
		}
		e.Mean, e.Std = append(e.Mean, float32(mean)), append(e.Std, float32(std))
	}
}
