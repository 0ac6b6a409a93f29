package bench

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"strconv"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// A reading is one shape of inference.
type reading struct{ b, t int }

func (s reading) String() string { return fmt.Sprintf("B%d T%d", s.b, s.t) }

// readings are a short query, a passage, and a batch of passages.
var readings = []reading{{1, 16}, {1, 128}, {32, 128}}

// inferVocab is that of BERT.
const inferVocab = 30522

// A reader is an encoder of MiniLM-L6's shape, ready to read.
type reader struct {
	embedding *nn.Embedding
	encoder   *backbone.Inference
	width     int
}

func newReader() (*reader, error) {
	c, err := backbone.Preset("small")
	if err != nil {
		return nil, err
	}
	c.Heads, c.MaxPositions = 12, 512
	embedding, err := nn.NewEmbedding("", c.Embedding(inferVocab))
	if err != nil {
		return nil, err
	}
	encoder, err := backbone.New(c, "")
	if err != nil {
		return nil, err
	}
	for _, p := range append(embedding.Params(), encoder.Params()...) {
		p.Init(1)
	}
	return &reader{embedding.Clone(), encoder.Snapshot(), c.Hidden}, nil
}

// work reads random ids of one shape, from ids to vectors.
func (r *reader) work(s reading) Work {
	ids := make([]int32, s.b*s.t)
	rng := random.New(random.Key(1, "bench.infer"))
	for i := range ids {
		ids[i] = int32(rng.IntN(inferVocab))
	}
	x := make([]float32, s.b*s.t*r.width)
	b := &nn.Batch{B: s.b, T: s.t}
	return func() error {
		if err := r.embedding.Infer(x, ids, nil, b); err != nil {
			return err
		}
		return r.encoder.Forward(x, x, b)
	}
}

// Infer times an encoder of MiniLM-L6's shape, in tokens a second, against eager PyTorch; torch.compile stands beside it where it works.
// Allocated has the bytes that a call takes from the heap once buffers have grown.
func Infer(ctx context.Context, o Options) (Report, error) {
	o = o.filled()
	r := Report{Machine: ThisMachine(), Memory: map[string]int64{}, Allocated: map[string]float64{}}
	model, err := newReader()
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	before := kernels.Workers()
	defer kernels.SetWorkers(before)
	for _, threads := range o.Threads {
		kernels.SetWorkers(threads)
		if err := r.infer(ctx, o, model, threads); err != nil {
			return r, err
		}
	}
	for _, s := range readings {
		if r.Allocated[s.String()], err = allocated(model.work(s)); err != nil {
			return r, fmt.Errorf("bench: %w", err)
		}
	}
	r.Memory["ours"] = PeakBytes()
	if o.Peer == "" {
		return r, nil
	}
	for _, threads := range o.Threads {
		kernels.SetWorkers(threads)
		for _, s := range readings {
			d := model.duel(s, threads, o)
			d.Name += ", torch.compile"
			r.beside(ctx, o, d, "peer_infer.py", strconv.Itoa(threads), "compile", s.String())
		}
	}
	return r, nil
}

// infer times all readings with one number of threads.
func (r *Report) infer(ctx context.Context, o Options, model *reader, threads int) error {
	for _, s := range readings {
		x, err := r.against(ctx, o, model.duel(s, threads, o), "peer_infer.py", strconv.Itoa(threads), s.String())
		if err != nil {
			return err
		}
		r.add(x)
		line(o.Log, x)
	}
	return nil
}

func (r *reader) duel(s reading, threads int, o Options) Duel {
	return Duel{Name: s.String(), Threads: threads, Unit: "tokens/s", Amount: float64(s.b * s.t), Ours: r.work(s), Work: s.String(), Pairs: o.Pairs}
}

// allocated gives the bytes of heap that one call takes, after warming up.
func allocated(w Work) (float64, error) {
	const rounds, calls = 20, 5
	least := math.Inf(1)
	var before, after runtime.MemStats
	for round := 0; round < rounds && least > 0; round++ { // one warms up, and where workers park the runtime may allocate
		runtime.ReadMemStats(&before)
		for range calls {
			if err := w(); err != nil {
				return 0, err
			}
		}
		runtime.ReadMemStats(&after)
		least = min(least, float64(after.TotalAlloc-before.TotalAlloc)/calls)
	}
	return least, nil
}
