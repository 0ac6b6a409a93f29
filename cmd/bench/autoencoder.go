package bench

import (
	"context"
	"fmt"
	"os"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/vision/pretrain"
)

// AutoencoderOptions say which masked autoencoders are timed.
type AutoencoderOptions struct {
	Options
	Sizes []AutoencoderSize // nil: the mini preset on gray pictures of 28 pixels by both optimizers and on coloured ones of 224 by AdamW
}

// An AutoencoderSize is a model and its batch.
type AutoencoderSize struct {
	Preset                        string
	Image, Patch, Channels, Batch int
	Optimizer                     string // adamw or muon
}

func (s AutoencoderSize) String() string {
	return fmt.Sprintf("masked autoencoder, %s, %dx%dx%d in patches of %d, %d pictures, %s", s.Preset, s.Image, s.Image, s.Channels, s.Patch, s.Batch, s.Optimizer)
}

// Autoencoder times a training step of masked autoencoders, in images a second, against PyTorch: forward, backward, clipping and the optimizer. Both sides start
// from the same weights, read the same pictures and hide the same patches, and their first losses must agree; max_abs_difference has the difference.
func Autoencoder(ctx context.Context, o AutoencoderOptions) (Report, error) {
	o.Options = o.filled()
	if o.Sizes == nil {
		o.Sizes = []AutoencoderSize{{"mini", 28, 4, 1, 64, train.AdamW}, {"mini", 28, 4, 1, 64, train.Muon}, {"mini", 224, 16, 3, 16, train.AdamW}}
	}
	r := Report{Machine: ThisMachine(), Memory: map[string]int64{}}
	before := kernels.Workers()
	defer kernels.SetWorkers(before)
	for _, s := range o.Sizes {
		if err := r.autoencoder(ctx, o.Options, s); err != nil {
			return r, fmt.Errorf("bench: %s: %w", s, err)
		}
	}
	r.Memory["ours"] = PeakBytes()
	return r, nil
}

// autoencoder adds one size's results.
func (r *Report) autoencoder(ctx context.Context, o Options, s AutoencoderSize) error {
	dir, err := os.MkdirTemp("", "fm-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c, err := pretrain.Default(s.Preset, s.Image, s.Patch, s.Channels)
	if err != nil {
		return err
	}
	c.Batch, c.Train.Optimizer = s.Batch, s.Optimizer
	b, err := pretrain.NewBench(c)
	if err != nil {
		return err
	}
	loss, err := b.Loss()
	if err != nil {
		return err
	}
	patches, keep := b.Batch()
	layout := map[string]any{
		"batch": c.Batch, "channels": s.Channels, "patches": patches, "keep": keep, "layers": c.Model.Layers, "heads": c.Model.Heads, "eps": c.Model.Eps,
		"decoder_layers": c.DecoderLayers, "decoder_heads": c.DecoderHeads, "optimizer": c.Train.Optimizer, "lr": c.Train.LR, "betas": []float64{c.Train.Beta1, c.Train.Beta2},
		"clip": c.Train.ClipNorm, "weight_decay": c.Train.WeightDecay,
	}
	if err := writeStep(dir, named(b.Params(), ""), layout); err != nil {
		return err
	}
	for _, threads := range o.Threads {
		kernels.SetWorkers(threads)
		d := Duel{
			Name: s.String(), Threads: threads, Unit: "images/s", Amount: float64(c.Batch), Work: "train step", Pairs: o.Pairs,
			Ours: func() error { return step(b.Step()) },
		}
		x, err := r.againstStep(ctx, o, d, "peer_autoencoder.py", dir, loss)
		if err != nil {
			return err
		}
		r.add(x)
		line(o.Log, x)
	}
	return nil
}
