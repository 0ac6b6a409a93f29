package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// The training step that is timed: a masked language model of the mini preset.
const (
	trainBatch  = 32   // B
	trainLength = 128  // T
	trainVocab  = 8192 // V
	trainMasked = 614  // tokens predicted, 15 % of B*T
)

// A trainingStep is a model with everything that one optimizer step needs.
type trainingStep struct {
	chain  []nn.Sublayer
	params []*nn.Param
	opt    *graph.AdamW
	batch  nn.Batch
}

func newTrainingStep() (*trainingStep, error) {
	c, err := backbone.Preset("mini")
	if err != nil {
		return nil, err
	}
	c.Dropout, c.AttentionDropout = 0, 0 // as the peer
	embedding, err := nn.NewEmbedding("", c.Embedding(trainVocab))
	if err != nil {
		return nil, err
	}
	encoder, err := backbone.New(c, "")
	if err != nil {
		return nil, err
	}
	head := nn.NewLMHead("cls.predictions", embedding.Word, c.Hidden, c.Eps)
	s := &trainingStep{batch: nn.Batch{B: trainBatch, T: trainLength, Train: true}}
	s.chain = append(append([]nn.Sublayer{embedding}, encoder.Sublayers()...), head)
	for _, l := range s.chain {
		s.params = append(s.params, l.Params()...)
	}
	for _, p := range s.params {
		p.Init(1)
		p.NeedGrad()
	}
	r := random.New(random.Key(1, "bench.train"))
	embedding.IDs = make([]int32, trainBatch*trainLength)
	for i := range embedding.IDs {
		embedding.IDs[i] = int32(r.IntN(trainVocab))
	}
	head.Positions = random.Perm(random.Key(1, "bench.mask"), trainBatch*trainLength)[:trainMasked]
	for _, p := range head.Positions {
		head.Targets = append(head.Targets, embedding.IDs[p])
	}
	s.opt = graph.NewAdamW(s.params, graph.AdamWConfig{WeightDecay: 0.01})
	return s, nil
}

// work is one optimizer step with a chain that computes loss and gradients.
func (s *trainingStep) work(step func(*nn.Batch) (float32, error)) Work {
	return func() error {
		for _, p := range s.params {
			clear(p.Grad)
		}
		loss, err := step(&s.batch)
		if err != nil {
			return err
		}
		if math.IsNaN(float64(loss)) {
			return errors.New("loss is NaN")
		}
		return s.opt.Update(1e-4, 1)
	}
}

// Train times one training step, in tokens a second, against eager PyTorch; torch.compile stands beside it where it works. Costs has the share
// that the graph takes over direct calls.
func Train(ctx context.Context, o Options) (Report, error) {
	o = o.filled()
	r := Report{Machine: ThisMachine(), Costs: map[string]float64{}, Memory: map[string]int64{}}
	s, err := newTrainingStep()
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	before := kernels.Workers()
	defer kernels.SetWorkers(before)
	ours := s.work(graph.New(s.chain...).Step)
	for _, threads := range o.Threads {
		kernels.SetWorkers(threads)
		d := Duel{Name: "train step", Threads: threads, Unit: "tokens/s", Amount: trainBatch * trainLength, Ours: ours, Work: "train step", Pairs: o.Pairs}
		x, err := r.against(ctx, o, d, "peer_train.py", fmt.Sprint(threads))
		if err != nil {
			return r, err
		}
		r.add(x)
		line(o.Log, x)
	}
	r.Memory["ours"] = PeakBytes()
	if o.Peer != "" {
		for _, threads := range o.Threads {
			kernels.SetWorkers(threads)
			d := Duel{Name: "train step, torch.compile", Threads: threads, Unit: "tokens/s", Amount: trainBatch * trainLength, Ours: ours, Work: "train step", Pairs: o.Pairs}
			r.beside(ctx, o, d, "peer_train.py", strconv.Itoa(threads), "compile")
		}
	}
	direct := s.work(graph.Direct(s.chain...).Step)
	for _, threads := range o.Threads {
		kernels.SetWorkers(threads)
		cost, err := overhead(ctx, ours, direct, o.Pairs)
		if err != nil {
			return r, err
		}
		r.Costs[fmt.Sprintf("graph over direct calls, %d threads", threads)] = cost
	}
	return r, nil
}

// against fights a duel with a peer of its own, if there is to be one, and notes its memory.
func (r *Report) against(ctx context.Context, o Options, d Duel, script string, args ...string) (Result, error) {
	if o.Peer == "" {
		return d.Fight(ctx)
	}
	peer, err := StartPeer(ctx, script, d.Threads, args...)
	if err != nil {
		return Result{}, err
	}
	defer peer.Close()
	if r.Peer == "" {
		r.Peer = peer.Name
	}
	d.Peer = peer
	x, err := d.Fight(ctx)
	if err != nil {
		return x, err
	}
	if n, err := peer.PeakBytes(); err == nil && r.Memory != nil {
		r.Memory["peer"] = max(r.Memory["peer"], n)
	}
	return x, nil
}

// beside adds a comparison for information; one that can't run is only mentioned.
func (r *Report) beside(ctx context.Context, o Options, d Duel, script string, args ...string) {
	memory := r.Memory
	r.Memory = nil
	x, err := r.against(ctx, o, d, script, args...)
	r.Memory = memory
	if err != nil {
		fmt.Fprintf(o.Log, "%s: left out: %v\n", d.Name, err)
		return
	}
	r.Beside = append(r.Beside, x)
	line(o.Log, x)
}

// overhead is the share by which work takes longer than base: the median over alternating pairs.
func overhead(ctx context.Context, work, base Work, pairs int) (float64, error) {
	if pairs == 0 {
		pairs = Pairs
	}
	for _, w := range []Work{work, base} {
		if err := w(); err != nil {
			return 0, fmt.Errorf("bench: %w", err)
		}
	}
	var shares []float64
	for i := range 2 * pairs {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		first, second := work, base
		if i%2 == 1 { // neither is always the one that runs on warmer caches
			first, second = base, work
		}
		a, err := seconds(first)
		if err != nil {
			return 0, fmt.Errorf("bench: %w", err)
		}
		b, err := seconds(second)
		if err != nil {
			return 0, fmt.Errorf("bench: %w", err)
		}
		if i%2 == 1 {
			a, b = b, a
		}
		shares = append(shares, a/b-1)
	}
	return median(shares), nil
}

func seconds(w Work) (float64, error) {
	begin := time.Now()
	err := w()
	return time.Since(begin).Seconds(), err
}
