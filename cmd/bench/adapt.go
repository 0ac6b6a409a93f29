package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/random"
)

// cachedHead is a step of method head whose vectors were made in an earlier epoch.
const cachedHead = "cached"

// AdaptNames are the methods of tuning whose steps Adapt times.
func AdaptNames() []string {
	return []string{
		adapter.Full, adapter.LoRA, adapter.IA3, adapter.Prefix, adapter.Bottleneck, adapter.BitFit, adapter.LastK, adapter.Head, cachedHead,
	}
}

// AdaptOptions say which methods are timed.
type AdaptOptions struct {
	Options
	Names []string // of AdaptNames
	Sizes AdaptSizes
}

// AdaptSizes are those of the model and the batch. The zero value is the shape of all-MiniLM-L6 and 32 texts of 128 tokens.
type AdaptSizes struct {
	Encoder       backbone.Config
	Vocab         int
	Batch, Length int
	Classes       int
}

func (s AdaptSizes) filled() AdaptSizes {
	if s.Batch == 0 {
		s = AdaptSizes{
			Encoder: backbone.Config{Hidden: 384, Layers: 6, Heads: 12, Intermediate: 1536, MaxPositions: 512, Types: 2},
			Vocab:   30522, Batch: 32, Length: 128, Classes: 77,
		}
	}
	s.Encoder = s.Encoder.Defaults()
	return s
}

// Adapt times a training step of a classifier of texts by each method, in tokens a second: forward, backward, clipping and AdamW. Costs has each as a share of the
// step of full tuning, pair by pair. With a peer, full tuning, LoRA and the head alone are timed against PyTorch with PEFT, from the same weights and on the same
// texts; their first losses must agree, and max_abs_difference has the difference.
func Adapt(ctx context.Context, o AdaptOptions) (Report, error) {
	o.Options, o.Sizes = o.filled(), o.Sizes.filled()
	r := Report{Machine: ThisMachine(), Costs: map[string]float64{}, Memory: map[string]int64{}}
	for _, name := range o.Names {
		if !slices.Contains(AdaptNames(), name) {
			return r, fmt.Errorf("bench: method: got %q, want one of %q", name, AdaptNames())
		}
	}
	before := kernels.Workers()
	defer kernels.SetWorkers(before)
	full, err := newAdaptStep(adapter.Full, o.Sizes)
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	for _, name := range o.Names {
		s := full
		if name != adapter.Full {
			if s, err = newAdaptStep(name, o.Sizes); err != nil {
				return r, fmt.Errorf("bench: %s: %w", name, err)
			}
		}
		if err := r.adapt(ctx, o, name, s, full); err != nil {
			return r, err
		}
	}
	r.Memory["ours"] = PeakBytes()
	return r, nil
}

// adapt adds the results of one method.
func (r *Report) adapt(ctx context.Context, o AdaptOptions, name string, s, full *adaptStep) error {
	dir, err := os.MkdirTemp("", "fm-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	if !slices.Contains([]string{adapter.Full, adapter.LoRA, adapter.Head}, name) {
		o.Peer = ""
	}
	loss, err := s.write(dir, name, o.Sizes)
	if err != nil {
		return fmt.Errorf("bench: %s: %w", name, err)
	}
	for _, threads := range o.Threads {
		kernels.SetWorkers(threads)
		d := Duel{
			Name: "train step, " + name, Threads: threads, Unit: "tokens/s", Amount: float64(o.Sizes.Batch * o.Sizes.Length),
			Ours: s.step, Work: "train step", Pairs: o.Pairs,
		}
		x, err := r.againstStep(ctx, o.Options, d, "peer_adapt.py", dir, loss)
		if err != nil {
			return err
		}
		r.add(x)
		line(o.Log, x)
		if s == full {
			continue
		}
		share, err := overhead(ctx, s.step, full.step, o.Pairs)
		if err != nil {
			return err
		}
		r.Costs[fmt.Sprintf("%s, share of a full step, %d threads", name, threads)] = 1 + share
		fmt.Fprintf(o.Log, "%s: %.3f of a full step, %d threads\n", name, 1+share, threads)
	}
	return nil
}

// An adaptStep is a classifier with everything that one optimizer step by its method needs.
type adaptStep struct {
	embedding *nn.Embedding
	encoder   *backbone.Encoder
	head      *nn.ClassifierLoss
	change    *peft.Change // nil: none
	graph     *graph.Graph
	trained   []*nn.Param
	opt       *graph.AdamW
	batch     nn.Batch
}

func newAdaptStep(name string, z AdaptSizes) (*adaptStep, error) {
	s := &adaptStep{batch: nn.Batch{B: z.Batch, T: z.Length, Train: true}}
	var err error
	if s.embedding, err = nn.NewEmbedding("", z.Encoder.Embedding(z.Vocab)); err != nil {
		return nil, err
	}
	if s.encoder, err = backbone.New(z.Encoder, ""); err != nil {
		return nil, err
	}
	s.head = nn.NewClassifierLoss("classifier", z.Encoder.Hidden, z.Classes, 0)
	for _, p := range slices.Concat(s.embedding.Params(), s.encoder.Params(), s.head.Params()) {
		p.Init(1)
	}
	draw := random.New(random.Key(1, "bench.adapt"))
	for range z.Batch * z.Length {
		s.embedding.IDs = append(s.embedding.IDs, int32(draw.IntN(z.Vocab)))
	}
	for range z.Batch {
		s.head.Labels = append(s.head.Labels, int32(draw.IntN(z.Classes)))
	}
	below := append([]nn.Sublayer{s.embedding}, s.encoder.Sublayers()...)
	s.trained = s.head.Params()
	switch config, few := peft.Default(name); {
	case few:
		for _, p := range s.embedding.Params() {
			p.Frozen = true
		}
		if s.change, err = peft.Attach(s.encoder, config, 1); err != nil {
			return nil, err
		}
		s.trained = append(slices.Clone(s.change.Params()), s.trained...)
	case name == adapter.Full:
		s.trained = slices.Concat(s.embedding.Params(), s.encoder.Params(), s.trained)
	default: // the head alone
		below = []nn.Sublayer{&readOnly{s: s, infer: s.encoder.Snapshot(), keep: name == cachedHead}}
	}
	s.graph = graph.New(append(below, &nn.Pool{Pooling: nn.PoolMean, D: z.Encoder.Hidden}, s.head)...)
	for _, p := range s.trained {
		p.NeedGrad()
	}
	s.opt = graph.NewAdamW(s.trained, graph.AdamWConfig{WeightDecay: 0.01})
	return s, nil
}

// step is one optimizer step.
func (s *adaptStep) step() error {
	nn.ZeroGrad(s.trained)
	loss, err := s.graph.Step(&s.batch)
	if err != nil {
		return err
	}
	if math.IsNaN(float64(loss)) {
		return errors.New("loss is NaN")
	}
	scale, _ := graph.ClipScale(s.trained, 1, 1)
	return s.opt.Update(1e-5, scale)
}

// write puts the weights and the texts into dir, as peer_adapt.py reads them, and returns the loss at these weights.
func (s *adaptStep) write(dir, name string, z AdaptSizes) (float64, error) {
	loss, err := s.graph.Loss(&s.batch)
	if err != nil {
		return 0, err
	}
	if s.change != nil {
		s.change.Detach() // the file has the encoder's own weights
	}
	tensors := named(slices.Concat(s.embedding.Params(), s.encoder.Params(), s.head.Params()), "")
	err = writeStep(dir, tensors, map[string]any{
		"method": name, "batch": z.Batch, "length": z.Length, "ids": s.embedding.IDs, "labels": s.head.Labels, "config": z.Encoder, "vocab": z.Vocab,
	})
	if s.change == nil || err != nil {
		return float64(loss), err
	}
	err = s.change.Attach()
	for _, p := range s.embedding.Params() {
		p.Frozen = true
	}
	if err == nil && name == adapter.LoRA {
		err = peft.Save(filepath.Join(dir, "adapter"), s.change, "base")
	}
	return float64(loss), err
}

// readOnly is a source of the vectors that the encoder gives as it is.
type readOnly struct {
	s     *adaptStep
	infer *backbone.Inference
	keep  bool // read once
	kept  []float32
}

func (r *readOnly) Name() string            { return "read only" }
func (r *readOnly) Params() []*nn.Param     { return nil }
func (r *readOnly) Shape(b *nn.Batch) []int { return []int{b.B, b.T, r.s.encoder.Config.Hidden} }

// Forward implements nn.Sublayer.
func (r *readOnly) Forward(y, _ []float32, b *nn.Batch) error {
	if r.kept != nil {
		copy(y, r.kept)
		return nil
	}
	still := *b
	still.Train = false
	if err := r.s.embedding.Infer(y, r.s.embedding.IDs, nil, &still); err != nil {
		return err
	}
	if err := r.infer.Forward(y, y, &still); err != nil {
		return err
	}
	if r.keep {
		r.kept = slices.Clone(y)
	}
	return nil
}

// Backward implements nn.Sublayer.
func (r *readOnly) Backward(_, _, _, _ []float32, _ *nn.Batch) error { return nil }
