package kernels

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A Task is work in numbered parts that may run at the same time on several workers.
//
// Parts are handed out in ascending order, so a part may wait for a lower-numbered one. An implementation on a pointer
// costs no allocation per call.
type Task interface {
	Run(part int)
}

// SetWorkers sets how many workers Parallel shares work among, the caller included; n < 1 means one per processor.
// It waits for a call in flight, so a Task must not call it. With n = 1 no goroutine stays behind.
// No result depends on the number of workers.
func SetWorkers(n int) {
	if n < 1 {
		n = runtime.GOMAXPROCS(0)
	}
	crew.resize(n)
}

// Workers returns the number of workers, at first runtime.GOMAXPROCS.
func Workers() int { return int(crew.size.Load()) }

// Parallel runs t.Run(0) ... t.Run(parts-1) on the workers and returns when all are done. When the workers are busy
// with another call (a concurrent or a nested one), the caller runs all parts itself, in order.
// A panic in a part reaches the caller of Parallel, parts not yet begun are dropped. A part that ends a worker's goroutine
// with runtime.Goexit counts as a panic.
func Parallel(parts int, t Task) {
	if parts <= 1 || crew.size.Load() <= 1 || !crew.busy.TryLock() {
		for i := range parts {
			t.Run(i)
		}
		return
	}
	crew.run(parts, t)
}

// crew is the process-wide set of workers.
var crew = newWorkers(runtime.GOMAXPROCS(0))

// workers is a set of goroutines that stay alive between calls. A worker that has no work watches epoch for a short
// while, for the next kernel of a network usually follows at once, and then parks on wake.
//
// A call is open from its start until its parts are handed out. A worker enters by raising active and then looking at
// open; the caller closes the call and then waits until active is zero, so no worker can still hold the call's fields
// when the next call sets them. A worker that is parked, or slow to wake, is not waited for.
type workers struct {
	busy    sync.Mutex // held by the call in flight
	size    atomic.Int32
	started int // goroutines alive, under busy
	stop    atomic.Bool
	stopped sync.WaitGroup
	wake    chan struct{}

	task  Task
	parts int64
	fault fault

	_      [64]byte
	epoch  atomic.Uint32
	open   atomic.Bool
	parked atomic.Int32
	_      [64]byte
	active atomic.Int32
	_      [64]byte
	next   atomic.Int64
	_      [64]byte
}

// fault is the first panic of a call.
type fault struct {
	sync.Mutex
	set   bool
	value any
}

const (
	maxWorkers = 1024
	spinRounds = 600 // some 50 us of watching before a worker parks

	// longWait is the round of a wait from which its goroutine sleeps between rounds: the operating system has most likely
	// taken the core from the worker that is waited for, and gets this one.
	longWait = 4096
)

func newWorkers(n int) *workers {
	w := &workers{wake: make(chan struct{}, maxWorkers)}
	w.size.Store(int32(min(n, maxWorkers)))
	return w
}

// resize ends every goroutine; the next call starts as many as it needs.
func (w *workers) resize(n int) {
	w.busy.Lock()
	defer w.busy.Unlock()
	w.stop.Store(true)
	w.epoch.Add(1)
	for range w.started {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
	w.stopped.Wait()
	w.started = 0
	w.stop.Store(false)
	for len(w.wake) > 0 {
		<-w.wake
	}
	w.size.Store(int32(min(n, maxWorkers)))
}

// run is Parallel with busy held; it releases it.
func (w *workers) run(parts int, t Task) {
	for w.started < int(w.size.Load())-1 {
		w.started++
		w.stopped.Add(1)
		go w.serve(w.epoch.Load())
	}
	w.task, w.parts = t, int64(parts)
	w.next.Store(0)
	w.open.Store(true)
	w.epoch.Add(1)
	for range min(int(w.parked.Load()), parts-1) {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
	defer w.finish()
	w.work(nil)
}

// finish closes the call, waits for the workers inside it and passes a panic on.
func (w *workers) finish() {
	w.open.Store(false)
	for spin := 0; w.active.Load() != 0; spin++ {
		pause(spin)
	}
	w.task = nil
	failed, value := w.fault.set, w.fault.value
	w.fault.set, w.fault.value = false, nil
	w.busy.Unlock()
	if failed {
		panic(value)
	}
}

// work runs parts of the open call until none is left. When a part ends the goroutine the call fails with exit, if that
// isn't nil.
func (w *workers) work(exit any) {
	done := false
	defer func() {
		if done {
			return
		}
		value := recover()
		if value == nil {
			value = exit
		}
		w.fail(value)
	}()
	t, parts := w.task, w.parts
	for {
		i := w.next.Add(1) - 1
		if i >= parts {
			done = true
			return
		}
		t.Run(int(i))
	}
}

// fail keeps the first panic and drops the parts that are left.
func (w *workers) fail(value any) {
	w.next.Store(1 << 62)
	w.fault.Lock()
	defer w.fault.Unlock()
	if !w.fault.set && value != nil {
		w.fault.set, w.fault.value = true, value
	}
}

// serve is the life of one worker.
func (w *workers) serve(seen uint32) {
	ended := false
	defer func() {
		if !ended { // by a part: another goroutine takes over
			go w.serve(seen)
			return
		}
		w.stopped.Done()
	}()
	for {
		seen = w.await(seen)
		if w.stop.Load() {
			ended = true
			return
		}
		w.enter()
	}
}

// enter takes part in the call in flight, if there is one.
func (w *workers) enter() {
	w.active.Add(1)
	defer w.active.Add(-1)
	if w.open.Load() {
		w.work("kernels: a part ended its goroutine")
	}
}

// await returns the epoch when it is another than seen, after a short watch or a long sleep.
func (w *workers) await(seen uint32) uint32 {
	for spin := range spinRounds {
		if e := w.epoch.Load(); e != seen {
			return e
		}
		pause(spin)
	}
	w.parked.Add(1)
	for w.epoch.Load() == seen {
		<-w.wake
	}
	w.parked.Add(-1)
	return w.epoch.Load()
}

// pause passes a little time in round number spin of a wait; now and then it lets other goroutines run, and in a long wait
// other processes.
func pause(spin int) {
	if spin%16 == 15 {
		if spin >= longWait {
			time.Sleep(20 * time.Microsecond)
		} else {
			runtime.Gosched()
		}
		return
	}
	relax()
}
