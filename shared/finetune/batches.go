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
	classes []int32 // not nil: rows of one class go into a batch together
	seed    uint64
	key     uint64 // of dropout

	perEpoch int // batches, as many in every epoch

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
	t := &task[B]{
		params: params, target: head.Target, graph: graph.New(append(from.layers, head.Layers...)...), source: from, lengths: lengths, batch: c.Batch, classes: head.classes(c),
		seed: random.Key(c.Seed, "finetune.order"), key: random.Key(c.Seed, "finetune.dropout"), epoch: -1,
	}
	t.bucket(0, 0)
	t.perEpoch = len(t.buckets)
	return t
}

// Params implements train.Task.
func (t *task[B]) Params() []*nn.Param { return t.params }

// Batch implements train.Task: epochs of buckets, one after another.
func (t *task[B]) Batch(step, _ int) (*batch[B], error) {
	chosen := t.bucket(step/t.perEpoch, step%t.perEpoch)
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
		t.epoch = epoch
		if t.classes != nil {
			t.buckets = companies(t.lengths, t.classes, t.batch, t.seed, epoch)
		} else {
			t.buckets = data.Buckets(t.lengths, t.batch, t.seed, epoch)
		}
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
