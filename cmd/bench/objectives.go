package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text/pretrain"
)

// ObjectiveNames are the pretraining objectives that Objectives times.
func ObjectiveNames() []string {
	return []string{"masked", "causal", "replaced", "contrastive", "distilled"}
}

// ObjectiveOptions say which objectives are timed.
type ObjectiveOptions struct {
	Options
	Names []string // of ObjectiveNames
	Sizes ObjectiveSizes
}

// ObjectiveSizes are those of the models and batches. The zero value is what recipes of the mini preset have.
type ObjectiveSizes struct {
	Preset        string // empty: mini
	Teacher       string // preset of the teacher, empty: small (6 layers, 384 wide)
	Vocab         int    // 0: 8192
	Batch, Length int    // windows of text and their tokens; 0: 32 of 128
	Pairs, Short  int    // pairs or texts of a batch, and their tokens; 0: 128 of 40
}

func (s ObjectiveSizes) filled() ObjectiveSizes {
	for _, f := range []struct {
		to    *int
		value int
	}{{&s.Vocab, trainVocab}, {&s.Batch, trainBatch}, {&s.Length, trainLength}, {&s.Pairs, 128}, {&s.Short, 40}} {
		if *f.to == 0 {
			*f.to = f.value
		}
	}
	if s.Preset == "" {
		s.Preset = "mini"
	}
	if s.Teacher == "" {
		s.Teacher = "small"
	}
	return s
}

// lossTolerance is how far apart the losses of both sides may be at the start, as a share of ours where that is above 1.
const lossTolerance = 1e-4

// Objectives times a training step of each objective, in tokens a second, against PyTorch: forward, backward, clipping and AdamW, and the teacher's
// forward pass where there is one. Both sides start from the same weights and read the same micro-batch, and their first losses must agree;
// max_abs_difference has the difference.
func Objectives(ctx context.Context, o ObjectiveOptions) (Report, error) {
	o.Options, o.Sizes = o.filled(), o.Sizes.filled()
	r := Report{Machine: ThisMachine(), Memory: map[string]int64{}}
	for _, name := range o.Names {
		if !slices.Contains(ObjectiveNames(), name) {
			return r, fmt.Errorf("bench: objective: got %q, want one of %q", name, ObjectiveNames())
		}
	}
	before := kernels.Workers()
	defer kernels.SetWorkers(before)
	for _, name := range o.Names {
		if err := r.objective(ctx, o, name); err != nil {
			return r, err
		}
	}
	r.Memory["ours"] = PeakBytes()
	return r, nil
}

// objective adds one objective's results.
func (r *Report) objective(ctx context.Context, o ObjectiveOptions, name string) (err error) {
	dir, err := os.MkdirTemp("", "fm-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	b, err := newObjective(ctx, name, o.Sizes, dir)
	if err != nil {
		return fmt.Errorf("bench: %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	loss, err := b.write(dir)
	if err != nil {
		return fmt.Errorf("bench: %s: %w", name, err)
	}
	ids, _, err := b.unpadded()
	if err != nil {
		return fmt.Errorf("bench: %s: %w", name, err)
	}
	for _, threads := range o.Threads {
		kernels.SetWorkers(threads)
		d := Duel{
			Name: "train step, " + name, Threads: threads, Unit: "tokens/s", Amount: float64(len(ids)),
			Ours: func() error { return step(b.Step()) }, Work: "train step", Pairs: o.Pairs,
		}
		x, err := r.againstStep(ctx, o.Options, d, "peer_objective.py", dir, loss)
		if err != nil {
			return err
		}
		r.add(x)
		line(o.Log, x)
	}
	return nil
}

// againstStep fights with a peer that has read dir, once its loss is ours.
func (r *Report) againstStep(ctx context.Context, o Options, d Duel, script, dir string, loss float64) (Result, error) {
	if o.Peer == "" {
		return d.Fight(ctx)
	}
	peer, err := StartPeer(ctx, script, d.Threads, strconv.Itoa(d.Threads), dir)
	if err != nil {
		return Result{}, err
	}
	defer peer.Close()
	theirs, ok := peer.Hello["loss"].(float64)
	difference := math.Abs(theirs - loss)
	if !ok || !(difference <= lossTolerance*max(1, math.Abs(loss))) {
		return Result{}, fmt.Errorf("bench: %s: the peer's loss is %v, ours %v: want the same to %g", d.Name, peer.Hello["loss"], loss, lossTolerance)
	}
	d.Peer, r.Peer = peer, peer.Name
	x, err := d.Fight(ctx)
	if err != nil {
		return x, err
	}
	x.Difference = difference
	if n, err := peer.PeakBytes(); err == nil {
		r.Memory["peer"] = max(r.Memory["peer"], n)
	}
	return x, nil
}

// step is the error of an optimizer step.
func step(loss float64, err error) error {
	if err == nil && math.IsNaN(loss) {
		err = errors.New("loss is NaN")
	}
	return err
}

// write puts the weights and the micro-batch into dir, as peer_objective.py reads them, and returns the loss at these weights.
func (b *objectiveBench) write(dir string) (float64, error) {
	loss, err := b.Loss()
	if err != nil {
		return 0, err
	}
	tensors := named(b.Params(), "")
	if t := b.Teacher(); t != nil {
		tensors = append(tensors, named(t.Params(), "teacher.")...)
	}
	layout, err := b.layout()
	if err != nil {
		return 0, err
	}
	return loss, writeStep(dir, tensors, layout)
}

// named gives parameters as tensors, with a prefix before their names.
func named(params []*nn.Param, prefix string) []checkpoint.Tensor {
	var tensors []checkpoint.Tensor
	for _, p := range params {
		tensors = append(tensors, checkpoint.Tensor{Name: prefix + p.Name, Shape: p.Shape, Data: p.Value})
	}
	return tensors
}

// writeStep writes what a peer needs to take the same step.
func writeStep(dir string, tensors []checkpoint.Tensor, layout map[string]any) error {
	var weights bytes.Buffer
	if err := checkpoint.Write(&weights, tensors, nil); err != nil {
		return err
	}
	raw, err := json.Marshal(layout)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "weights.safetensors"), weights.Bytes(), 0o644),
		os.WriteFile(filepath.Join(dir, "layout.json"), raw, 0o644),
	)
}

// An objectiveBench is the recipe of one objective and what Objectives times of it.
type objectiveBench struct {
	*pretrain.Bench
	name   string
	config pretrain.Config
}

// layout is all that a peer must know beside the weights.
func (b *objectiveBench) layout() (map[string]any, error) {
	c, l := b.config, b.Batch()
	ids, length, err := b.unpadded()
	if err != nil {
		return nil, err
	}
	m := map[string]any{
		"objective": b.name, "batch": l.B, "length": length, "ids": ids, "positions": l.Positions, "targets": l.Targets, "proposed": l.Proposed,
		"layers": c.Model.Layers, "heads": c.Model.Heads, "eps": c.Model.Eps,
		"lr": c.Train.LR, "clip": c.Train.ClipNorm, "weight_decay": c.Train.WeightDecay,
	}
	if o := c.Replaced; o != nil {
		m["generator_heads"], m["weight"] = o.Generator.Heads, o.Weight
	}
	if o := c.Contrastive; o != nil {
		m["temperature"] = o.Temperature
	}
	if t := b.Teacher(); t != nil {
		m["teacher_layers"], m["teacher_heads"], m["teacher_eps"] = t.Config.Layers, t.Config.Heads, t.Config.Eps
	}
	return m, nil
}

// unpadded gives the ids [B, length] of the micro-batch, all of whose texts have the same length, without what fills them up.
func (b *objectiveBench) unpadded() (ids []int32, length int, err error) {
	l := b.Batch()
	length = int(l.Lengths[0])
	for i, n := range l.Lengths {
		if int(n) != length || len(l.Positions) > 0 && length != l.T {
			return nil, 0, fmt.Errorf("text %d has %d tokens of %d, want all to be of one length", i, n, l.T)
		}
		ids = append(ids, l.IDs[i*l.T:][:length]...)
	}
	return ids, length, nil
}
