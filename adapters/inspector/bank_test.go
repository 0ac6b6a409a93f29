package inspector

import (
	"cmp"
	"context"
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

func normals(n int, key uint64) []float32 {
	s := random.New(key)
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(s.Normal())
	}
	return x
}

// TestNearest compares with a search in float64, over sizes round the width of a block.
func TestNearest(t *testing.T) {
	for _, c := range []struct{ m, n, d int }{{1, 1, 1}, {3, 5, 2}, {63, 40, 7}, {64, 100, 16}, {65, 257, 33}, {200, 50, 8}} {
		bank, x := normals(c.n*c.d, 1), normals(c.m*c.d, 2)
		b := NewBank(bank, c.d)
		at, got := make([]int32, c.m), make([]float32, c.m)
		b.Nearest(at, got, x)
		for i := range c.m {
			best, least := 0, math.Inf(1)
			for j := range c.n {
				var s float64
				for k := range c.d {
					d := float64(x[i*c.d+k]) - float64(bank[j*c.d+k])
					s += d * d
				}
				if s < least {
					best, least = j, s
				}
			}
			if int(at[i]) != best || math.Abs(float64(got[i])-math.Sqrt(least)) > 1e-6*(1+math.Sqrt(least)) {
				t.Fatalf("%+v: query %d: got %d at %g, want %d at %g", c, i, at[i], got[i], best, math.Sqrt(least))
			}
		}
	}
}

func TestNearestOfEquals(t *testing.T) {
	b := NewBank([]float32{5, 5, 1, 2, 1, 2, 9, 9}, 2)
	at, distance := make([]int32, 1), make([]float32, 1)
	b.Nearest(at, distance, []float32{1, 2})
	if at[0] != 1 || distance[0] != 0 {
		t.Errorf("got %d at %g, want the first equal, 1, at 0", at[0], distance[0])
	}
}

// TestWeight compares with equation 7 of the paper in float64.
func TestWeight(t *testing.T) {
	const n, d = 60, 5
	bank := normals(n*d, 3)
	b := NewBank(bank, d)
	dist := func(x, y []float32) float64 { return float64(distance(x, y)) }
	for q := range 20 {
		x := normals(d, uint64(100+q))
		at, nearest := make([]int32, 1), make([]float32, 1)
		b.Nearest(at, nearest, x)
		m := int(at[0])
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(dist(b.row(m), b.row(i)), dist(b.row(m), b.row(j))) })
		for _, count := range []int{2, 3, 9, n, n + 5} {
			var sum float64
			for _, i := range order[:min(count, n)] {
				sum += math.Exp(dist(x, b.row(i)))
			}
			want := 1 - math.Exp(dist(x, b.row(m)))/sum
			if got := b.weight(x, m, count); math.Abs(float64(got)-want) > 1e-5 {
				t.Errorf("query %d, %d neighbours: got %g, want %g", q, count, got, want)
			}
		}
		for _, count := range []int{0, 1} {
			if got := b.weight(x, m, count); got != 1 {
				t.Errorf("%d neighbours: got %g, want 1", count, got)
			}
		}
	}
	for i := range bank {
		bank[i] *= 1000 // the exponentials of such distances are infinite
	}
	wide := NewBank(bank, d)
	if w := wide.weight(wide.row(7), 7, 9); w != 1 {
		t.Errorf("a wide bank: got %g, want 1", w)
	}
}

// TestCoresetCovers: greedy k-center is at most twice as far as the best k centres, and clusters that are far apart all get one.
func TestCoresetCovers(t *testing.T) {
	const clusters, each, d = 30, 40, 12
	x := normals(clusters*each*d, 4)
	for i := range x {
		x[i] = x[i]*0.01 + 10*float32(random.Mix(5, uint64(i/(each*d)*d+i%d))>>40)/(1<<24)
	}
	for _, projection := range []int{0, 8} {
		picked, err := coreset(context.Background(), x, clusters*each, d, clusters, projection, 7)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int32]bool{}
		for _, i := range picked {
			seen[i/each] = true
		}
		if len(seen) != clusters {
			t.Errorf("projection %d: %d of %d clusters are covered", projection, len(seen), clusters)
		}
	}
}

// TestCoresetGreedy compares every choice with a search in float64, across the border of a chunk.
func TestCoresetGreedy(t *testing.T) {
	const n, d, k = chunk + 300, 6, 25
	x := normals(n*d, 6)
	picked, err := coreset(context.Background(), x, n, d, k, 0, 3)
	if err != nil || len(picked) != k {
		t.Fatal(len(picked), err)
	}
	nearest := make([]float64, n)
	for i := range nearest {
		nearest[i] = math.Inf(1)
	}
	for step, c := range picked {
		if step > 0 {
			most := slices.Max(nearest)
			if nearest[c] < most-1e-4 {
				t.Fatalf("choice %d is %g away, want %g", step, nearest[c], most)
			}
		}
		for i := range n {
			nearest[i] = min(nearest[i], math.Pow(float64(distance(x[i*d:(i+1)*d], x[int(c)*d:int(c+1)*d])), 2))
		}
	}
}

func TestCoresetOfEquals(t *testing.T) {
	const n, d = 60, 100
	x := normals(n*d, 1)
	for i := 12 * d; i < len(x); i++ {
		x[i] = x[i-12*d]
	}
	for _, projection := range []int{0, 30} {
		picked, err := coreset(context.Background(), x, n, d, 20, projection, 1)
		if err != nil || len(picked) != 12 {
			t.Errorf("twelve different rows, projection %d: got %v, %v", projection, picked, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := coreset(ctx, x, n, d, 20, 0, 1); err == nil {
		t.Error("cancelled: no error")
	}
}

func TestBankSameForAnyWorkers(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	const n, d = 3000, 24
	x, q := normals(n*d, 8), normals(100*d, 9)
	var want []float32
	var wantPicked []int32
	for _, workers := range []int{1, 2, 5} {
		kernels.SetWorkers(workers)
		picked, err := coreset(context.Background(), x, n, d, 200, 16, 1)
		if err != nil {
			t.Fatal(err)
		}
		vectors := make([]float32, len(picked)*d)
		kernels.Gather(vectors, x, picked, d)
		b := NewBank(vectors, d)
		at, got := make([]int32, 100), make([]float32, 100)
		b.Nearest(at, got, q)
		got = append(got, b.weight(q[:d], int(at[0]), 9))
		if want == nil {
			want, wantPicked = got, picked
		} else if !slices.Equal(got, want) || !slices.Equal(picked, wantPicked) {
			t.Errorf("%d workers: other bits", workers)
		}
	}
}

func TestNearestMakesNoGarbage(t *testing.T) {
	if raceEnabled {
		t.Skip("pools drop at random under the race detector")
	}
	const m, n, d = 100, 500, 16
	b := NewBank(normals(n*d, 1), d)
	x, at, distance := normals(m*d, 2), make([]int32, m), make([]float32, m)
	b.Nearest(at, distance, x)
	// A collection of garbage may empty the pool.
	if a := testing.AllocsPerRun(50, func() { b.Nearest(at, distance, x); b.weight(x[:d], int(at[0]), 9) }); a >= 1 {
		t.Errorf("got %g allocations a call, want none", a)
	}
}

func BenchmarkNearest(b *testing.B) {
	const m, n, d = 196, 4000, 192
	bank := NewBank(normals(n*d, 1), d)
	x, at, distance := normals(m*d, 2), make([]int32, m), make([]float32, m)
	b.SetBytes(m * d * 4)
	b.ReportAllocs()
	for b.Loop() {
		bank.Nearest(at, distance, x)
	}
}

func BenchmarkCoreset(b *testing.B) {
	const n, d = 20000, 192
	x := normals(n*d, 1)
	for b.Loop() {
		if _, err := coreset(context.Background(), x, n, d, 200, 64, 1); err != nil {
			b.Fatal(err)
		}
	}
}
