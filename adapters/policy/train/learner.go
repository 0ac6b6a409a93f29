package train

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env/vector"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// A learner trains a policy by PPO.
type learner struct {
	c        *PPO
	seed     uint64
	settings policy.Settings
	model    *rl.Model
	about    *rl.Environment // of the model
	learns   bool            // the mean and deviation of observations
	head     *policy.Head

	player  *player
	rollout *rollout
	source  *rl.Embedding
	loss    *surrogate
	graph   *graph.Graph
	params  []*nn.Param // trained
	history []point
	opt     *graph.AdamW

	batch nn.Batch
	x     []float32 // [B, O] of a minibatch
}

// newLearner makes a learner in e, c.Envs environments side by side that reset in the same step, of a model that knows the environment of s, and a head. What is frozen of the model stays as it is.
func newLearner(e vector.Env, m *rl.Model, h *policy.Head, s policy.Settings, c *PPO, seed uint64) (*learner, error) {
	i, err := m.Environment(s.Environment.ID)
	if err != nil {
		return nil, err
	}
	l := &learner{c: c, seed: seed, settings: s, model: m, about: &m.Config.Environments[i], head: h}
	l.learns = l.about.Mean == nil && l.about.Patch == 0
	a := policy.Actions{About: l.about}
	l.player = newPlayer(e, a, c)
	l.player.learns = l.learns
	for i := range h.LogDeviations() {
		h.LogDeviation.Value[i] = float32(c.Deviation)
	}
	source, chain, err := m.Chain(i, rl.Observations)
	if err != nil {
		return nil, err
	}
	l.loss = &surrogate{head: h, actions: a, clip: float32(c.Clip), value: float32(c.Value), entropy: float32(c.Entropy), clipValue: float32(c.ClipValue)}
	chain = append(chain, l.loss)
	l.source, l.graph = source, graph.New(chain...)
	for _, layer := range chain {
		for _, p := range layer.Params() {
			if !p.Frozen {
				l.params = append(l.params, p)
			}
		}
	}
	l.opt = graph.NewAdamW(l.params, graph.AdamWConfig{Eps: adamEps})
	l.rollout = newRollout(c.Steps, c.Envs, l.player.o, a.Size())
	l.room(c.Envs * c.Steps / c.Minibatches)
	return l, nil
}

// adamEps is that of the 37 details.
const adamEps = 1e-5

// room makes room for minibatches of b rows.
func (l *learner) room(b int) {
	size := l.player.actions.Size()
	l.batch, l.x = nn.Batch{B: b, T: 1, Train: true}, make([]float32, b*l.player.o)
	l.loss.choices, l.loss.logProbs = make([]float32, b*size), make([]float32, b)
	l.loss.advantages, l.loss.returns, l.loss.values = make([]float32, b), make([]float32, b), make([]float32, b)
}

// policy is the one of now.
func (l *learner) policy() (*policy.Policy, error) { return policy.New(l.model, l.head, l.settings) }

// iterate plays rollout i of all and learns from it. It returns the mean loss.
func (l *learner) iterate(i, all int) (float64, error) {
	c, p, r := l.c, l.player, l.rollout
	if i%c.Renew == 0 {
		if err := p.begin(int64(random.Mix(random.Key(l.seed, "policy.environments"), uint64(i)) >> 2)); err != nil {
			return 0, err
		}
	}
	per := c.Envs * c.Steps
	by, err := l.policy()
	if err != nil {
		return 0, err
	}
	if err := p.play(r, by, l.head.LogDeviations(), random.Key(l.seed, "policy.actions"), uint64(i)*uint64(per)); err != nil {
		return 0, err
	}
	if l.about.Patch == 0 {
		l.settings.Envelope.Widen(r.observations, p.o)
	}
	estimate(r.advantages, r.returns, r.values, r.next, r.rewards, r.ended, p.n, c.Gamma, c.Lambda)
	rate := c.LR
	if c.Anneal {
		rate = float64(c.LR * (1 - float64(i)/float64(all)))
	}
	total, updates := 0.0, 0
	for epoch := range c.Epochs {
		order := random.Perm(random.Mix(random.Key(l.seed, "policy.order"), uint64(i*c.Epochs+epoch)), per)
		for from := 0; from+l.batch.B <= per; from += l.batch.B {
			loss, err := l.update(order[from:from+l.batch.B], rate)
			if err != nil {
				return 0, err
			}
			total, updates = total+loss, updates+1
		}
	}
	l.standardise()
	return total / float64(updates), nil
}

// standardise makes what was seen so far count from the next rollout on.
func (l *learner) standardise() {
	l.player.rewardUnit = l.player.discounted.scale(0)
	if !l.learns {
		return
	}
	mean, std := make([]float32, l.player.o), make([]float32, l.player.o) // settings of earlier policies keep theirs
	for j := range mean {
		mean[j], std[j] = float32(l.player.seen.mean[j]), float32(1/l.player.seen.scale(j))
	}
	l.about.Mean, l.about.Std = mean, std
}

// update makes one step by the rows of a minibatch.
func (l *learner) update(rows []int32, rate float64) (float64, error) {
	p, r, s := l.player, l.rollout, l.loss
	size := p.actions.Size()
	for k, row := range rows {
		at := int(row)
		copy(l.x[k*p.o:(k+1)*p.o], r.observations[at*p.o:])
		copy(s.choices[k*size:(k+1)*size], r.choices[at*size:])
		s.logProbs[k], s.advantages[k], s.returns[k], s.values[k] = r.logProbs[at], r.advantages[at], r.returns[at], r.values[at]
	}
	if l.c.Normalize {
		normalize(s.advantages)
	}
	l.source.Window = rl.Window{Parts: rl.Observations, K: 1, Observations: l.x}
	nn.ZeroGrad(l.params)
	loss, err := l.graph.Step(&l.batch)
	if err != nil {
		return 0, fmt.Errorf("policy: train: %w", err)
	}
	scale, norm := graph.ClipScale(l.params, 1, l.c.MaxNorm)
	if v := float64(loss) + norm; v-v != 0 {
		return 0, fmt.Errorf("%w: got loss %v and a gradient of norm %v", ErrNonFinite, loss, norm)
	}
	return float64(loss), l.opt.Update(float32(rate), scale)
}

// normalize brings x to mean 0 and variance 1.
func normalize(x []float32) {
	sum, squares := 0.0, 0.0
	for _, v := range x {
		sum += float64(v)
	}
	mean := sum / float64(len(x))
	for _, v := range x {
		d := float64(v) - mean
		squares += float64(d * d)
	}
	scale := 1 / (math.Sqrt(squares/float64(max(len(x)-1, 1))) + 1e-8)
	for i, v := range x {
		x[i] = float32(float64(float64(v)-mean) * scale)
	}
}
