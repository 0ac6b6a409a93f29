package search

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// grid gives n vectors of few different values, so that many scores are equal.
func grid(n, d int, seed uint64) []float32 {
	r := random.New(seed)
	x := make([]float32, n*d)
	for i := range x {
		x[i] = float32(r.IntN(3) - 1)
	}
	return x
}

// TestScan compares with sorting all scores, for sizes around those of the blocks.
func TestScan(t *testing.T) {
	const d = 7
	for _, n := range []int{1, 2, 15, 17, scanRows - 1, scanRows, scanRows + 1, 2*scanRows + 5} {
		for _, m := range []int{1, 3, scanQueries, scanQueries + 1} {
			x, q := grid(n, d, 1), grid(m, d, 2)
			var want [][]ranked
			for j := range m {
				var all []ranked
				for i := range n {
					var s float32
					for p := range d {
						s += x[i*d+p] * q[j*d+p] // small integers: exact
					}
					all = append(all, ranked{s, i})
				}
				slices.SortFunc(all, ranked.after)
				want = append(want, all)
			}
			for _, k := range []int{1, 10, n, n + 5} {
				got, err := scan(context.Background(), pack(nil, x, d), q, d, k)
				if err != nil {
					t.Fatal(err)
				}
				for j := range m {
					if !slices.Equal(got[j], want[j][:min(k, n)]) {
						t.Fatalf("n %d, queries %d, k %d: query %d: got %v, want %v", n, m, k, j, got[j][:1], want[j][:1])
					}
				}
			}
		}
	}
}

// TestScanSameBits holds that neither workers nor company change a score.
func TestScanSameBits(t *testing.T) {
	const n, d, m = 3000, 33, 20
	r := random.New(5)
	x, q := make([]float32, n*d), make([]float32, m*d)
	for _, v := range [][]float32{x, q} {
		for i := range v {
			v[i] = float32(r.Float64() - 0.5)
		}
	}
	blocks := pack(nil, x, d)
	want, err := scan(context.Background(), blocks, q, d, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer kernels.SetWorkers(0)
	for _, workers := range []int{1, 2, 3} {
		kernels.SetWorkers(workers)
		for j := range m {
			got, err := scan(context.Background(), blocks, q[j*d:(j+1)*d], d, 10)
			if err != nil {
				t.Fatal(err)
			}
			for i, h := range got[0] {
				if h.at != want[j][i].at || math.Float32bits(h.score) != math.Float32bits(want[j][i].score) {
					t.Fatalf("%d workers, query %d alone: got %v, want %v", workers, j, h, want[j][i])
				}
			}
		}
	}
}

func TestScanStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := scan(ctx, pack(nil, make([]float32, 10), 2), make([]float32, 2), 2, 1); err == nil {
		t.Error("a context that has ended is not seen")
	}
}

// BenchmarkScan is beside numpy in cmd/bench/peer_search.py.
func BenchmarkScan(b *testing.B) {
	const n, d = 100_000, 384
	x := make([]float32, n*d)
	for i := range x {
		x[i] = float32(i%1009) / 1009
	}
	kernels.SetWorkers(1)
	defer kernels.SetWorkers(0)
	blocks := pack(nil, x, d)
	for _, queries := range []int{1, 16} {
		b.Run(fmt.Sprint("queries ", queries), func(b *testing.B) {
			for b.Loop() {
				if _, err := scan(context.Background(), blocks, x[:queries*d], d, 10); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "vectors/s")
		})
	}
}
