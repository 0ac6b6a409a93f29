package pretrain

import (
	"context"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// heldSeed masks the held-back windows: the same for every run, so that runs compare.
const heldSeed = 20230504

// A task is a model and the losses that it learns by. It implements train.Task.
type task struct {
	model  *rl.Model
	embed  *embeddings
	losses *predictions
	graph  *graph.Graph
	config *Config
	maker  maker
	key    uint64 // of samples

	ring [3]batch // one in use, one waiting, one being made
	held batch
}

// newTask makes a model with initial weights for the environments of the episodes.
func newTask(c *Config, e *episodes) (*task, error) {
	mc := c.Model
	for _, r := range e.environments {
		mc.Environments = append(mc.Environments, r.about)
	}
	m, err := rl.New(mc, c.Train.Seed)
	if err != nil {
		return nil, err
	}
	t := &task{model: m, losses: newPredictions(m, c), config: c, maker: maker{e, c}, key: random.Key(c.Train.Seed, "pretrain.samples")}
	if t.embed, err = newEmbeddings(m, c.parts()); err != nil {
		return nil, err
	}
	chain := append([]nn.Sublayer{t.embed}, m.Encoder.Sublayers()...)
	t.graph = graph.New(append(chain, t.losses)...)
	return t, nil
}

// Params implements train.Task.
func (t *task) Params() []*nn.Param { return t.model.Params() }

// Batch implements train.Task: windows of an environment drawn by its steps, read causally or asked one by one, or as many single observations as they have steps.
func (t *task) Batch(step, micro int) (*batch, error) {
	c := t.config
	at := uint64(step)*uint64(c.Train.Accumulate) + uint64(micro)
	first := at * uint64(c.Batch*c.Model.Context)
	r := random.New(random.Mix(random.Key(c.Train.Seed, "pretrain.batches"), at))
	o := choice{environment: t.environment(r), asked: anyQuestion, n: c.Batch}
	switch kind := r.Float64(); {
	case kind < c.Causal:
		o.asked = askCausal
	case kind < c.Causal+c.Alone:
		o.asked, o.n = askAlone, c.Batch*c.Model.Context
	}
	b := &t.ring[at%uint64(len(t.ring))]
	b.nn.Train = true
	return b, t.maker.fill(b, o, func(i int) uint64 { return random.Mix(t.key, first+uint64(i)) })
}

// environment draws one in proportion to its steps to train on.
func (t *task) environment(r *random.Stream) int {
	all := t.maker.episodes.environments
	total := 0
	for _, e := range all {
		total += int(e.train.total())
	}
	at := r.IntN(total)
	for i, e := range all {
		if at -= int(e.train.total()); at < 0 {
			return i
		}
	}
	return len(all) - 1
}

func (t *task) set(b *batch) {
	t.embed.current = b.environment
	t.embed.all[b.environment].Window = b.window
	t.losses.batch = b
}

// Step implements train.Task.
func (t *task) Step(b *batch) (float64, error) {
	t.set(b)
	loss, err := t.graph.Step(&b.nn)
	return float64(loss), err
}

// Evaluate implements train.Task: the loss on held-back windows, whose masks are always the same. Every question is asked of as many, and weighed as the recipe
// does; accuracy is that of discrete actions over all questions.
func (t *task) Evaluate(ctx context.Context) (map[string]float64, error) {
	c, eval := t.config, map[string]float64{}
	weights := c.weights()
	total, weight, actions, correct := 0.0, 0.0, 0, 0
	for q := range questionKinds {
		w := 0.0
		switch {
		case q == askCausal:
			w = c.Causal
		case q == askAlone:
			w = c.Alone
		case sum(weights) > 0:
			w = (1 - c.Causal - c.Alone) * weights[q] / sum(weights)
		}
		if w <= 0 {
			continue
		}
		loss, err := t.ask(ctx, q, eval, &actions, &correct)
		if err != nil {
			return nil, err
		}
		eval["loss_"+names[q]] = loss
		total += float64(w * loss)
		weight += w
	}
	eval["loss"] = total / weight
	if actions > 0 {
		eval["accuracy"] = float64(correct) / float64(actions)
	}
	return eval, nil
}

// ask evaluates one question and returns the mean loss over all windows, of all environments alike.
func (t *task) ask(ctx context.Context, q question, eval map[string]float64, actions, correct *int) (float64, error) {
	c, key := t.config, random.Mix(random.Key(heldSeed, "pretrain.held.masks"), uint64(q))
	total, right, asked := 0.0, 0, 0
	for e, r := range t.maker.episodes.environments {
		of, sum := int(min(int64(c.EvalMax), r.held.total())), 0.0
		for first := 0; first < of; first += c.Batch {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			o := choice{environment: e, held: true, asked: q, first: first, of: of, n: min(c.Batch, of-first)}
			if err := t.maker.fill(&t.held, o, func(i int) uint64 { return random.Mix(key, uint64(first+i)) }); err != nil {
				return 0, err
			}
			t.set(&t.held)
			loss, err := t.graph.Loss(&t.held.nn)
			if err != nil {
				return 0, err
			}
			sum += float64(float64(loss) * float64(o.n))
			if r.about.Discrete() {
				right += t.losses.scores.correct
				asked += t.losses.scores.counted[ofAction]
			}
		}
		total += sum / float64(of)
	}
	if asked > 0 {
		eval["accuracy_"+names[q]] = float64(right) / float64(asked)
	}
	*actions += asked
	*correct += right
	return total / float64(len(t.maker.episodes.environments)), nil
}
