package main

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/policy/train"
	"github.com/fmkit/fmkit/rl"
	rlmini "github.com/fmkit/fmkit/rl/mini"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
	textmini "github.com/fmkit/fmkit/text/mini"
)

// Where cloning begins.
const (
	fromMini    = "rl/mini"      // the pretrained model of trajectories, all weights tuned
	fromFresh   = "fresh"        // random weights in its sizes, with its standardisation of observations
	fromNothing = "scratch"      // random weights in its sizes, with the standardisation of the episodes that are learnt from, as all that follow
	fromText    = "text/mini"    // a model of trajectories whose block has the matrices and biases of text/mini's one block; norms and all else are new
	fromText0   = "text-scratch" // random weights in those sizes
	fromPlain   = "plain"        // two hidden layers of 64

	fromRecovered = "recovered" // as scratch, from the episodes without actions too: an inverse model that learnt from those with actions recovers them
)

// beginnings are the arms of the first bench.
func beginnings() []string {
	return []string{fromMini, fromFresh, fromNothing, fromText, fromText0, fromPlain}
}

func armNames() []string { return append(beginnings(), fromRecovered) }

// batch is the observations of a step.
const batch = 32

// clone gives the policy of an arm.
func (b *bench) clone(ctx context.Context, learn trajectory.Source, r *result) (train.Answerer, error) {
	if r.Arm == fromPlain {
		p, err := train.LearnPlain(ctx, learn, train.PlainConfig{Steps: train.PlainFactor * r.Steps, Batch: batch, LR: r.LR, Seed: uint64(r.Seed)})
		if err != nil {
			return nil, err
		}
		return p.Observe, nil
	}
	c := train.Default(train.Clone, r.Target)
	c.Steps, c.Seed, c.Episodes = r.Steps, uint64(r.Seed), 0
	c.Cloning.Batch, c.Cloning.LR, c.Cloning.Held = batch, r.LR, 0
	base, err := b.begin(learn.Meta(), r.Arm, &c)
	if err != nil {
		return nil, err
	}
	if r.Arm == fromRecovered {
		if learn, c.Cloning.Top, err = b.recover(ctx, learn, uint64(r.Seed)); err != nil {
			return nil, err
		}
	}
	p, _, err := train.Adapt(ctx, base, learn, c, train.Options{})
	if err != nil {
		return nil, err
	}
	values := make([]float32, b.play)
	return func(outputs, observations []float32, n int) error {
		return p.Observe(outputs, values[:n], observations, n)
	}, nil
}

// begin gives the model that cloning begins with; nil: random weights in the sizes of c.
func (b *bench) begin(m trajectory.Meta, arm string, c *train.Config) (*rl.Model, error) {
	switch arm {
	case fromMini, fromFresh:
		if arm == fromFresh {
			c.Method = adapter.Scratch
		}
		return b.pretrained()
	case fromNothing, fromRecovered:
		m, err := b.pretrained()
		if err != nil {
			return nil, err
		}
		s := m.Config
		c.Method, c.Sizes = adapter.Scratch, train.Sizes{Hidden: s.Hidden, Layers: s.Layers, Heads: s.Heads, Intermediate: s.Intermediate}
		return nil, nil
	}
	words, err := textmini.Load()
	if err != nil {
		return nil, err
	}
	s := words.Config
	if arm == fromText0 {
		c.Method, c.Sizes = adapter.Scratch, train.Sizes{Hidden: s.Hidden, Layers: s.Layers, Heads: s.Heads, Intermediate: s.Intermediate}
		return nil, nil
	}
	return reading(words, m, c.Seed)
}

// pretrained gives rl/mini, or the model in its place.
func (b *bench) pretrained() (*rl.Model, error) {
	if b.base != "" {
		return rl.Load(b.base)
	}
	return rlmini.Load()
}

// reading gives a model of trajectories with the matrices and biases of the blocks of a text encoder.
func reading(words *text.Model, m trajectory.Meta, seed uint64) (*rl.Model, error) {
	about, err := rl.NewEnvironment(m.Environment, m.Observation, m.Action)
	if err != nil {
		return nil, err
	}
	s := words.Config
	model, err := rl.New(rl.Config{
		Config:  backbone.Config{Hidden: s.Hidden, Layers: s.Layers, Heads: s.Heads, Intermediate: s.Intermediate},
		Context: 1, Environments: []rl.Environment{about},
	}, seed)
	if err != nil {
		return nil, err
	}
	for i := range model.Encoder.Blocks {
		from := linears(&words.Encoder.Blocks[i])
		for j, l := range linears(&model.Encoder.Blocks[i]) {
			if copy(l.W.Value, from[j].W.Value) != len(from[j].W.Value) || copy(l.B.Value, from[j].B.Value) != len(from[j].B.Value) {
				return nil, fmt.Errorf("block %d: got %v of text, want %v", i, from[j].W.Shape, l.W.Shape)
			}
		}
	}
	return model, nil
}

func linears(b *backbone.Block) []*nn.Linear {
	a, f := b.Attention, b.FeedForward
	return []*nn.Linear{a.Query, a.Key, a.Value, a.Output, f.Up, f.Down}
}
