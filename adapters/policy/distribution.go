package policy

import (
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// Actions are what a policy chooses from, given by the outputs [A] of its head: of whole numbers the softmax is their probabilities. Vectors are tanh(u)
// stretched to their limits, u normal with the outputs as means and a deviation that doesn't depend on the observation (Haarnoja et al., Soft actor-critic,
// 2018, appendix C, for the squashing). A choice is u, or the index of a whole number: what losses are calculated from.
type Actions struct{ About *rl.Environment }

// Outputs is A: a logit for each whole number, a mean for each number of a vector.
func (a Actions) Outputs() int { return a.About.ActionInputs() }

// Size is the length of an action and of a choice.
func (a Actions) Size() int { return a.About.ActionSize() }

// Discrete tells whether actions are whole numbers.
func (a Actions) Discrete() bool { return a.About.Discrete() }

// Mode writes the choice of the most likely whole number, the first one of equals, or the means.
func (a Actions) Mode(choice, outputs []float32) {
	if !a.Discrete() {
		copy(choice, outputs)
		return
	}
	best := 0
	for i, v := range outputs {
		if v > outputs[best] {
			best = i
		}
	}
	choice[0] = float32(best)
}

// Sample writes a choice drawn from s. deviations [A] are those of vectors.
func (a Actions) Sample(choice, outputs, deviations []float32, s *random.Stream) {
	if !a.Discrete() {
		for i, mean := range outputs {
			choice[i] = mean + float32(deviations[i]*float32(s.Normal()))
		}
		return
	}
	most, sum := sumExp(outputs)
	at := float32(float32(s.Float64()) * sum)
	for i, v := range outputs {
		at -= kernels.Exp(v - most)
		if at < 0 || i == len(outputs)-1 {
			choice[0] = float32(i)
			return
		}
	}
}

// Action writes the action of a choice.
func (a Actions) Action(action, choice []float32) {
	if a.Discrete() {
		action[0] = choice[0] + float32(a.About.Start)
		return
	}
	for i, u := range choice {
		action[i] = kernels.Tanh(u)
	}
	a.About.TakeAction(action, action)
}

// halfLogTwoPi is log(2 pi)/2.
const halfLogTwoPi = 0.9189385

// LogProb is the logarithm of the probability of a choice. Of vectors it is the density of u: that of the action differs by a term that
// depends on the action alone, so that ratios of two policies are the same.
func (a Actions) LogProb(choice, outputs, logDeviations []float32) float32 {
	if a.Discrete() {
		most, sum := sumExp(outputs)
		return outputs[int(choice[0])] - most - kernels.Log(sum)
	}
	total := float32(0)
	for i, u := range choice {
		z := (u - outputs[i]) / kernels.Exp(logDeviations[i])
		total -= float32(0.5*float32(z*z)) + logDeviations[i] + halfLogTwoPi
	}
	return total
}

// Probabilities writes the softmax of outputs [A] to p, which may be outputs.
func Probabilities(p, outputs []float32) {
	most, sum := sumExp(outputs)
	for i, v := range outputs {
		p[i] = kernels.Exp(v-most) / sum
	}
}

// sumExp is the largest of x and the sum of the exponentials of what they are below it.
func sumExp(x []float32) (most, sum float32) {
	most = x[0]
	for _, v := range x {
		most = max(most, v)
	}
	for _, v := range x {
		sum += kernels.Exp(v - most)
	}
	return most, sum
}
