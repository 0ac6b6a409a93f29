package finetune

import (
	"context"
	"sync"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
)

// A task trains a chain on rows. It implements train.Task.
type task struct {
	params  []*nn.Param
	target  func(rows []int32)
	graph   *graph.Graph
	source  func(b *batch)
	rows    []text.Row
	lengths []int32
	batch   int
	most    int // longest row that the model reads
	pad     int32
	seed    uint64
	key     uint64 // of dropout

	mu      sync.Mutex
	epoch   int
	buckets [][]int32 // of epoch
}

// A batch is one step's rows, laid out.
type batch struct {
	nn         nn.Batch
	rows       []int32
	ids, types []int32
}

func newTask(f *Fitted, head Head, rows []text.Row, c Config) *task {
	t := &task{
		params: f.Params, target: head.Target, rows: rows, batch: c.Batch, most: f.Model.Length(0), pad: f.Model.Pad(),
		seed: random.Key(c.Seed, "finetune.order"), key: random.Key(c.Seed, "finetune.dropout"), epoch: -1,
	}
	for _, r := range rows {
		t.lengths = append(t.lengths, int32(len(r.IDs)))
	}
	return t
}

// Params implements train.Task.
func (t *task) Params() []*nn.Param { return t.params }

// Batch implements train.Task: epochs of buckets, one after another.
func (t *task) Batch(step, _ int) (*batch, error) {
	perEpoch := (len(t.rows) + t.batch - 1) / t.batch
	chosen := t.bucket(step/perEpoch, step%perEpoch)
	b := &batch{rows: chosen}
	b.nn = nn.Batch{B: len(chosen), Train: true}
	for _, r := range chosen {
		b.nn.T = max(b.nn.T, len(t.rows[r].IDs))
		b.nn.Lengths = append(b.nn.Lengths, t.lengths[r])
		b.nn.Keys = append(b.nn.Keys, random.Mix(random.Mix(t.key, uint64(step)), uint64(r)))
	}
	b.nn.T = text.RoundLength(b.nn.T, t.most)
	b.ids, b.types = text.Pad(nil, nil, t.rows, chosen, b.nn.T, t.pad)
	return b, nil
}

func (t *task) bucket(epoch, i int) []int32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.epoch != epoch {
		t.epoch, t.buckets = epoch, data.Buckets(t.lengths, t.batch, t.seed, epoch)
	}
	return t.buckets[i]
}

// Step implements train.Task.
func (t *task) Step(b *batch) (float64, error) {
	t.source(b)
	t.target(b.rows)
	loss, err := t.graph.Step(&b.nn)
	return float64(loss), err
}

// Evaluate implements train.Task: held-back data are scored once, at the end.
func (t *task) Evaluate(context.Context) (map[string]float64, error) { return nil, nil }
