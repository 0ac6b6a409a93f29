package finetune

import (
	"context"
	"sync"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// A task trains a chain on rows, which its source reads as batches of type B. It implements train.Task.
type task[B any] struct {
	params  []*nn.Param
	target  func(rows []int32)
	graph   *graph.Graph
	source  source[B]
	lengths []int32
	batch   int
	seed    uint64
	key     uint64 // of dropout

	mu      sync.Mutex
	epoch   int
	buckets [][]int32 // of epoch
}

// A batch is one step's rows, laid out.
type batch[B any] struct {
	nn    nn.Batch
	rows  []int32
	input B
}

// newTask trains params of a chain that begins with source and goes on with the head.
func newTask[B any](params []*nn.Param, from source[B], head *Head, lengths []int32, c Config) *task[B] {
	return &task[B]{
		params: params, target: head.Target, graph: graph.New(append(from.layers, head.Layers...)...), source: from, lengths: lengths, batch: c.Batch,
		seed: random.Key(c.Seed, "finetune.order"), key: random.Key(c.Seed, "finetune.dropout"), epoch: -1,
	}
}

// Params implements train.Task.
func (t *task[B]) Params() []*nn.Param { return t.params }

// Batch implements train.Task: epochs of buckets, one after another.
func (t *task[B]) Batch(step, _ int) (*batch[B], error) {
	perEpoch := (len(t.lengths) + t.batch - 1) / t.batch
	chosen := t.bucket(step/perEpoch, step%perEpoch)
	b := &batch[B]{rows: chosen, nn: nn.Batch{B: len(chosen), Train: true}}
	for _, r := range chosen {
		b.nn.Keys = append(b.nn.Keys, random.Mix(random.Mix(t.key, uint64(step)), uint64(r)))
	}
	return b, t.source.lay(b)
}

func (t *task[B]) bucket(epoch, i int) []int32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.epoch != epoch {
		t.epoch, t.buckets = epoch, data.Buckets(t.lengths, t.batch, t.seed, epoch)
	}
	return t.buckets[i]
}

// Step implements train.Task.
func (t *task[B]) Step(b *batch[B]) (float64, error) {
	t.source.feed(b)
	t.target(b.rows)
	loss, err := t.graph.Step(&b.nn)
	return float64(loss), err
}

// Evaluate implements train.Task: held-back data are scored once, at the end.
func (t *task[B]) Evaluate(context.Context) (map[string]float64, error) { return nil, nil }
