package train

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/shared/train"
)

// noise is the logarithm of the deviation that a clone's action vectors are drawn with: it has learnt none.
const noise = -2

// clone trains from episodes. It returns the steps of the optimizer and what the policy is worth on those held back.
func (s *start) clone(ctx context.Context, from trajectory.Source, c *Config, o Options, id identity) (int, map[string]float64, error) {
	learn, held, err := readEpisodes(ctx, from, &c.Cloning, c.Seed)
	if err != nil {
		return 0, nil, err
	}
	i, err := s.model.Environment(s.settings.Environment.ID)
	if err != nil {
		return 0, nil, fmt.Errorf("policy: train: %w", err)
	}
	about := &s.model.Config.Environments[i]
	learn.describe(&s.settings, &c.Cloning)
	about.Mean, about.Std, about.ReturnScale = s.settings.Environment.Mean, s.settings.Environment.Std, s.settings.Environment.ReturnScale
	for i := range s.head.LogDeviations() {
		s.head.LogDeviation.Value[i] = noise
	}
	clear(s.head.Value.W.Value) // there is nothing to learn it from: the value is 0
	t, err := newImitator(s.model, i, s.head, c, learn, held)
	if err != nil {
		return 0, nil, err
	}
	loop := train.DefaultConfig()
	loop.Steps, loop.Warmup, loop.LR, loop.WeightDecay, loop.ClipNorm, loop.Seed = c.Steps, min(c.Steps/10, 1000), c.Cloning.LR, c.Cloning.WeightDecay, c.Cloning.ClipNorm, c.Seed
	loop.Keep, loop.SaveEvery = 1, max(200, c.Steps/10)
	got, err := train.Run(ctx, loop, t, train.Options{Dir: o.Run, Resume: o.Resume, Recipe: id, Title: "Policy: " + c.Algorithm, Log: o.Log, Terminal: o.Terminal})
	return got.Steps, got.Eval, err
}

// An imitator is a train.Task: windows of episodes, or single observations.
type imitator struct {
	c      *Config
	about  *rl.Environment
	learn  *episodes
	held   *episodes
	parts  rl.Parts
	source *rl.Embedding
	loss   *imitation
	graph  *graph.Graph
	params []*nn.Param
	key    uint64

	ring [3]windows // one in use, one waiting, one being made
}

// windows are a batch.
type windows struct {
	nn      nn.Batch
	window  rl.Window
	lengths []int32
	labels  []int32
	targets []float32
	counts  []bool
}

func newImitator(m *rl.Model, environment int, h *policy.Head, c *Config, learn, held *episodes) (*imitator, error) {
	parts := rl.Observations
	if c.Cloning.Context > 0 {
		parts |= rl.Returns | rl.Actions
	}
	source, chain, err := m.Chain(environment, parts)
	if err != nil {
		return nil, fmt.Errorf("policy: train: %w", err)
	}
	t := &imitator{c: c, about: &m.Config.Environments[environment], learn: learn, held: held, parts: parts, source: source, key: random.Key(c.Seed, "policy.windows")}
	t.loss = &imitation{head: h, actions: policy.Actions{About: t.about}, each: parts.Len(), place: parts.Place(rl.Observations)}
	chain = append(chain, t.loss)
	for _, l := range chain {
		t.params = append(t.params, l.Params()...)
	}
	t.graph = graph.New(chain...)
	return t, nil
}

// Params implements train.Task.
func (t *imitator) Params() []*nn.Param { return t.params }

// Batch implements train.Task.
func (t *imitator) Batch(step, _ int) (*windows, error) {
	b, n := &t.ring[step%len(t.ring)], t.c.Cloning.Batch
	s := random.New(random.Mix(t.key, uint64(step)))
	last := make([]int32, n)
	for i := range last {
		last[i] = int32(s.IntN(len(t.learn.toGo)))
	}
	t.lay(b, t.learn, last)
	return b, nil
}

// lay puts the windows that end with these steps into b.
func (t *imitator) lay(b *windows, d *episodes, last []int32) {
	k, n, parts, e := max(1, t.c.Cloning.Context), len(last), t.parts, t.about
	out := e.ActionInputs()
	b.window = rl.Window{
		Parts: parts, K: k, Returns: kernels.Grow(&b.window.Returns, n*k), Observations: kernels.Grow(&b.window.Observations, n*k*d.o),
		Actions: kernels.Grow(&b.window.Actions, n*k*d.a),
	}
	kernels.Grow(&b.labels, n*k)
	kernels.Grow(&b.targets, n*k*out)
	kernels.Grow(&b.counts, n*k)
	kernels.Grow(&b.lengths, n)
	b.nn = nn.Batch{B: n, T: k * parts.Len(), Lengths: b.lengths, Causal: true, Train: true}
	for i, end := range last {
		from := max(d.first[end], end-int32(k)+1)
		have := int(end - from + 1)
		b.lengths[i] = int32(have * parts.Len())
		copy(b.window.Returns[i*k:(i+1)*k], d.toGo[from:])
		copy(b.window.Observations[i*k*d.o:], d.observations[int(from)*d.o:][:have*d.o])
		copy(b.window.Actions[i*k*d.a:], d.actions[int(from)*d.a:][:have*d.a])
		for j := range k {
			at := i*k + j
			b.counts[at] = j < have
			if b.labels[at] = nn.IgnoreLabel; j >= have {
				continue
			}
			action := d.actions[(int(from)+j)*d.a:][:d.a]
			if e.Discrete() {
				b.labels[at] = int32(action[0]) - int32(e.Start)
				continue
			}
			e.PutAction(b.targets[at*out:(at+1)*out], action)
		}
	}
	if k == 1 {
		b.nn.Lengths = nil
	}
}

// set hands a batch to the chain.
func (t *imitator) set(b *windows) {
	t.source.Window = b.window
	t.loss.labels, t.loss.targets, t.loss.counts = nil, nil, nil
	if t.about.Discrete() {
		t.loss.labels = b.labels
	} else {
		t.loss.targets, t.loss.counts = b.targets, b.counts
	}
}

// Step implements train.Task.
func (t *imitator) Step(b *windows) (float64, error) {
	t.set(b)
	loss, err := t.graph.Step(&b.nn)
	return float64(loss), err
}

// Evaluate implements train.Task: the error on what was held back, and of whole numbers how many were right, over windows that end at every K-th step.
func (t *imitator) Evaluate(ctx context.Context) (map[string]float64, error) {
	n := len(t.held.toGo)
	if n == 0 {
		return nil, nil
	}
	var b windows
	total, right, counted := 0.0, 0, 0
	every := max(1, t.c.Cloning.Context)
	for from := 0; from < n; from += t.c.Cloning.Batch * every {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var last []int32
		for i := from; i < min(n, from+t.c.Cloning.Batch*every); i += every {
			last = append(last, int32(i))
		}
		t.lay(&b, t.held, last)
		b.nn.Train = false
		t.set(&b)
		loss, err := t.graph.Loss(&b.nn)
		if err != nil {
			return nil, err
		}
		m := 0
		for _, counts := range b.counts {
			if counts {
				m++
			}
		}
		total, right, counted = total+float64(float64(loss)*float64(m)), right+t.loss.right, counted+m
	}
	scores := map[string]float64{"held_loss": total / float64(counted)}
	if t.about.Discrete() {
		scores["held_accuracy"] = float64(right) / float64(counted)
	}
	return scores, nil
}
