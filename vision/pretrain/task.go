package pretrain

import (
	"context"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// heldSeed masks the held-back pictures: the same for every run, so that runs compare.
const heldSeed = 20211111

// A task is a model and the decoder that it learns by. It implements train.Task.
type task struct {
	model   *vision.Model
	decoder *decoder
	graph   *graph.Graph
	config  *Config
	maker   maker
	key     uint64 // of samples

	ring    [3]batch // one in use, one waiting, one being made
	order   []int64
	records [3][]int
	held    batch
}

// newTask makes a model with initial weights.
func newTask(c *Config, p *pictures) (*task, error) {
	size := c.Model.ImageSize
	m, err := vision.New(c.Model, picture.NewProcessor(size, size, c.Model.Channels), c.Train.Seed)
	if err != nil {
		return nil, err
	}
	d, err := newDecoder(*c)
	if err != nil {
		return nil, err
	}
	t := &task{
		model: m, decoder: d, config: c, maker: maker{pictures: p, processor: &m.Processor, config: c},
		key: random.Key(c.Train.Seed, "pretrain.samples"),
	}
	chain := append([]nn.Sublayer{m.Embedding}, m.Encoder.Sublayers()...)
	t.graph = graph.New(append(chain, d)...)
	return t, nil
}

// Params implements train.Task.
func (t *task) Params() []*nn.Param { return append(t.model.Params(), t.decoder.Params()...) }

// tensors are those of the model's file.
func (t *task) tensors() []checkpoint.Tensor {
	return append(t.model.Tensors(), t.decoder.tensors()...)
}

// Batch implements train.Task.
func (t *task) Batch(step, micro int) (*batch, error) {
	at := int64(step)*int64(t.config.Train.Accumulate) + int64(micro)
	size, p := t.config.Batch, t.maker.pictures
	t.order = data.Batch(t.order, int64(len(p.train)), size, t.config.Train.Seed, at)
	slot := at % int64(len(t.ring))
	records := t.records[slot][:0]
	for _, i := range t.order {
		records = append(records, p.train[i])
	}
	t.records[slot] = records
	b, first := &t.ring[slot], uint64(at)*uint64(size)
	b.nn.Train = true
	return b, t.maker.fill(b, records, func(i int) uint64 { return random.Mix(t.key, first+uint64(i)) }, &t.config.Augment)
}

func (t *task) set(b *batch) {
	t.model.Embedding.Patches, t.model.Embedding.Keep = b.patches, b.keep
	t.decoder.patches, t.decoder.keep = b.patches, b.keep
}

// Step implements train.Task.
func (t *task) Step(b *batch) (float64, error) {
	t.set(b)
	loss, err := t.graph.Step(&b.nn)
	return float64(loss), err
}

// Evaluate implements train.Task: the loss on held-back pictures, with masks that are always the same and without augmentation.
func (t *task) Evaluate(ctx context.Context) (map[string]float64, error) {
	held, key := t.maker.pictures.held, random.Key(heldSeed, "pretrain.held.masks")
	sum := 0.0
	for first := 0; first < len(held); first += t.config.Batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		records := held[first:min(first+t.config.Batch, len(held))]
		if err := t.maker.fill(&t.held, records, func(i int) uint64 { return random.Mix(key, uint64(first+i)) }, nil); err != nil {
			return nil, err
		}
		t.set(&t.held)
		loss, err := t.graph.Loss(&t.held.nn)
		if err != nil {
			return nil, err
		}
		sum += float64(float64(loss) * float64(len(records)))
	}
	return map[string]float64{"loss": sum / float64(len(held))}, nil
}
