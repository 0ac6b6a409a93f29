package pretrain

import (
	"context"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// An objective is one thing that the encoder learns by. Several take turns, micro-batch by micro-batch, over the same encoder.
type objective interface {
	// name is the objective's key in a recipe.
	name() string

	// params are those of its own head, in a fixed order.
	params() []*nn.Param

	// batch makes a micro-batch. It is a pure function of its argument, and runs beside step.
	batch(at place) (*batch, error)

	// step runs forward and backward, adds to the gradients and returns the mean loss.
	step(b *batch) (float64, error)

	// flops counts the floating-point operations of a step over b.
	flops(b *batch) float64

	// evaluate scores held-back data, the same at every call.
	evaluate(ctx context.Context) (map[string]float64, error)
}

// A place is where in a run a micro-batch is.
type place struct {
	micro    int64   // number of the micro-batch, from 0
	progress float64 // share of the steps that are done, from 0 to 1
}

// A batch is one micro-batch of an objective. What an objective has no use for is nil.
type batch struct {
	objective int // whose it is
	nn        nn.Batch
	ids       []int32   // [B, T]
	positions []int32   // [P] what to predict: b*T + t
	targets   []int32   // [P]
	vectors   []float32 // [B, E] of a teacher, at length 1
}

// newBatch returns a batch of rows of t tokens, with room for size of them.
func newBatch(size, t int) *batch {
	n := size * t
	return &batch{nn: nn.Batch{T: t}, ids: make([]int32, 0, n), positions: make([]int32, 0, n/5), targets: make([]int32, 0, n/5)}
}

// add appends a row, filled up with pad, and its random key, and returns where it begins in ids.
func (b *batch) add(row []int32, pad int32, key uint64) int {
	at := len(b.ids)
	b.ids = append(b.ids, row...)
	for range b.nn.T - len(row) {
		b.ids = append(b.ids, pad)
	}
	b.nn.B++
	b.nn.Lengths = append(b.nn.Lengths, int32(len(row)))
	b.nn.Keys = append(b.nn.Keys, key)
	return at
}

// turns says whose micro-batches are whose: each is drawn by the objectives' shares, by its number alone.
type turns struct {
	key    uint64
	shares []float64 // in the order of the objectives
}

func (t turns) draw(micro int64) int {
	var total float64
	for _, s := range t.shares {
		total += s
	}
	at := random.New(random.Mix(t.key, uint64(micro))).Float64() * total
	for i, s := range t.shares {
		if at -= s; at < 0 {
			return i
		}
	}
	return len(t.shares) - 1
}
