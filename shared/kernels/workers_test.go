package kernels

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// counting counts how often each part runs.
type counting struct {
	parts [64]atomic.Int32
	then  func(part int)
}

func (c *counting) Run(part int) {
	c.parts[part].Add(1)
	if c.then != nil {
		c.then(part)
	}
}

func (c *counting) check(t *testing.T, parts, times int) {
	t.Helper()
	for i := range c.parts {
		want := int32(times)
		if i >= parts {
			want = 0
		}
		if got := c.parts[i].Load(); got != want {
			t.Fatalf("part %d ran %d times, want %d", i, got, want)
		}
	}
}

func setWorkers(t *testing.T, n int) {
	t.Helper()
	was := Workers()
	SetWorkers(n)
	t.Cleanup(func() { SetWorkers(was) })
}

func TestParallelRunsEveryPartOnce(t *testing.T) {
	for _, n := range []int{1, 2, 5, 40} {
		setWorkers(t, n)
		if Workers() != n {
			t.Fatalf("Workers: got %d, want %d", Workers(), n)
		}
		for _, parts := range []int{0, 1, 2, 3, 64} {
			var c counting
			for range 200 {
				Parallel(parts, &c)
			}
			c.check(t, parts, 200)
		}
	}
}

func TestParallelAfterParking(t *testing.T) {
	setWorkers(t, 3)
	for range 20 {
		var c counting
		Parallel(64, &c)
		c.check(t, 64, 1)
		time.Sleep(2 * time.Millisecond) // long enough for the workers to park
	}
}

func TestParallelNested(t *testing.T) {
	setWorkers(t, 4)
	var inner counting
	outer := counting{then: func(int) { Parallel(64, &inner) }}
	Parallel(64, &outer)
	outer.check(t, 64, 1)
	inner.check(t, 64, 64)
}

func TestParallelConcurrent(t *testing.T) {
	setWorkers(t, 4)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var c counting
			for range 100 {
				Parallel(64, &c)
			}
			c.check(t, 64, 100)
		})
	}
	wg.Wait()
}

// TestParallelWaiting has every part wait for all lower ones, as a product waits for its packing.
func TestParallelWaiting(t *testing.T) {
	for _, procs := range []int{1, 2} {
		was := runtime.GOMAXPROCS(procs)
		setWorkers(t, 5)
		for range 50 {
			var done atomic.Int64
			c := counting{then: func(part int) {
				for spin := 0; done.Load() < int64(part); spin++ {
					pause(spin)
				}
				done.Add(1)
			}}
			Parallel(64, &c)
			c.check(t, 64, 1)
		}
		runtime.GOMAXPROCS(was)
	}
}

func TestParallelPanic(t *testing.T) {
	for _, n := range []int{1, 2, 5} {
		setWorkers(t, n)
		for _, bad := range []int{0, 1, 63} {
			func() {
				defer func() {
					if got := recover(); got != "part fails" {
						t.Errorf("recovered %v, want the panic of the part", got)
					}
				}()
				c := counting{then: func(part int) {
					if part == bad {
						panic("part fails")
					}
				}}
				Parallel(64, &c)
				t.Error("Parallel returned")
			}()
			var c counting
			Parallel(64, &c)
			c.check(t, 64, 1)
		}
	}
}

func TestSetWorkersEndsGoroutines(t *testing.T) {
	setWorkers(t, 1)
	before := runtime.NumGoroutine()
	SetWorkers(7)
	var c counting
	Parallel(64, &c)
	SetWorkers(1)
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines are left, want %d", after, before)
	}
	SetWorkers(0)
	if got, want := Workers(), runtime.GOMAXPROCS(0); got != want {
		t.Errorf("Workers after SetWorkers(0): got %d, want %d", got, want)
	}
}

func TestMatMulAllocatesNothing(t *testing.T) {
	setWorkers(t, 2)
	p := newProduct(64, 80, 70)
	c, packed := make([]float32, 64*80), PackNT(p.bt, 80, 70)
	got := testing.AllocsPerRun(20, func() {
		MatMul(c, p.a, p.b, 64, 80, 70, false)
		MatMulNTBias(c, p.a, p.bt, p.bias, 64, 80, 70)
		MatMulTN(c, p.at, p.b, 64, 80, 70, true)
		packed.MatMulBias(c, p.a, p.bias, 64)
	})
	if got > 0 {
		t.Errorf("got %v allocations a run, want 0", got)
	}
}

// BenchmarkParallel times an empty call: what it costs to hand work out.
func BenchmarkParallel(b *testing.B) {
	var c nothing
	for b.Loop() {
		Parallel(2*Workers(), &c)
	}
}

type nothing struct{}

func (*nothing) Run(int) {}

// A worker that a part ends must not leave the call looking complete, nor the crew smaller.
func TestParallelGoexit(t *testing.T) {
	setWorkers(t, 2)
	started := make(chan struct{})
	var caught any
	var exited atomic.Bool
	c := counting{then: func(int) {
		if strings.Contains(stack(), ".serve(") {
			exited.Store(true)
			close(started)
			runtime.Goexit()
		}
		<-started
	}}
	func() {
		defer func() { caught = recover() }()
		Parallel(2, &c)
	}()
	if !exited.Load() || caught == nil {
		t.Fatalf("a worker ended: %v, caught %v; want a panic", exited.Load(), caught)
	}
	both := make(chan struct{})
	var in atomic.Int32
	again := counting{then: func(int) { // needs two goroutines at once
		if in.Add(1) == 2 {
			close(both)
		}
		<-both
	}}
	Parallel(2, &again)
	again.check(t, 2, 1)
}

func stack() string {
	b := make([]byte, 4096)
	return string(b[:runtime.Stack(b, false)])
}
