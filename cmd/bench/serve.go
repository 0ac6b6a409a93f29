package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
)

// ServeOptions say how servers are compared.
type ServeOptions struct {
	Options
	Base     string        // folder of a model that sentence-transformers reads too
	Program  string        // fm
	Adapters int           // low-rank ones that are resident beside each other, 0: 1,000
	Clients  int           // that each wait for an answer before they send on, 0: 32
	Piece    time.Duration // of load on one side, 0: 3 s
}

// Serve compares servers under the load of clients that ask for the vectors of single texts by a low-rank adapter of rank 8 on query and value: ours and, with the
// peer fastapi, one of FastAPI, sentence-transformers and peft, in the fastest of its ways; and ours with many such adapters, all of them asked, beside ours with
// one. Servers are processes of their own, on the same threads as the clients.
func Serve(ctx context.Context, o ServeOptions) (Report, error) {
	o.Options = o.filled()
	if o.Adapters == 0 {
		o.Adapters = 1000
	}
	if o.Clients == 0 {
		o.Clients = 32
	}
	if o.Piece == 0 {
		o.Piece = 3 * time.Second
	}
	r := Report{Machine: ThisMachine(), Base: o.Base, Costs: map[string]float64{}}
	dir, err := os.MkdirTemp("", "fm-bench-")
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := o.adapters(dir); err != nil {
		return r, err
	}
	for _, threads := range o.Threads {
		if err := o.serve(ctx, &r, dir, threads); err != nil {
			return r, err
		}
	}
	return r, nil
}

// distinct is how many adapter folders there are; more adapters are these under several names, each with memory of its own.
const distinct = 16

// adapters writes adapter folders, the first of them also in PEFT's own form.
func (o *ServeOptions) adapters(dir string) error {
	base, err := text.Load(o.Base)
	if err != nil {
		return err
	}
	for i := range distinct {
		m, err := base.Clone()
		if err != nil {
			return err
		}
		c := peft.Config{LoRA: &peft.LoRAConfig{Rank: 8, Alpha: 16, Targets: []string{"query", "value"}}}
		change, err := peft.Attach(m.Encoder, c, uint64(i))
		if err != nil {
			return err
		}
		own := head.New(m.Width(), 2).Linear.Params()
		for k, p := range append(slices.Clone(change.Params()), own...) {
			nn.InitNormal(p, random.Mix(uint64(i), uint64(k)))
		}
		if i == 0 {
			if err := peft.Save(filepath.Join(dir, "peft"), change, o.Base); err != nil {
				return err
			}
		}
		settings, err := json.Marshal(head.Settings{MaxLength: m.Length(256), Pooling: "mean"})
		if err != nil {
			return err
		}
		about := adapter.Passport{
			Task: classifier.Task, Method: adapter.LoRA, Config: c, Labels: []string{"a", "b"}, Base: base.Identity(), Settings: settings, Recipe: []byte("{}"), Seed: uint64(i),
		}
		if _, err := adapter.Save(folderOf(dir, i), about, "SEQ_CLS", append(slices.Clone(change.Params()), own...), nil); err != nil {
			return err
		}
	}
	return nil
}

func folderOf(dir string, i int) string {
	return filepath.Join(dir, fmt.Sprintf("adapter-%d", i%distinct))
}

func (o *ServeOptions) serve(ctx context.Context, r *Report, dir string, threads int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the servers
	one, err := o.start(ctx, dir, threads, 1)
	if err != nil {
		return err
	}
	begin := time.Now()
	many, err := o.start(ctx, dir, threads, o.Adapters)
	if err != nil {
		return err
	}
	r.Costs[fmt.Sprintf("seconds to load %d adapters", o.Adapters)] = time.Since(begin).Seconds()
	if o.Peer != "" {
		peers, name, err := o.peer(ctx, dir, threads)
		if err != nil {
			return err
		}
		r.Peer = name
		way, best := "", 0.0
		for w, p := range peers {
			if err := near(ctx, one, p); err != nil {
				return fmt.Errorf("bench: serve: %s: %w", w, err)
			}
			if _, err := p.run(ctx, o.Clients, o.Piece/2); err != nil { // warms up
				return err
			}
			l, err := p.run(ctx, o.Clients, o.Piece)
			if err != nil {
				return err
			}
			fmt.Fprintf(o.Log, "%s, %s: %.1f requests/s\n", name, w, l.rate)
			if l.rate > best {
				way, best = w, l.rate
			}
		}
		if err := o.duel(ctx, r, "one adapter", threads, one, peers[way], "fastapi", way); err != nil {
			return err
		}
	}
	return o.duel(ctx, r, fmt.Sprintf("%d adapters", o.Adapters), threads, many, one, "fm serve", "with one adapter")
}

// duel alternates load on two servers. Answers a second are compared; the latencies, and what the cores computed for an answer, stand beside.
func (o *ServeOptions) duel(ctx context.Context, r *Report, name string, threads int, ours, peer *target, who, way string) error {
	var rates, p50, p99, cpu [2][]float64
	for pair := range o.Pairs + 1 {
		for i, t := range []*target{ours, peer} {
			l, err := t.run(ctx, o.Clients, o.Piece)
			if err != nil {
				return err
			}
			if pair > 0 { // the first warms up
				rates[i], p50[i], p99[i] = append(rates[i], l.rate), append(p50[i], l.p50.Seconds()), append(p99[i], l.p99.Seconds())
				cpu[i] = append(cpu[i], l.cpu)
			}
		}
	}
	x := Result{Name: name, Threads: threads, Unit: "requests/s", Ours: median(rates[0]), Peer: median(rates[1]), PeerName: who, Way: way}
	x.Ratio = x.Ours / x.Peer
	r.add(x)
	line(o.Log, x)
	for _, v := range []struct {
		name    string
		seconds [2][]float64
	}{{"p50", p50}, {"p99", p99}, {"cores' time", cpu}} {
		x := Result{Name: name + ", " + v.name, Threads: threads, Unit: "1/s", OursSeconds: median(v.seconds[0]), PeerSeconds: median(v.seconds[1]), PeerName: who, Way: way}
		if x.OursSeconds == 0 || x.PeerSeconds == 0 {
			continue
		}
		x.Ours, x.Peer, x.Ratio = 1/x.OursSeconds, 1/x.PeerSeconds, x.PeerSeconds/x.OursSeconds
		r.Beside = append(r.Beside, x)
		line(o.Log, x)
	}
	return nil
}

// questions are texts of 5 to 60 words, drawn from those of this package's own sentence.
func questions() []string {
	words := strings.Fields("the quick brown fox jumps over a lazy dog while seven clever engineers measure how long each answer takes to come back over the wire")
	all := make([]string, 256)
	for i := range all {
		s := random.New(random.Mix(5, uint64(i)))
		var b strings.Builder
		for range 5 + s.IntN(56) {
			b.WriteString(words[s.IntN(len(words))] + " ")
		}
		all[i] = strings.TrimSpace(b.String())
	}
	return all
}
