package bench

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/kernels"
)

// InferOptions say which model reads, and beside whom. Options.Peer has no part in it.
type InferOptions struct {
	Options
	Base    string   // folder of the model; empty: a random encoder of MiniLM-L6's shape
	Peers   []string // torch and, with Base, onnxruntime and hugot
	Keep    string   // folder for the model in ONNX, which peers read; empty: it isn't kept
	Program string   // fm itself: how long it and the peers take from their start is timed too, with Base; empty: it isn't
}

// Infer times an encoder, from ids to the last layer's vectors, in tokens a second, against each of the peers in turn; torch.compile stands beside
// eager PyTorch where it works. With a base every peer reads the same model, and its vectors are compared with ours before any are timed.
// Allocated has the bytes that a call takes from the heap once buffers have grown.
func Infer(ctx context.Context, o InferOptions) (Report, error) {
	o.Options = o.filled()
	r := Report{Machine: ThisMachine(), Base: o.Base, Memory: map[string]int64{}, Allocated: map[string]float64{}}
	field, err := newField(ctx, o)
	if err != nil {
		return r, err
	}
	defer field.close()
	if r.Startup, err = field.startup(ctx, o); err != nil { // before the model is loaded: see spawn
		return r, err
	}
	model, err := field.reader()
	if err != nil {
		return r, err
	}
	before := kernels.Workers()
	defer kernels.SetWorkers(before)
	for _, threads := range o.Threads {
		kernels.SetWorkers(threads)
		field.forget()
		if err := r.infer(ctx, o, model, field, threads); err != nil {
			return r, err
		}
	}
	for _, s := range model.readings() {
		work, _ := model.work(s)
		if r.Allocated[s.String()], err = allocated(work); err != nil {
			return r, fmt.Errorf("bench: %w", err)
		}
	}
	r.Memory["ours"] = PeakBytes()
	if field.compiled == nil {
		return r, nil
	}
	for _, threads := range o.Threads {
		kernels.SetWorkers(threads)
		field.forget()
		r.inferBeside(ctx, o, model, field, threads)
	}
	return r, ctx.Err()
}

// infer times all readings with one number of threads.
func (r *Report) infer(ctx context.Context, o InferOptions, model *reader, f *field, threads int) error {
	for _, s := range model.readings() {
		if len(f.contenders) == 0 {
			x, err := model.duel(s, threads, o.Options).Fight(ctx)
			if err != nil {
				return err
			}
			r.add(x)
			line(o.Log, x)
		}
		for _, c := range f.contenders {
			x, peak, err := c.against(ctx, o.Options, model, threads, s, o.Base != "")
			if err != nil {
				return err
			}
			r.add(x)
			r.Memory[c.name] = max(r.Memory[c.name], peak)
			if !slices.Contains(strings.Split(r.Peer, "; "), x.PeerName) {
				r.Peer = strings.TrimPrefix(r.Peer+"; "+x.PeerName, "; ")
			}
			line(o.Log, x)
		}
	}
	return nil
}

// inferBeside adds the comparisons with torch.compile; those that can't run are only mentioned.
func (r *Report) inferBeside(ctx context.Context, o InferOptions, model *reader, f *field, threads int) {
	for _, s := range model.readings() {
		x, _, err := f.compiled.against(ctx, o.Options, model, threads, s, o.Base != "")
		if x.Name = s.String() + ", torch.compile"; err != nil {
			fmt.Fprintf(o.Log, "%s: left out: %v\n", x.Name, err)
			continue
		}
		r.Beside = append(r.Beside, x)
		line(o.Log, x)
	}
}

func (r *reader) duel(s reading, threads int, o Options) Duel {
	work, y := r.work(s)
	return Duel{Name: s.String(), Threads: threads, Unit: "tokens/s", Amount: float64(s.b * s.t), Ours: work, Work: s.String(), Pairs: o.Pairs, Output: y}
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
