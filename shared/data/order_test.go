package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
)

func TestOrderIsAPermutation(t *testing.T) {
	for _, n := range []int64{1, 2, 3, 4, 5, 16, 17, 255, 256, 257, 1000, 4097} {
		for epoch := range int64(3) {
			o := NewOrder(n, 9, epoch)
			seen := make([]bool, n)
			for i := range n {
				x := o.At(i)
				if x < 0 || x >= n || seen[x] {
					t.Fatalf("n %d, epoch %d: entry %d is %d", n, epoch, i, x)
				}
				seen[x] = true
			}
		}
	}
	big := NewOrder(1<<40+3, 1, 0)
	if x := big.At(1 << 40); x < 0 || x > 1<<40+2 {
		t.Errorf("entry of a large order: %d", x)
	}
}

// TestOrderIsShuffled: the place of every item is spread evenly over many seeds.
func TestOrderIsShuffled(t *testing.T) {
	const n, seeds = 10, 20000
	var count [n][n]float64
	for seed := range uint64(seeds) {
		o := NewOrder(n, seed, 0)
		for i := range int64(n) {
			count[i][o.At(i)]++
		}
	}
	want := float64(seeds) / n
	for i := range count {
		for j, c := range count[i] {
			if math.Abs(c-want) > 5.5*math.Sqrt(want) { // 5.5 standard deviations
				t.Errorf("entry %d is %d in %g of %d, want %g", i, j, c, seeds, want)
			}
		}
	}
}

// TestBatch: every sample once an epoch, epochs in different orders, each step alone equal to the run.
func TestBatch(t *testing.T) {
	const n, batch = 23, 5
	var run []int64
	for step := range int64(23) { // five epochs
		run = append(run, Batch(nil, n, batch, 3, step)...)
	}
	var epochs []string
	for e := range 5 {
		epoch := slices.Clone(run[e*n : (e+1)*n])
		epochs = append(epochs, fmt.Sprint(epoch))
		slices.Sort(epoch)
		for i, x := range epoch {
			if x != int64(i) {
				t.Fatalf("epoch %d holds %v", e, epoch)
			}
		}
	}
	slices.Sort(epochs)
	if len(slices.Compact(epochs)) != 5 {
		t.Error("two epochs have the same order")
	}
	if got := Batch(make([]int64, 99), n, batch, 3, 7); !slices.Equal(got, run[35:40]) {
		t.Errorf("step 7 alone: %v, want %v", got, run[35:40])
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		n        int
		fraction float64
		held     int
	}{{10, 0.1, 1}, {100, 0.25, 25}, {3, 0.01, 1}, {2, 0.99, 1}, {1, 0.5, 1}, {0, 0.5, 0}, {5, 0, 0}, {5, 1, 5}} {
		train, held := Split(c.n, c.fraction, 1)
		if c.n == 1 {
			c.held = len(held) // either side
		}
		checkSplit(t, c.n, train, held)
		if len(held) != c.held {
			t.Errorf("%d of %d held back, want %d", len(held), c.n, c.held)
		}
	}
	_, a := Split(1000, 0.1, 1)
	_, b := Split(1000, 0.1, 1)
	_, c := Split(1000, 0.1, 2)
	if !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Error("a split isn't a function of its seed")
	}
}

// checkSplit: every index on just one side, in order.
func checkSplit(t *testing.T, n int, train, held []int) {
	t.Helper()
	all := slices.Concat(train, held)
	slices.Sort(all)
	if len(all) != n || !slices.IsSorted(train) || !slices.IsSorted(held) {
		t.Fatalf("%d items: %v and %v", n, train, held)
	}
	for i, x := range all {
		if x != i {
			t.Fatalf("%d items: %v and %v", n, train, held)
		}
	}
}

func TestSplitGroups(t *testing.T) {
	var groups []string
	for i := range 200 {
		groups = append(groups, fmt.Sprint("g", i*i%37))
	}
	train, held := SplitGroups(groups, 0.3, 5)
	checkSplit(t, len(groups), train, held)
	side := map[string]bool{}
	for _, i := range train {
		side[groups[i]] = true
	}
	for _, i := range held {
		if side[groups[i]] {
			t.Fatalf("group %s is on both sides", groups[i])
		}
	}
	if len(held) == 0 {
		t.Error("nothing held back")
	}
}

func TestSplitStratified(t *testing.T) {
	var labels []string
	for i := range 300 {
		labels = append(labels, []string{"a", "a", "b"}[i%3])
	}
	labels = append(labels, "lonely")
	train, held := SplitStratified(labels, 0.2, 1)
	checkSplit(t, len(labels), train, held)
	count := map[string]int{}
	for _, i := range held {
		count[labels[i]]++
	}
	if count["a"] != 40 || count["b"] != 20 || count["lonely"] != 0 {
		t.Errorf("held back %v", count)
	}
}

func TestShots(t *testing.T) {
	var labels []string
	for i := range 100 {
		labels = append(labels, []string{"b", "a", "a"}[i%3])
	}
	three, err := Shots(labels, 3, 1)
	if err != nil || len(three) != 6 || !slices.IsSorted(three) {
		t.Fatal(three, err)
	}
	four, err := Shots(labels, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, i := range three {
		count[labels[i]]++
		if !slices.Contains(four, i) {
			t.Errorf("shot %d of three is not among the four", i)
		}
	}
	if count["a"] != 3 || count["b"] != 3 {
		t.Errorf("picked %v", count)
	}
	if other, _ := Shots(labels, 3, 2); slices.Equal(three, other) {
		t.Error("another seed gives the same shots")
	}
	if _, err := Shots(labels, 35, 1); !errors.Is(err, ErrTooFewShots) {
		t.Errorf("35 of 34: %v", err)
	}
	if _, err := Shots([]string{}, 1, 1); !errors.Is(err, ErrEmpty) {
		t.Errorf("no labels: %v", err)
	}
	if _, err := Shots(labels, 0, 1); err == nil {
		t.Error("took 0 shots")
	}
}

// TestBuckets: every index once, batches full, padding within its bound, a function of seed and epoch alone.
func TestBuckets(t *testing.T) {
	for _, c := range []struct{ n, batch int }{{0, 4}, {1, 4}, {4, 4}, {5, 4}, {257, 16}, {1000, 7}, {50, 100}, {10, 1}} {
		lengths := make([]int32, c.n)
		for i := range lengths {
			lengths[i] = int32(1 + i*i*7919%200)
		}
		batches := Buckets(lengths, c.batch, 1, 2)
		seen := make([]bool, c.n)
		short := 0
		var padding int
		low, high := int32(math.MaxInt32), int32(0)
		for _, b := range batches {
			if len(b) != c.batch {
				short++
			}
			longest := int32(0)
			for _, i := range b {
				if seen[i] {
					t.Fatalf("index %d twice", i)
				}
				seen[i] = true
				longest = max(longest, lengths[i])
			}
			for _, i := range b {
				padding += int(longest - lengths[i])
				up := (lengths[i] + BucketStep - 1) / BucketStep * BucketStep
				low, high = min(low, up), max(high, up)
			}
		}
		if slices.Contains(seen, false) || short > 1 {
			t.Errorf("%d of %d: not every index, or %d short batches", c.n, c.batch, short)
		}
		if bound := c.n*(BucketStep-1) + c.batch*int(max(high-low, 0)); padding > bound {
			t.Errorf("%d of %d: padding %d, want at most %d", c.n, c.batch, padding, bound)
		}
		if !slices.EqualFunc(batches, Buckets(lengths, c.batch, 1, 2), slices.Equal) {
			t.Error("not a function of its arguments")
		}
		if c.n > 200 && slices.EqualFunc(batches, Buckets(lengths, c.batch, 1, 3), slices.Equal) {
			t.Error("two epochs are the same")
		}
	}
}

func BenchmarkOrder(b *testing.B) {
	o := NewOrder(1_000_003, 1, 0)
	for i := range b.N {
		o.At(int64(i) % 1_000_003)
	}
}
