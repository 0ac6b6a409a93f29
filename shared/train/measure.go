package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// MeasureSteps returns how many steps of c fit into budget on this machine: it times a few whole steps, then puts the
// weights back to the bit. The caller stores the number in Config.Steps before Run, so that the recipe holds
// steps and not minutes. It measures for at most a twentieth of the budget, at least three steps; evaluation and saving
// are not counted.
func MeasureSteps[B any](ctx context.Context, c Config, t Task[B], budget time.Duration, now func() time.Time) (steps int, err error) {
	if now == nil {
		now = time.Now
	}
	if err := c.Validate(); err != nil {
		return 0, err
	}
	r, err := start(c, t, Options{Now: now})
	if err != nil {
		return 0, err
	}
	before := make([][]float32, len(r.params))
	for i, p := range r.params {
		before[i] = slices.Clone(p.Value)
	}
	defer func() {
		for i, p := range r.params {
			copy(p.Value, before[i])
			clear(p.Grad)
		}
	}()
	batches := prefetch(t, 0, c)
	defer batches.stop()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("train: measure: panic: %v", v)
		}
	}()
	begin := now()
	var timed time.Time // after the first step, which allocates
	n := 0
	for ; n < c.Steps && (n < 4 || now().Sub(begin) < budget/20); n++ {
		if n == 1 {
			timed = now()
		}
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("%w while measuring", ErrStopped)
		}
		if err := r.step(ctx, batches); err != nil {
			return 0, err
		}
	}
	if n < 2 {
		return c.Steps, nil
	}
	end := now()
	each := end.Sub(timed) / time.Duration(n-1)
	if each <= 0 {
		return 0, fmt.Errorf("train: measure: the clock stands still")
	}
	return max(1, int((budget-end.Sub(begin))/each)), nil
}

// FitMinutes returns c with as many steps as fit into the minutes, and the same share of warm-up: those of the run in o.Dir where o.Resume goes on with
// one, else by MeasureSteps.
func FitMinutes[B any](ctx context.Context, c Config, t Task[B], minutes float64, o Options) (Config, error) {
	if o.Resume {
		was, err := recordedConfig(o.Dir)
		if err == nil {
			c.Steps, c.Warmup = was.Steps, was.Warmup
		}
		if !errors.Is(err, os.ErrNotExist) {
			return c, err
		}
	}
	if o.Log != nil {
		fmt.Fprintf(o.Log, "measuring how many steps fit into %g minutes\n", minutes)
	}
	measured := c
	measured.Steps = 1 << 30
	steps, err := MeasureSteps(ctx, measured, t, time.Duration(minutes*float64(time.Minute)), o.Now)
	if err != nil {
		return c, err
	}
	return c.WithSteps(steps), nil
}
