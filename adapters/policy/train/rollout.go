package train

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl/env/vector"
	"github.com/fmkit/fmkit/shared/random"
)

// A rollout is what N environments gave in T steps, [T, N, ...].
type rollout struct {
	observations []float32 // [T, N, O]
	choices      []float32 // [T, N, A or 1]
	logProbs     []float32 // [T, N]
	values       []float32
	next         []float32 // V'(t), see estimate
	rewards      []float64 // scaled
	ended        []bool
	advantages   []float32
	returns      []float32

	finished []float64 // returns of the episodes that ended, unscaled
}

func newRollout(t, n, o, a int) *rollout {
	return &rollout{
		observations: make([]float32, t*n*o), choices: make([]float32, t*n*a), logProbs: make([]float32, t*n), values: make([]float32, t*n),
		next: make([]float32, t*n), rewards: make([]float64, t*n), ended: make([]bool, t*n), advantages: make([]float32, t*n), returns: make([]float32, t*n),
	}
}

// A player plays N environments side by side, whose last observations it keeps. They reset in an episode's last step itself, so there is no step without
// meaning, and the batch's Final has the observation that a truncated episode would go on from.
type player struct {
	env     vector.Env
	actions policy.Actions
	config  *PPO
	batch   *vector.Batch
	n, o, a int

	learns     bool      // what observations are like
	seen       *running  // of observations
	discounted *running  // of discounted returns, [1]
	rewardUnit float64   // what rewards are multiplied by
	sofar      []float64 // [N] discounted return of the episode
	total      []float64 // [N] return of the episode

	final   []float32 // [N, O]
	outputs []float32 // [N, A]
	values  []float32 // [N]
	finals  []float32 // [N] values
	action  []float32 // [N, size]
	rows    []int
}

func newPlayer(e vector.Env, a policy.Actions, c *PPO) *player {
	n, o := c.Envs, e.ObservationSpace().Size()
	return &player{
		env: e, actions: a, config: c, batch: vector.NewBatch(e), n: n, o: o, a: a.Outputs(),
		seen: newRunning(o), discounted: newRunning(1), rewardUnit: 1, sofar: make([]float64, n), total: make([]float64, n),
		final: make([]float32, n*o), outputs: make([]float32, n*a.Outputs()), values: make([]float32, n), finals: make([]float32, n), action: make([]float32, n*a.Size()),
	}
}

// begin starts all environments anew.
func (p *player) begin(seed int64) error {
	clear(p.sofar)
	clear(p.total)
	if err := p.env.Reset(p.batch, seed, nil); err != nil {
		return fmt.Errorf("policy: train: %w", err)
	}
	return nil
}

// play fills r with steps of the policy. The k-th of all choices is drawn under Mix(key, k), the first one here being first.
func (p *player) play(r *rollout, by *policy.Policy, logDeviations []float32, key, first uint64) error {
	n, o, a, size := p.n, p.o, p.a, p.actions.Size()
	r.finished = r.finished[:0]
	steps := len(r.rewards) / n
	for t := range steps {
		x := r.observations[t*n*o : (t+1)*n*o]
		copy(x, p.batch.Observations)
		if err := finite(x, o); err != nil {
			return err
		}
		if err := by.Observe(p.outputs, p.values, x, n); err != nil {
			return err
		}
		copy(r.values[t*n:], p.values)
		if t > 0 {
			p.follow(r, t-1)
		}
		for i := range n {
			if p.learns {
				add(p.seen, x[i*o:(i+1)*o])
			}
			choice, outputs := r.choices[(t*n+i)*size:][:size], p.outputs[i*a:(i+1)*a]
			p.actions.Sample(choice, outputs, by.Deviations(), random.New(random.Mix(key, first+uint64(t*n+i))))
			r.logProbs[t*n+i] = p.actions.LogProb(choice, outputs, logDeviations)
			p.actions.Action(p.action[i*size:(i+1)*size], choice)
		}
		if err := p.env.Step(p.batch, p.action); err != nil {
			return fmt.Errorf("policy: train: %w", err)
		}
		if err := p.reward(r, t); err != nil {
			return err
		}
		if err := p.truncated(r, t, by); err != nil {
			return err
		}
	}
	if err := by.Observe(nil, p.values, p.batch.Observations, n); err != nil {
		return err
	}
	p.follow(r, steps-1)
	return nil
}

func finite(x []float32, o int) error {
	for i, v := range x {
		if v-v != 0 {
			return fmt.Errorf("policy: train: environment %d: got observation %v, want finite numbers", i/o, v)
		}
	}
	return nil
}

// follow sets V' of step t where the episode went on.
func (p *player) follow(r *rollout, t int) {
	for i, v := range p.values {
		if !r.ended[t*p.n+i] {
			r.next[t*p.n+i] = v
		}
	}
}

// maxReward bounds scaled rewards, as in CleanRL.
const maxReward = 10

// reward keeps the rewards of step t.
func (p *player) reward(r *rollout, t int) error {
	for i, reward := range p.batch.Rewards {
		at := t*p.n + i
		if math.IsNaN(reward) || math.IsInf(reward, 0) {
			return fmt.Errorf("policy: train: environment %d: got reward %v, want a finite one", i, reward)
		}
		p.total[i] += reward
		p.sofar[i] = float64(p.sofar[i]*p.config.Gamma) + reward
		add(p.discounted, p.sofar[i:i+1])
		r.rewards[at] = reward
		if p.config.ScaleRewards {
			r.rewards[at] = min(max(float64(reward*p.rewardUnit), -maxReward), maxReward)
		}
		r.ended[at] = p.batch.Terminated[i] || p.batch.Truncated[i]
		if r.ended[at] {
			r.next[at] = 0
			r.finished = append(r.finished, p.total[i])
			p.total[i], p.sofar[i] = 0, 0
		}
	}
	return nil
}

// truncated sets V' of the episodes that something outside them ended in step t.
func (p *player) truncated(r *rollout, t int, by *policy.Policy) error {
	p.rows = p.rows[:0]
	for i := range p.n {
		if p.batch.Truncated[i] && !p.batch.Terminated[i] {
			copy(p.final[len(p.rows)*p.o:], p.batch.Final[i*p.o:(i+1)*p.o])
			p.rows = append(p.rows, i)
		}
	}
	k := len(p.rows)
	if k == 0 {
		return nil
	}
	if err := by.Observe(nil, p.finals[:k], p.final[:k*p.o], k); err != nil {
		return err
	}
	for j, i := range p.rows {
		r.next[t*p.n+i] = p.finals[j]
	}
	return nil
}
