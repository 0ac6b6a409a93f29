package baseline

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/random"
)

// Options say how a Model learns.
type Options struct {
	Epochs int // passes over the sentences; 0: 8
	Seed   uint64
}

// A Model tags words. It is safe for concurrent use.
type Model struct {
	tags    []string
	weights map[string][]int64 // by feature, one a tag
}

// A learner is a perceptron that learns: weights, and their sums over all words seen so far.
type learner struct {
	tags    []string
	weights map[string]*weight
	clock   int64
}

type weight struct {
	now, sum []int64 // one a tag
	since    []int64 // when now was last added to sum
}

// Fit learns from sentences.
func Fit(ctx context.Context, examples []data.Tagged, o Options) (*Model, error) {
	if o.Epochs == 0 {
		o.Epochs = 8
	}
	if o.Epochs < 0 {
		return nil, fmt.Errorf("baseline: epochs: got %d, want 0 or more", o.Epochs)
	}
	l := &learner{weights: map[string]*weight{}}
	for _, e := range examples {
		l.tags = append(l.tags, e.Tags...)
	}
	slices.Sort(l.tags)
	l.tags = slices.Compact(l.tags)
	if len(l.tags) == 0 {
		return nil, fmt.Errorf("baseline: %w", data.ErrEmpty)
	}
	for epoch := range o.Epochs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, i := range random.Perm(random.Mix(random.Key(o.Seed, "tagger.baseline"), uint64(epoch)), len(examples)) {
			l.learn(examples[i])
		}
	}
	return l.model(), nil
}

// learn tags a sentence and moves the weights where a tag is wrong.
func (l *learner) learn(e data.Tagged) {
	all := words(e.Tokens)
	last, last2 := "", ""
	var names []string
	scores := make([]int64, len(l.tags))
	for i := range e.Tokens {
		l.clock++
		names = features(names, all, i, last, last2)
		clear(scores)
		for _, f := range names {
			if w := l.weights[f]; w != nil {
				add(scores, w.now)
			}
		}
		got := best(scores)
		want, _ := slices.BinarySearch(l.tags, e.Tags[i])
		if got != want {
			for _, f := range names {
				l.move(f, want, 1)
				l.move(f, got, -1)
			}
		}
		last, last2 = l.tags[got], last
	}
}

func (l *learner) move(feature string, tag int, by int64) {
	w := l.weights[feature]
	if w == nil {
		n := len(l.tags)
		all := make([]int64, 3*n)
		w = &weight{all[:n], all[n : 2*n], all[2*n:]}
		l.weights[feature] = w
	}
	w.sum[tag] += (l.clock - w.since[tag]) * w.now[tag]
	w.since[tag] = l.clock
	w.now[tag] += by
}

// model sums the weights up to now; their average is that divided by the words seen, which changes no order.
func (l *learner) model() *Model {
	m := &Model{l.tags, make(map[string][]int64, len(l.weights))}
	for f, w := range l.weights {
		for tag := range w.sum {
			w.sum[tag] += (l.clock + 1 - w.since[tag]) * w.now[tag]
		}
		m.weights[f] = w.sum
	}
	return m
}

// Tag gives the tags of a sentence's words.
func (m *Model) Tag(tokens []string) []string {
	all := words(tokens)
	last, last2 := "", ""
	var names []string
	scores := make([]int64, len(m.tags))
	tags := make([]string, len(tokens))
	for i := range tokens {
		names = features(names, all, i, last, last2)
		clear(scores)
		for _, f := range names {
			add(scores, m.weights[f])
		}
		tags[i] = m.tags[best(scores)]
		last, last2 = tags[i], last
	}
	return tags
}

// Evaluate scores the model's tags as tagger.Evaluate does.
func (m *Model) Evaluate(examples []data.Tagged) (adapter.Scores, error) {
	got := make([][]string, len(examples))
	for i, e := range examples {
		got[i] = m.Tag(e.Tokens)
	}
	return tagger.Score(examples, got)
}

func add(sums, w []int64) {
	for i, v := range w {
		sums[i] += v
	}
}

// best gives the first of the largest scores.
func best(scores []int64) int {
	best := 0
	for i, s := range scores {
		if s > scores[best] {
			best = i
		}
	}
	return best
}
