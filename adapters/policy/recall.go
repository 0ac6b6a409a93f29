package policy

import "fmt"

// Recall takes over a step that was decided before, for a session that goes on where another ended: the observation [O], the action [A] that was taken and the reward that it has
// brought. What is predicted next is what the session that decided the step predicts. A step that has left the policy's context counts by its reward alone.
func (s *Session) Recall(observation, action []float32, reward float64) error {
	e := &s.p.settings.Environment
	if len(observation) != e.Size() || len(action) != e.ActionSize() {
		return fmt.Errorf("policy: got a step of %d and %d numbers, want an observation of %d and an action of %d", len(observation), len(action), e.Size(), e.ActionSize())
	}
	for i, a := range action {
		if !finite(a) {
			return fmt.Errorf("policy: action: number %d is %v, want a finite number", i, a)
		}
	}
	if e.Discrete() {
		if a := action[0]; a != float32(int(a)) || int(a) < e.Start || int(a) >= e.Start+e.Actions {
			return fmt.Errorf("policy: action: got %v, want a whole number from %d to %d", a, e.Start, e.Start+e.Actions-1)
		}
	}
	if s.p.settings.Context > 0 {
		if s.p.settings.Envelope.Strange(observation) {
			s.forget() // as Predict does: what follows has no past
		} else {
			s.push(observation)
			copy(s.steps[2][(s.n-1)*len(action):], action)
		}
	}
	s.step++
	s.Reward(reward)
	return nil
}

// push puts an observation and the return to go behind the steps of the window. The older half goes where there is no room, and the rest is to be read once more.
func (s *Session) push(observation []float32) {
	k, o, size := s.p.settings.Context, len(observation), s.p.actions.Size()
	if s.n == k {
		s.n = k / 2
		for i, width := range [3]int{1, o, size} {
			copy(s.steps[i], s.steps[i][(k-s.n)*width:])
		}
		s.memory.Forget()
	}
	s.steps[0][s.n] = float32(s.toGo)
	copy(s.steps[1][s.n*o:], observation)
	s.n++
}
