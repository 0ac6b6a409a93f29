package bench

import (
	"context"
	"fmt"
	"io"
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// Options choose what to time.
type Options struct {
	Peer    string    // the library to compare with, empty: none
	Threads []int     // nil: 1 and 2
	Pairs   int       // 0: Pairs
	Log     io.Writer // a line for every result as it comes; nil: none
}

func (o Options) filled() Options {
	if len(o.Threads) == 0 {
		o.Threads = []int{1, 2}
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	return o
}

// A gemm is one matrix product: c [M,N] of k terms.
type gemm struct {
	form    string // nn A·B, nt A·Bᵀ, tn Aᵀ·B
	m, n, k int
}

func (g gemm) String() string { return fmt.Sprintf("%s/%dx%dx%d", g.form, g.m, g.n, g.k) }

// shapes are M, N, K of the linear layers of encoders 256, 384, 768 and 1024 wide over 2,048 or 4,096 tokens.
var shapes = [][3]int{
	{4096, 256, 256},
	{4096, 1024, 256},
	{4096, 256, 1024},
	{4096, 768, 256},
	{2048, 384, 384},
	{2048, 1536, 384},
	{2048, 384, 1536},
	{4096, 768, 768},
	{2048, 1024, 1024},
}

// gemms are three products for each shape: A·B and A·Bᵀ as the forward pass and the input's gradient of a linear layer have them, and
// the weights' gradient Aᵀ·B, which sums over the M tokens.
func gemms() []gemm {
	var all []gemm
	for _, s := range shapes {
		m, n, k := s[0], s[1], s[2]
		all = append(all, gemm{"nn", m, n, k}, gemm{"nt", m, n, k}, gemm{"tn", k, n, m})
	}
	return all
}

// Kernels times matrix products against openblas or torch, in GFLOP/s.
func Kernels(ctx context.Context, o Options) (Report, error) {
	o = o.filled()
	r := Report{Machine: ThisMachine()}
	var names []string
	for _, g := range gemms() {
		names = append(names, g.String())
	}
	before := kernels.Workers()
	defer kernels.SetWorkers(before)
	for _, threads := range o.Threads {
		kernels.SetWorkers(threads)
		var peer *Peer
		if o.Peer != "" {
			var err error
			if peer, err = StartPeer(ctx, "peer_gemm.py", threads, append([]string{o.Peer, fmt.Sprint(threads)}, names...)...); err != nil {
				return r, err
			}
			r.Peer = peer.Name
		}
		for _, g := range gemms() {
			d := Duel{Name: g.String(), Threads: threads, Unit: "GFLOP/s", Amount: 2e-9 * float64(g.m) * float64(g.n) * float64(g.k), Ours: g.work(), Peer: peer, Work: g.String(), Pairs: o.Pairs}
			x, err := d.Fight(ctx)
			if err != nil {
				closePeer(peer)
				return r, err
			}
			r.add(x)
			line(o.Log, x)
		}
		closePeer(peer)
	}
	return r, nil
}

func closePeer(p *Peer) {
	if p != nil {
		p.Close()
	}
}

// work gives the product on fixed random operands.
func (g gemm) work() Work {
	a, b, c := uniform(1, g.m*g.k), uniform(2, g.n*g.k), kernels.Make[float32](g.m*g.n)
	f := map[string]func(c, a, b []float32, m, n, k int, acc bool){"nn": kernels.MatMul, "nt": kernels.MatMulNT, "tn": kernels.MatMulTN}[g.form]
	return func() error {
		f(c, a, b, g.m, g.n, g.k, false)
		if math.IsNaN(float64(c[0])) {
			return fmt.Errorf("product is NaN")
		}
		return nil
	}
}

// uniform gives n numbers between -1 and 1.
func uniform(seed uint64, n int) []float32 {
	s := random.New(random.Key(seed, "bench.operand"))
	x := kernels.Make[float32](n)
	for i := range x {
		x[i] = float32(2*s.Float64() - 1)
	}
	return x
}
