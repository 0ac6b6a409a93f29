package rl

import "math"

// PutReturn gives a return to go as the model has it.
func (e *Environment) PutReturn(r float32) float32 {
	if e.ReturnScale == 0 {
		return r
	}
	return r / e.ReturnScale
}

// TakeReturn is the inverse of PutReturn.
func (e *Environment) TakeReturn(x float32) float32 {
	if e.ReturnScale == 0 {
		return x
	}
	return x * e.ReturnScale
}

// PutAction sets x [ActionInputs] to an action [A] as the model has it: one-hot, or from -1 to 1 between the limits. A discrete action that
// isn't there gives zeros.
func (e *Environment) PutAction(x, action []float32) {
	if e.Discrete() {
		clear(x)
		if i := int(action[0]) - e.Start; i >= 0 && i < e.Actions {
			x[i] = 1
		}
		return
	}
	for i, a := range action {
		middle, half := e.span(i)
		x[i] = (a - middle) / half
	}
}

// TakeAction sets an action [A] from the model's numbers for it [ActionInputs]: the highest of scores, the first one of equals, or the vector within
// its limits.
func (e *Environment) TakeAction(action, x []float32) {
	if e.Discrete() {
		best := 0
		for i, v := range x {
			if v > x[best] {
				best = i
			}
		}
		action[0] = float32(e.Start + best)
		return
	}
	for i, v := range x {
		middle, half := e.span(i)
		action[i] = min(max(middle+float32(half*v), e.Low[i]), e.High[i])
	}
}

// span is the middle of an action's limits and half their distance.
func (e *Environment) span(i int) (middle, half float32) {
	low, high := float64(e.Low[i]), float64(e.High[i])
	return float32((low + high) / 2), float32((high - low) / 2)
}

// PutObservation sets x [O] to a vector as the model has it, or to a picture's pixels from -1 to 1.
func (e *Environment) PutObservation(x, observation []float32) {
	switch {
	case e.Patch != 0:
		for i, v := range observation {
			x[i] = (v - pixelMiddle) / pixelMiddle
		}
	case e.Mean == nil:
		copy(x, observation)
	default:
		for i, v := range observation {
			x[i] = (v - e.Mean[i]) / e.Std[i]
		}
	}
}

// pixelMiddle is half of the brightest pixel's value.
const pixelMiddle float32 = math.MaxUint8 / 2.0

// PutTargets sets t [Targets] to what the model is to predict of an observation [O].
func (e *Environment) PutTargets(t, observation []float32) {
	if e.Patch == 0 {
		e.PutObservation(t, observation)
		return
	}
	c, cols, area := e.Observation[2], e.Observation[1]/e.Patch, float32(e.Patch*e.Patch)
	clear(t)
	for i, v := range observation { // in whole numbers up to the division, which float32 holds exactly
		row, col, channel := i/(c*e.Observation[1]), i/c%e.Observation[1], i%c
		t[(row/e.Patch*cols+col/e.Patch)*c+channel] += v
	}
	for i, v := range t {
		t[i] = (v/area - pixelMiddle) / pixelMiddle
	}
}

// TakeTargets is the inverse of PutTargets, to the environment's own scale: the vector, or the mean colours of a picture's patches.
func (e *Environment) TakeTargets(observation, t []float32) {
	switch {
	case e.Patch != 0:
		for i, v := range t {
			observation[i] = float32(v*pixelMiddle) + pixelMiddle
		}
	case e.Mean == nil:
		copy(observation, t)
	default:
		for i, v := range t {
			observation[i] = float32(v*e.Std[i]) + e.Mean[i]
		}
	}
}
