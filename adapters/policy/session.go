package policy

import (
	"fmt"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// A Session acts step by step, one episode after another. Where the policy has a context of K steps it keeps the last of them, and what the model has read of them (keys and
// values), so that a step costs its own tokens alone: when K steps are there the older half goes, and the others are read once more from their new places. So a decision rests
// on the last K/2 to K steps of an episode that has as many, and is to the bit what the model makes of those steps at once. It is for one goroutine and makes no garbage in steady state.
type Session struct {
	p       *Policy
	key     uint64
	episode int
	step    int
	toGo    float64 // return that is still asked for

	window   rl.Window // of n steps
	steps    [3][]float32
	n        int
	memory   *rl.Memory // nil: no context
	batch    nn.Batch
	features []float32 // [D]

	outputs, choice []float32
	value           [1]float32
	d               Decision
}

// NewSession begins a session whose random choices are drawn by seed, episode and step.
func (p *Policy) NewSession(seed uint64) *Session {
	e, k := &p.settings.Environment, p.settings.Context
	s := &Session{p: p, key: random.Key(seed, "policy.session"), outputs: make([]float32, e.ActionInputs()), choice: make([]float32, e.ActionSize())}
	s.steps = [3][]float32{make([]float32, k), make([]float32, k*e.Size()), make([]float32, k*e.ActionSize())}
	if k > 0 {
		s.memory, s.features = p.infer.NewMemory(), make([]float32, p.infer.Width())
	}
	s.d = Decision{Observation: make([]float32, e.Size()), Action: make([]float32, e.ActionSize())}
	if e.Discrete() {
		s.d.Probabilities = make([]float32, e.Actions)
	}
	s.episode = -1
	s.Begin(p.settings.Target)
	return s
}

// Begin begins the next episode. Target is the return that a policy with a context is asked for; others don't mind it.
func (s *Session) Begin(target float64) {
	s.episode++
	s.step, s.toGo = 0, target
	s.forget()
}

// forget empties the context.
func (s *Session) forget() {
	if s.n = 0; s.memory != nil {
		s.memory.Forget()
	}
}

// Ask changes the return that is still asked for in this episode.
func (s *Session) Ask(target float64) { s.toGo = target }

// Reward tells what the last action has brought, which is no longer to be asked for. What isn't finite is passed over.
func (s *Session) Reward(r float64) {
	if left := s.toGo - r; s.p.settings.Context > 0 && left-left == 0 {
		s.toGo = left
	}
}

// Predict writes the action [A] for an observation [O]: the likeliest one, or one drawn. What it returns is valid until the next call.
func (s *Session) Predict(action, observation []float32, deterministic bool) (*Decision, error) {
	e := &s.p.settings.Environment
	if len(observation) != e.Size() || len(action) != e.ActionSize() {
		return nil, fmt.Errorf("policy: got an observation of %d numbers and room for %d of an action, want %d and %d", len(observation), len(action), e.Size(), e.ActionSize())
	}
	d := &s.d
	d.Episode, d.Step, d.Deterministic, d.ToGo = s.episode, s.step, deterministic, s.toGo
	copy(d.Observation, observation)
	known, err := !s.p.settings.Envelope.Strange(observation), error(nil)
	if known {
		known, err = s.choose(action, observation, deterministic)
	}
	if err != nil {
		return nil, err
	}
	if d.Fallback = !known; d.Fallback {
		s.p.settings.Envelope.fallback(action, e)
		clear(d.Probabilities)
		d.Value = 0
		s.forget() // what follows has no past
	}
	s.step++
	copy(d.Action, action)
	return d, nil
}

// choose asks the policy. It tells whether the policy has an answer, in finite numbers.
func (s *Session) choose(action, observation []float32, deterministic bool) (bool, error) {
	if err := s.read(observation); err != nil {
		return false, err
	}
	for _, v := range s.outputs {
		if !finite(v) || !finite(s.value[0]) {
			return false, nil
		}
	}
	a, d := s.p.actions, &s.d
	if deterministic {
		a.Mode(s.choice, s.outputs)
	} else {
		a.Sample(s.choice, s.outputs, s.p.deviations, random.New(random.Mix(random.Mix(s.key, uint64(s.episode)), uint64(s.step))))
	}
	a.Action(action, s.choice)
	d.Value = s.value[0]
	if a.Discrete() {
		Probabilities(d.Probabilities, s.outputs)
	}
	if s.p.settings.Context > 0 {
		copy(s.steps[2][(s.n-1)*a.Size():], action)
	}
	return true, nil
}

// read sets outputs and value from the observation and the steps before it.
func (s *Session) read(observation []float32) error {
	p := s.p
	k, o, size := p.settings.Context, len(observation), p.actions.Size()
	if k == 0 {
		return p.Observe(s.outputs, s.value[:], observation, 1)
	}
	s.push(observation)
	parts := p.settings.parts()
	s.window = rl.Window{Parts: parts, K: s.n, Returns: s.steps[0][:s.n], Observations: s.steps[1][:s.n*o], Actions: s.steps[2][:s.n*size]}
	if err := p.infer.Continue(s.features, p.environment, &s.window, s.n*parts.Len()-1, s.memory); err != nil { // without the action to come
		return fmt.Errorf("policy: %w", err)
	}
	s.batch = nn.Batch{B: 1, T: 1}
	return p.answer(s.outputs, s.value[:], s.features, &s.batch)
}
