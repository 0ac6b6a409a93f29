package classic

import (
	"math"

	"github.com/fmkit/fmkit/rl/env/trig"
)

// manyAcrobots is how many Acrobots go through a step together: their sines and cosines are most of the work, and those of several are calculated side by side.
const manyAcrobots = 64

// acrobotMany is what such a step needs. Every Acrobot gets the bits that it gets alone.
type acrobotMany struct {
	torque           [manyAcrobots]float64
	state, at        [manyAcrobots]acrobotState // before the step, and where a slope is taken
	k                [4][manyAcrobots]acrobotState
	x, sin, cos      [2 * manyAcrobots]float64 // theta2, or both angles
	shifted, cosines [2 * manyAcrobots]float64 // sums of the angles, then theta1
}

// derivative sets k to the slopes at n states.
func (m *acrobotMany) derivative(k *[manyAcrobots]acrobotState, at []acrobotState) {
	n := len(at)
	for i := range at {
		s := &at[i]
		m.x[i], m.shifted[i], m.shifted[n+i] = s[1], s[0]+s[1]-math.Pi/2, s[0]-math.Pi/2
	}
	trig.SinCosMany(m.sin[:n], m.cos[:n], m.x[:n])
	trig.CosMany(m.cosines[:2*n], m.shifted[:2*n])
	for i := range at {
		k[i] = at[i].slope(m.torque[i], m.sin[i], m.cos[i], m.cosines[i], m.cosines[n+i])
	}
}

// advance is acrobotState.advance of n states.
func (m *acrobotMany) advance(n int) {
	state, at := m.state[:n], m.at[:n]
	m.derivative(&m.k[0], state)
	for j, h := range [3]float64{acrobotTau / 2, acrobotTau / 2, acrobotTau} {
		for i := range at {
			at[i] = state[i].plus(h, m.k[j][i])
		}
		m.derivative(&m.k[j+1], at)
	}
	for i := range state {
		state[i].move(m.k[0][i], m.k[1][i], m.k[2][i], m.k[3][i])
	}
}

// step implements many.
func (m *acrobotMany) step(states []acrobotState, at []int32, actions, observations []float32, rewards []float64, terminated []bool) {
	for len(at) > 0 {
		n := min(len(at), manyAcrobots)
		for i, k := range at[:n] {
			m.state[i], m.torque[i] = states[k], float64(actions[k]-1)
		}
		m.advance(n)
		for i, s := range m.state[:n] {
			m.x[i], m.x[n+i], m.shifted[i] = s[0], s[1], s[1]+s[0]
		}
		trig.SinCosMany(m.sin[:2*n], m.cos[:2*n], m.x[:2*n])
		trig.CosMany(m.cosines[:n], m.shifted[:n])
		for i, k := range at[:n] {
			states[k] = m.state[i]
			rewards[k], terminated[k] = -1, false
			if states[k].put(observations[6*k:6*k+6], m.sin[i], m.cos[i], m.sin[n+i], m.cos[n+i], m.cosines[i]) {
				rewards[k], terminated[k] = 0, true
			}
		}
		at = at[n:]
	}
}
