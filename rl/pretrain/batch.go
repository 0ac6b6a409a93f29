package pretrain

import (
	"fmt"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// A batch is a micro-batch of windows of one environment. It is made again and again in the same memory.
type batch struct {
	nn          nn.Batch // [B, T = K S]
	environment int
	window      rl.Window

	next []float32 // [B, O] after windows of one observation

	rows   [3][]int32   // [M] of each part: rows of [B T] at which it is predicted
	values [3][]float32 // [M, outputs] what is wanted there
	labels []int32      // [M] of discrete actions, in place of values

	maker   *maker
	choice  choice
	samples []sample // [B]
}

// A choice says which windows a batch is of.
type choice struct {
	environment int
	held        bool // of the held-back episodes, where windows lie evenly; else of the others, at random
	asked       question
	first, of   int // of held-back windows: the number of the first one, and of how many
	n           int // windows
}

// sample is what one window is made in.
type sample struct {
	mask  mask
	spare toGo
	err   error
}

// A maker makes batches of the episodes of a run.
type maker struct {
	episodes *episodes
	config   *Config
}

// anyQuestion has every sample draw its own.
const anyQuestion = question(-1)

// fill makes b of the chosen windows, whose samples have keys of their own. Each is a pure function of its key and number.
func (m *maker) fill(b *batch, o choice, keys func(i int) uint64) error {
	c, e, n := m.config, &m.episodes.environments[o.environment].about, o.n
	parts, k := c.parts(), c.Model.Context
	if o.asked == askAlone {
		parts, k = rl.Observations, 1
	}
	b.maker, b.choice, b.environment = m, o, o.environment
	b.nn.B, b.nn.T, b.nn.Causal = n, k*parts.Len(), o.asked == askCausal
	kernels.Grow(&b.nn.Lengths, n)
	kernels.Grow(&b.nn.Keys, n)
	for i := range n {
		b.nn.Keys[i] = keys(i)
	}
	b.window.Parts, b.window.K = parts, k
	kernels.Grow(&b.window.Observations, n*k*e.Size())
	kernels.Grow(&b.window.Hidden, n*b.nn.T)
	kernels.Grow(&b.next, n*e.Size())
	if !c.NoActions {
		kernels.Grow(&b.window.Returns, n*k)
		kernels.Grow(&b.window.Actions, n*k*e.ActionSize())
	}
	for len(b.samples) < n {
		b.samples = append(b.samples, sample{})
	}
	kernels.Parallel(n, b)
	for i := range n {
		if err := b.samples[i].err; err != nil {
			return fmt.Errorf("pretrain: window %d: %w", i, err)
		}
	}
	b.gather(e)
	return nil
}

// Run implements kernels.Task: one window to a part.
func (b *batch) Run(i int) {
	c, s, key := b.maker.config, &b.samples[i], b.nn.Keys[i]
	r, k := b.maker.episodes.environments[b.environment], b.window.K
	side := &r.train
	var at int64
	if b.choice.held {
		side = &r.held
		at = int64(b.choice.first+i) * side.total() / int64(b.choice.of)
	} else {
		at = int64(random.New(random.Mix(key, drawWindow)).IntN(int(side.total())))
	}
	number, first := side.find(at)
	var e *toGo
	if e, s.err = r.episode(number, &s.spare); s.err != nil {
		return
	}
	first = max(0, min(first, e.Len()-k)) // a window that would pass the end lies at the end
	n := min(k, e.Len()-first)
	q := b.choice.asked
	if q == anyQuestion {
		q = c.draw(key)
	}
	s.mask.parts, s.mask.hidden = b.window.Parts, b.window.Hidden[i*b.nn.T:][:b.nn.T]
	n = s.mask.ask(q, n, c, key)
	b.nn.Lengths[i] = int32(n * b.window.Parts.Len())
	o, a := r.about.Size(), r.about.ActionSize()
	pad(b.window.Observations[i*k*o:][:k*o], e.Observations[first*o:][:n*o])
	copy(b.next[i*o:][:o], e.Observations[(first+1)*o:])
	if !c.NoActions {
		pad(b.window.Returns[i*k:][:k], e.returns[first:][:n])
		pad(b.window.Actions[i*k*a:][:k*a], e.Actions[first*a:][:n*a])
	}
}

// pad copies and fills up with zeros.
func pad(to, from []float32) { clear(to[copy(to, from):]) }

// gather lists what is predicted, window after window.
func (b *batch) gather(e *rl.Environment) {
	k, observations := b.window.K, b.window.Observations
	if b.choice.asked == askAlone {
		observations = b.next
	}
	o, a := e.Size(), e.ActionSize()
	b.labels = b.labels[:0]
	for kind, outputs := range [...]int{ofReturn: 1, ofObservation: e.Targets(), ofAction: e.ActionInputs()} {
		rows, values := b.rows[kind][:0], b.values[kind][:0]
		for i := range b.nn.B {
			for _, t := range b.samples[i].mask.targets[kind] {
				rows = append(rows, int32(i*b.nn.T)+t.at)
				step := i*k + int(t.step)
				at := len(values)
				switch {
				case kind == ofAction && e.Discrete():
					b.labels = append(b.labels, int32(b.window.Actions[step])-int32(e.Start))
					continue
				case kind == ofReturn:
					values = append(values, e.PutReturn(b.window.Returns[step]))
				case kind == ofAction:
					values = append(values, make([]float32, outputs)...)
					e.PutAction(values[at:], b.window.Actions[step*a:][:a])
				default:
					values = append(values, make([]float32, outputs)...)
					e.PutTargets(values[at:], observations[step*o:][:o])
				}
			}
		}
		b.rows[kind], b.values[kind] = rows, values
	}
}
