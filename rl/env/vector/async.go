package vector

import (
	"sync"

	"github.com/fmkit/fmkit/rl/env"
)

// An Async is any environments that step at the same time, each in a goroutine that ends with the step: Gymnasium's AsyncVectorEnv. It
// gives what Sync gives, bit for bit, and is worth its goroutines where a step waits for something outside, such as another process.
type Async struct{ Sync }

// NewAsync makes n environments with the constructor, which is called from several goroutines at once.
func NewAsync(constructor env.Constructor, n int, mode Autoreset) (*Async, error) {
	a := &Async{}
	if err := a.make(constructor, n, mode, atOnce); err != nil {
		return nil, err
	}
	return a, nil
}

// inTurn calls f with 0 ... n-1 up to the first error.
func inTurn(n int, f func(i int) error) error {
	for i := range n {
		if err := f(i); err != nil {
			return err
		}
	}
	return nil
}

// atOnce calls f with 0 ... n-1 side by side, waits for all and gives the first error in order of i.
func atOnce(n int, f func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = f(i) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
