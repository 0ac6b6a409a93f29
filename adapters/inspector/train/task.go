package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// A batch is some windows: what the encoder and the loss want. It is made again and again in the same memory.
type batch struct {
	nn      nn.Batch  // [B, 1+N]
	pixels  []float32 // [B, C, H, W]
	patches []float32 // [B, N, C P P]
	targets []float32 // [B, N, 1+C]

	task    *task
	records []int64 // [B]
	spaces  []space // [B]
}

// A task is a model and the head that learns on it. It implements train.Task.
type task struct {
	model     *vision.Model
	processor picture.Processor
	frozen    *frozen      // nil: the model learns too
	few       *peft.Change // what of it learns; nil: all
	loss      *patchLoss
	graph     *graph.Graph
	config    *Config
	pictures  []marked
	opposite  []uint8 // of every mark, what it is in a negative
	cuts      []cut   // to paste
	key       uint64  // of windows

	ring  [3]batch // one in use, one waiting, one being made
	order []int64
}

func newTask(m *vision.Model, few *peft.Change, kinds int, c *Config, pictures []marked) *task {
	l := &patchLoss{head: inspector.NewDetectorHead(m.Width(), kinds), weight: float32(c.Weight)}
	for _, p := range l.Params() {
		p.Init(c.Train.Seed)
	}
	var cuts []cut
	for i := range pictures {
		cuts = append(cuts, pictures[i].cuts...)
	}
	t := &task{model: m, few: few, processor: inspector.WindowProcessor(m), loss: l, config: c, pictures: pictures, cuts: cuts, key: random.Key(c.Train.Seed, "inspector.windows")}
	if c.Method == adapter.Head {
		t.frozen = &frozen{model: m.Snapshot()}
		t.graph = graph.New(t.frozen, l)
	} else {
		t.graph = graph.New(append(append([]nn.Sublayer{m.Embedding}, m.Encoder.Sublayers()...), l)...)
	}
	return t
}

// Params implements train.Task.
func (t *task) Params() []*nn.Param {
	switch {
	case t.frozen != nil:
		return t.loss.Params()
	case t.few != nil:
		return append(slices.Clone(t.few.Params()), t.loss.Params()...)
	}
	return append(t.model.Params(), t.loss.Params()...)
}

// Batch implements train.Task.
func (t *task) Batch(step, micro int) (*batch, error) {
	c := t.model.Config
	at, n := int64(step)*int64(t.config.Train.Accumulate)+int64(micro), t.config.Batch
	t.order = data.Batch(t.order, int64(len(t.pictures)), n, t.config.Train.Seed, at)
	b := &t.ring[at%int64(len(t.ring))]
	b.task, b.records = t, append(b.records[:0], t.order...)
	b.nn.B, b.nn.T, b.nn.Train = n, 1+c.Grid()*c.Grid(), true
	for len(b.spaces) < n {
		b.spaces = append(b.spaces, newSpace(c.ImageSize))
	}
	kernels.Grow(&b.pixels, n*c.Channels*c.ImageSize*c.ImageSize)
	kernels.Grow(&b.patches, len(b.pixels))
	kernels.Grow(&b.targets, n*c.Grid()*c.Grid()*t.loss.head.Out())
	for i, keys := 0, kernels.Grow(&b.nn.Keys, n); i < n; i++ {
		keys[i] = random.Mix(t.key, uint64(at)*uint64(n)+uint64(i))
	}
	kernels.Parallel(n, b)
	for i := range n {
		if err := b.spaces[i].err; err != nil {
			return nil, fmt.Errorf("inspector: train: picture %d: %w", b.records[i], err)
		}
	}
	return b, nil
}

// Run implements kernels.Task: one window to a part, a pure function of its picture and key.
func (b *batch) Run(i int) {
	t, s := b.task, &b.spaces[i]
	c, m := &t.model.Config, &t.pictures[b.records[i]]
	v := t.config.draw(m, c.ImageSize, b.nn.Keys[i])
	size, row := c.Channels*c.ImageSize*c.ImageSize, c.Grid()*c.Grid()*t.loss.head.Out()
	pixels := b.pixels[i*size : (i+1)*size]
	v.take(s.shown, s.marks, m)
	if len(t.cuts) > 0 {
		s.paste(t.cuts, t.config, b.nn.Keys[i])
	}
	v.shade(s.shown)
	s.err = t.processor.Process(pixels, s.shown)
	if v.negative {
		for j, k := range s.marks {
			s.marks[j] = t.opposite[k]
		}
	}
	nn.Patchify(b.patches[i*size:(i+1)*size], pixels, c.Channels, c.ImageSize, c.ImageSize, c.PatchSize)
	cover(b.targets[i*row:(i+1)*row], s.marks, c.ImageSize, c.PatchSize, t.loss.head.Out())
}

// Step implements train.Task.
func (t *task) Step(b *batch) (float64, error) {
	t.loss.targets = b.targets
	if t.frozen != nil {
		t.frozen.pixels = b.pixels
	} else {
		t.model.Embedding.Patches = b.patches
	}
	loss, err := t.graph.Step(&b.nn)
	return float64(loss), err
}

// Evaluate implements train.Task: there is nothing to choose by.
func (t *task) Evaluate(context.Context) (map[string]float64, error) { return nil, nil }

// frozen is a source that encodes with weights that don't change. Set pixels [B, C, H, W] before a run.
type frozen struct {
	model  *vision.Inference
	pixels []float32
}

// Name implements nn.Sublayer.
func (f *frozen) Name() string { return "frozen" }

// Params implements nn.Sublayer.
func (f *frozen) Params() []*nn.Param { return nil }

// Shape implements nn.Sublayer: [B, 1+N, D].
func (f *frozen) Shape(b *nn.Batch) []int { return []int{b.B, b.T, f.model.Width()} }

// Forward implements nn.Sublayer.
func (f *frozen) Forward(y, _ []float32, b *nn.Batch) error { return f.model.Encode(y, f.pixels, b.B) }

// Backward implements nn.Sublayer.
func (f *frozen) Backward(_, _, _, _ []float32, _ *nn.Batch) error { return nil }
