package pretrain

import (
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/random"
)

// A question is what a window is asked, by what is hidden of it.
type question int

const (
	askRandom  question = iota // tokens at random
	askRest                    // tokens at random, and all from some token on
	askPolicy                  // the last action, without returns
	askReturn                  // the last action, with returns
	askForward                 // the last observation
	askInverse                 // the actions between observations
	askStep                    // one observation
	questions

	// Of whole micro-batches:
	askCausal     = questions     // whatever comes next, at every token
	askAlone      = questions + 1 // the action and the next observation, from one observation
	questionKinds = questions + 2
)

// names of questions in evaluations and reports.
var names = [...]string{"random", "autoregressive", "policy", "return", "forward", "inverse", "step", "causal", "alone"}

// What the key of a sample is mixed with for each use.
const (
	drawWindow = iota
	drawQuestion
	drawMask
	drawDropout
)

// kinds are the parts of a step, by their number.
var kinds = [...]rl.Parts{rl.Returns, rl.Observations, rl.Actions}

const (
	ofReturn = iota
	ofObservation
	ofAction
)

// A target is a token's prediction: read at this token of the window, and of that step.
type target struct{ at, step int32 }

// A mask is what is hidden of one window and what is predicted of it.
type mask struct {
	parts   rl.Parts
	hidden  []bool      // [K S]
	targets [3][]target // by part
}

// token is where a part of a step stands.
func (m *mask) token(kind, step int) int { return step*m.parts.Len() + m.parts.Place(kinds[kind]) }

// hide hides a part of steps from first to last, both included. Where predict is set they are predicted.
func (m *mask) hide(kind, first, last int, predict bool) {
	if !m.parts.Has(kinds[kind]) {
		return
	}
	for step := first; step <= last; step++ {
		at := m.token(kind, step)
		m.hidden[at] = true
		if predict {
			m.targets[kind] = append(m.targets[kind], target{int32(at), int32(step)})
		}
	}
}

// ask hides and lists by a question and a key, of a window of n steps, and returns how many of them are used. A question about two steps
// becomes one about tokens where there is but one.
func (m *mask) ask(q question, n int, c *Config, key uint64) int {
	clear(m.hidden)
	for i := range m.targets {
		m.targets[i] = m.targets[i][:0]
	}
	r := random.New(random.Mix(key, drawMask))
	switch q {
	case askForward, askInverse, askStep:
		if n < 2 {
			q = askRandom
			break
		}
		n = 2 + r.IntN(n-1)
	case askPolicy, askReturn:
		n = 1 + r.IntN(n)
	}
	last := n - 1
	switch q {
	case askPolicy, askReturn:
		if q == askPolicy {
			m.hide(ofReturn, 0, last, false)
		}
		m.hide(ofAction, last, last, true)
	case askForward:
		m.hide(ofReturn, 0, last, false)
		m.hide(ofObservation, last, last, true)
		m.hide(ofAction, last, last, false)
	case askInverse:
		m.hide(ofReturn, 0, last, false)
		m.hide(ofAction, 0, last-1, true)
		m.hide(ofAction, last, last, false)
	case askStep:
		m.hide(ofReturn, 0, last, false)
		step := r.IntN(n)
		m.hide(ofObservation, step, step, true)
	case askCausal:
		m.causal(n, r.IntN(2) == 0)
	case askAlone:
		n = 1
		m.targets[ofObservation] = append(m.targets[ofObservation], target{}) // of the step after
		if !c.NoActions {
			m.targets[ofAction] = append(m.targets[ofAction], target{})
		}
	default:
		if r.Float64() < c.Short {
			n = 1 + r.IntN(n)
		}
		m.random(n, c.Rates[r.IntN(len(c.Rates))], q == askRest, r)
	}
	return n
}

// random hides tokens of n steps at a rate, at least one, and all from one of them on where rest is set.
func (m *mask) random(n int, rate float64, rest bool, r *random.Stream) {
	tokens := n * m.parts.Len()
	one := r.IntN(tokens)
	at := 0
	for step := range n {
		for kind, part := range kinds {
			if !m.parts.Has(part) {
				continue
			}
			if draw := r.Float64(); draw < rate || at == one || rest && at > one {
				m.hide(kind, step, step, true)
			}
			at++
		}
	}
}

// causal hides nothing but returns, and has every token predict: an observation its action, an action (or an observation, where there are none) what
// comes after it.
func (m *mask) causal(n int, withoutReturns bool) {
	if withoutReturns {
		m.hide(ofReturn, 0, n-1, false)
	}
	for step := range n {
		read := m.token(ofObservation, step)
		if m.parts.Has(rl.Actions) {
			m.targets[ofAction] = append(m.targets[ofAction], target{int32(read), int32(step)})
			read = m.token(ofAction, step)
		}
		if step+1 == n {
			break
		}
		m.targets[ofObservation] = append(m.targets[ofObservation], target{int32(read), int32(step + 1)})
		if m.parts.Has(rl.Returns) && !withoutReturns {
			m.targets[ofReturn] = append(m.targets[ofReturn], target{int32(read), int32(step + 1)})
		}
	}
}

// draw gives the question of a sample by its key.
func (c *Config) draw(key uint64) question {
	w := c.weights()
	at := random.New(random.Mix(key, drawQuestion)).Float64() * sum(w)
	last := askRandom
	for q, v := range w {
		if v == 0 {
			continue
		}
		if last = question(q); at < v {
			break
		}
		at -= v
	}
	return last
}
